;; A table that grows until it is refused, and then falls over as one would that cannot go on.
(table $bomb 1 funcref)
(func $attack (result i32)
    (loop $again
        (br_if $again (i32.ne (table.grow $bomb (ref.null func) (i32.const 1000)) (i32.const -1))))
    unreachable)
