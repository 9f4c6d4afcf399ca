;; Asks for the network itself, past `wasi:http`.
(component
    (import "wasi:sockets/instance-network@0.2.12" (instance (export "instance-network" (func (result u32))))))
