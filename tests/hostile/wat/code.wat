;; Code of the host's choosing, to be instantiated inside.
(component (import "plugin" (core module)))
