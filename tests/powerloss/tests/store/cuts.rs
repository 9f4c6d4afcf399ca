//! Power loss in the middle of whatever is done: every call that returned is there, and nothing is there in half.

use miro_source::{
    model::Lane,
    store::{Store as _, StoreErrorKind},
};
use powerloss::vfs::{Mounted, mount};
use proptest::{collection::vec, prelude::*};

use crate::life::{State, Step, acme, open, step};

/// Runs `steps`, cutting the power after each of `cuts` in turn.
fn live_through(disk: Mounted, vfs: &str, steps: &[Step], cuts: &[(u64, u64)]) {
    // A new folder is a new disk; beside the database lies a file of the real one.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut state = State::default();
    disk.disk().lose_power(0);
    let mut store = Some(open(&path, vfs).unwrap());
    // A known reader, so that looking at its cursor writes nothing.
    store.as_ref().unwrap().cursor(&"sumo".parse().unwrap(), &acme(), Lane::Live).unwrap();
    let mut cuts = cuts.iter().copied();
    let mut seed = 0;
    let mut arm = |seed: &mut u64| {
        let next = cuts.next();
        match next {
            Some((after, chance)) => {
                disk.disk().cut_after(after);
                *seed = chance;
            }
            None => disk.disk().keep_on(),
        }
    };
    arm(&mut seed);
    for step in steps {
        let done = match (&store, step) {
            (Some(_), Step::Reopen) => {
                drop(store.take());
                open(&path, vfs).map(|opened| store = Some(opened))
            }
            (Some(open), _) => state.run(open, step),
            (None, _) => panic!("no store is open"),
        };
        let next = state.after(step);
        match done {
            Ok(()) if matches!(step, Step::Prune) => {
                let found = State::of(store.as_ref().unwrap());
                assert!(state.pruned_to(&found), "{found:?} is not {state:?} pruned");
                state = found;
            }
            Ok(()) => state = next,
            Err(error) => {
                assert_ne!(error.kind, StoreErrorKind::Conflict, "{error}");
                drop(store.take());
                disk.disk().lose_power(seed);
                store = Some(open(&path, vfs).unwrap());
                let found = State::of(store.as_ref().unwrap());
                let pruned = matches!(step, Step::Prune) && state.pruned_to(&found);
                assert!(found == state || found == next || pruned, "after {step:?}: {found:?} is neither {state:?} nor {next:?}");
                state = found;
                arm(&mut seed);
            }
        }
    }
    // And once more, between two calls.
    disk.disk().cut_after(0);
    drop(store);
    disk.disk().lose_power(seed ^ 1);
    assert_eq!(State::of(&open(&path, vfs).unwrap()), state);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i2_i3_i4_what_was_stored_survives_power_loss_and_nothing_is_half(
        steps in vec(step(), 1..40),
        cuts in vec((0u64..60, any::<u64>()), 0..6),
    ) {
        static DISK: std::sync::OnceLock<Mounted> = std::sync::OnceLock::new();
        let disk = DISK.get_or_init(|| mount("i3").unwrap());
        live_through(*disk, "i3", &steps, &cuts);
    }
}

#[test]
fn a_checkpoint_of_the_log_survives_power_loss_at_each_of_its_writes() {
    let disk = mount("checkpoint").unwrap();
    // Enough that SQLite moves its log into the database.
    let mut steps = vec![Step::Commit { events: 1, size: 700_000 }; 8];
    steps.extend([Step::Rotate, Step::Deliver, Step::Reopen, Step::Commit { events: 3, size: 50 }]);
    let before = disk.disk().changes();
    live_through(disk, "checkpoint", &steps, &[]);
    let changes = disk.disk().changes() - before;
    assert!(changes > 2000, "{changes} changes: the log was not moved");
    for cut in (0..changes).step_by(usize::try_from(changes / 60).unwrap()) {
        live_through(disk, "checkpoint", &steps, &[(cut, cut)]);
    }
}

#[test]
fn i3_a_store_that_was_half_made_is_made_anew() {
    let disk = mount("making").unwrap();
    for cut in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        disk.disk().cut_after(cut);
        let made = open(&path, "making");
        let complete = made.is_ok();
        drop(made);
        disk.disk().lose_power(cut);
        assert_eq!(State::of(&open(&path, "making").unwrap()), State::default(), "cut after {cut} changes");
        if complete {
            assert!(cut > 20, "{cut}");
            return;
        }
    }
}

#[test]
fn the_disk_does_lose_what_was_not_synced() {
    let disk = mount("sanity").unwrap();
    let flags = rusqlite::OpenFlags::default();
    let open = || rusqlite::Connection::open_with_flags_and_vfs("plain.db", flags, "sanity").unwrap();
    let db = open();
    db.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; CREATE TABLE one (x)").unwrap();
    disk.disk().cut_after(0);
    drop(db);
    let lost = (0..20).any(|seed| {
        disk.disk().lose_power(seed);
        open().query_row("SELECT count(*) FROM one", [], |row| row.get::<_, i64>(0)).is_err()
    });
    assert!(lost);
    assert!(disk.disk().names().contains("plain.db"));
}
