//! One run at a time.

use super::world::World;
use crate::{exit::Exit, lease::LENGTH};

fn lock(until: u64) -> Vec<u8> {
    format!("{{\"run\":\"other\",\"until\":{until}}}").into_bytes()
}

#[test]
fn a_second_run_says_so_and_touches_nothing() {
    let world = World::new();
    world.happen(&["a"]);
    let now = world.inner.borrow().now;
    world.inner.borrow_mut().files.write("state/lock", lock(now + 5000));
    assert_eq!(world.run(), Exit::Left);
    assert!(world.said().contains("another run works in state, or one was killed there: try again in 5 s"), "{}", world.said());
    assert_eq!(world.inner.borrow().files.list("state"), ["lock"]);
    world.pass(5000);
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.file("lock"), None);
}

#[test]
fn half_a_lock_and_one_from_a_clock_that_was_ahead_hold_nobody_up() {
    let world = World::new();
    let now = world.inner.borrow().now;
    for left in [b"{\"run\":".to_vec(), Vec::new(), lock(now + 10 * LENGTH)] {
        world.inner.borrow_mut().files.write("state/lock", left);
        assert_eq!(world.run(), Exit::Done, "{}", world.said());
    }
}

#[test]
fn a_run_that_was_overtaken_writes_nothing() {
    let world = World::new();
    world.happen(&["a"]);
    let now = world.inner.borrow().now;
    world.inner.borrow_mut().intruder = Some(lock(now + 5000));
    assert_eq!(world.run(), Exit::Left);
    assert_eq!(world.lines(), [""; 0]);
    assert!(world.said().contains("another run took over"), "{}", world.said());
    assert!(world.file("lock").unwrap().contains("other"), "the other's lock stays");
}
