;; An interface that only begins like one that is offered.
(component
    (import "wasi:http/types-and-more@0.2.12" (instance (export "anything" (func (result u64))))))
