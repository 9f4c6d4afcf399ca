//! A disk that is full, at whichever write it is: the call did nothing and may be repeated by the same process (I3, I8). Once there is
//! room again, everything goes on as if nothing had been.

use miro_source::{
    model::Lane,
    store::{Store as _, StoreErrorKind},
};
use powerloss::vfs::{Mounted, mount};

use crate::life::{State, Step, acme, open};

/// Runs `steps` on a disk that is full from a write on, until each call that fails has been seen to change nothing. Whether it failed
/// at all.
fn live_on(disk: Mounted, vfs: &str, steps: &[Step], full_after: u64) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    disk.disk().lose_power(0);
    let mut state = State::default();
    let mut store = open(&path, vfs).unwrap();
    store.cursor(&"sumo".parse().unwrap(), &acme(), Lane::Live).unwrap();
    disk.disk().fill_after(full_after);
    let mut failed = false;
    for step in steps {
        if matches!(step, Step::Reopen) {
            drop(store);
            store = match open(&path, vfs) {
                Ok(opened) => opened,
                // It could not be opened; nothing of it is gone.
                Err(_) => {
                    failed = true;
                    disk.disk().make_room();
                    open(&path, vfs).unwrap()
                }
            };
            continue;
        }
        let next = state.after(step);
        if let Err(why) = state.run(&store, step) {
            failed = true;
            assert_eq!(why.kind, StoreErrorKind::Retry, "{step:?} with the disk full after {full_after}: {why}");
            let found = State::of(&store);
            // Forgetting is done in small steps, and what is gone was delivered.
            assert!(found == state || matches!(step, Step::Prune) && state.pruned_to(&found), "{step:?}: {found:?} is not {state:?}");
            assert_eq!(state.run(&store, step).unwrap_err().kind, StoreErrorKind::Retry, "and again");
            disk.disk().make_room();
            state.run(&store, step).unwrap();
        }
        state = if matches!(step, Step::Prune) { State::of(&store) } else { next };
        assert_eq!(State::of(&store), state, "{step:?} with the disk full after {full_after}");
    }
    drop(store);
    disk.disk().make_room();
    assert_eq!(State::of(&open(&path, vfs).unwrap()), state, "nothing was only in memory");
    failed
}

#[test]
fn i3_i8_a_disk_that_is_full_at_any_write_loses_nothing_and_the_same_process_goes_on() {
    let disk = mount("full").unwrap();
    let small = Step::Commit { events: 3, size: 200 };
    let steps = [
        small.clone(),
        Step::Rotate,
        Step::Intend,
        Step::Rotate,
        Step::Order,
        Step::Try,
        Step::Commit { events: 1, size: 40_000 },
        Step::Deliver,
        small.clone(),
        Step::Prune,
        Step::Reopen,
        small,
        Step::Rotate,
        Step::Deliver,
    ];
    let mut points = 0;
    while live_on(disk, "full", &steps, points) {
        points += 1;
        assert!(points < 10_000, "no end of writes");
    }
    assert!(points > 100, "only {points} writes were tried");
}
