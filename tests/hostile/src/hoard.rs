//! Taking the host's processor and memory.

use std::hint::black_box;

use crate::plan::Plan;

/// Computes and never ends.
pub fn run_for_ever() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Takes memory until there is none, touching all of it.
pub fn take_all_memory() -> ! {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(black_box(vec![1; 1 << 20]));
    }
}

/// A bug, or made to look like one.
pub fn trap() -> ! {
    std::process::abort()
}

/// What any export may do instead of answering. Returns where the plan is another one.
pub fn instead_of_answering(plan: &Plan) {
    match plan.attack.as_str() {
        "loop" => run_for_ever(),
        "memory" => take_all_memory(),
        "trap" => trap(),
        _ => {}
    }
}
