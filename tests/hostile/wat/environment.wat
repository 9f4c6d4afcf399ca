;; Asks for the environment, where secrets are.
(component
    (import "wasi:cli/environment@0.2.12" (instance (export "get-environment" (func (result (list (tuple string string))))))))
