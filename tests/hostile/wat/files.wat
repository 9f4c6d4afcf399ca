;; Asks for the folders of the host.
(component
    (import "wasi:filesystem/preopens@0.2.12" (instance (export "get-directories" (func (result u32))))))
