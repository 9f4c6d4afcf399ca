;; Asks for randomness.
(component
    (import "wasi:random/random@0.2.12" (instance (export "get-random-u64" (func (result u64))))))
