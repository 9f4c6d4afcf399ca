;; A loop without end before the first call: in the start function, which runs while the instance is made.
(func $run (loop $again (br $again)))
(start $run)
(func $attack (result i32) unreachable)
