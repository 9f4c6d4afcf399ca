;; Asks for the resolver: a name that is looked up tells somebody something.
(component
    (import "wasi:sockets/ip-name-lookup@0.2.12" (instance (export "resolve-addresses" (func (param "name" string) (result u32))))))
