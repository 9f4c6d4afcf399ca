;; A function that no version of an offered interface has.
(component
    (import "wasi:io/error@0.2.12" (instance (export "leak" (func (result u64))))))
