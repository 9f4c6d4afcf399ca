;; A loop without end after the answer: in the function by which a host says that it has read it.
(func (export "cabi_post_audit:pipeline/source@0.1.0#describe") (param i32) (loop $again (br $again)))
(data (i32.const 1024) "late0.1.0{}")
(func $attack (result i32)
    ;; The description: name, version, schema, no secrets.
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4))
    (i32.store (i32.const 8) (i32.const 1028)) (i32.store (i32.const 12) (i32.const 5))
    (i32.store (i32.const 16) (i32.const 1033)) (i32.store (i32.const 20) (i32.const 2))
    (i32.store (i32.const 24) (i32.const 0)) (i32.store (i32.const 28) (i32.const 0))
    (i32.const 0))
