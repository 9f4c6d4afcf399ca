;; Memory that threads share, which no limit of a call counts.
(component (core module (memory 1 65536 shared)))
