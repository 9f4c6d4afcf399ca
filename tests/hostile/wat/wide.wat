;; More memory from the start than a call may have.
(memory (export "memory") 1025)
(func $attack (result i32) unreachable)
