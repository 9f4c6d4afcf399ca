;; A table that is larger from the start than a call may have.
(table $bomb 20001 funcref)
(func $attack (result i32) unreachable)
