;; A function beside all interfaces.
(component (import "exec" (func (param "command" string))))
