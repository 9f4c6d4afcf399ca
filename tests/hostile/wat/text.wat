;; A name that is no UTF-8.
(data (i32.const 1024) "\ff\fe\fd")
(func $attack (result i32)
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 3))
    (i32.const 0))
