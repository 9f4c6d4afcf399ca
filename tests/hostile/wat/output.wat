;; Asks for the host's standard output.
(component
    (import "wasi:cli/stdout@0.2.12" (instance (export "r" (type (sub resource))))))
