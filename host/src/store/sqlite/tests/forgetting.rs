//! What forgetting costs those who store meanwhile, and that it ends when it is told to.

use super::*;

/// More than are looked at at once, every other one old.
fn of_many_ids(place: &Place) -> SqliteStore {
    let store = place.open();
    store.commit(&page(&source(), &[event("a", 1)], "1")).unwrap();
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
        INSERT INTO seen SELECT 1, randomblob(16), iif(i % 2, ?1, ?1 - 60) FROM n";
    store.write_with("fill", |db| Ok(db.execute(many, [i64::try_from(AT.0 / 1000).unwrap()])?)).unwrap();
    store
}

fn ids(store: &SqliteStore) -> i64 {
    store.read_with("count", |db| Ok(db.query_row("SELECT count(*) FROM seen", [], |row| row.get(0))?)).unwrap()
}

fn ids_before(at: Instant) -> Prune {
    Prune { usual: Old { ids_before: at, ..Old::default() }, ..nothing() }
}

#[test]
fn ids_are_looked_at_beside_those_who_store_and_only_old_ones_go() {
    let place = Place::new();
    let store = of_many_ids(&place);
    let jam = store.jammed();
    store.prune(&ids_before(Instant(AT.0 - 61_000))).unwrap();
    store.prune(&ids_before(AT)).unwrap_err();
    drop(jam);
    assert_eq!(ids(&store), 25_001);
    store.prune(&ids_before(AT)).unwrap();
    assert_eq!(ids(&store), 12_501);
    store.prune(&ids_before(Instant::FAR).sparing_ids()).unwrap();
    assert_eq!(ids(&store), 12_501);
    store.prune(&ids_before(Instant(AT.0 + 1000))).unwrap();
    assert_eq!(ids(&store), 0);
}

#[test]
fn what_is_left_when_it_is_told_to_stop_goes_another_time() {
    let (place, acme) = (Place::new(), source());
    let store = of_many_ids(&place);
    store.advance(&sink("sumo"), &acme, Lane::Live, Seq(1), &[], AT).unwrap();
    let later = Instant(AT.0 + 1000);
    let prune = Prune { usual: Old { records_before: later, ids_before: later, ..Old::default() }, ..nothing() };
    // With the first step that it stores.
    let (stop, writes) = (prune.stop.clone(), store.writes.as_ref().unwrap());
    writes.connection.lock().commit_hook(Some(move || {
        stop.cancel();
        false
    }));
    assert_eq!((store.prune(&prune).unwrap(), ids(&store)), (0, 15_001), "one step is what it was at");
    assert_eq!((store.prune(&prune).unwrap(), ids(&store)), (0, 15_001), "nothing is begun");
    writes.connection.lock().commit_hook(None::<fn() -> bool>);
    assert_eq!(store.prune(&Prune { stop: nothing().stop, ..prune }).unwrap(), 1);
    assert_eq!(ids(&store), 0);
}
