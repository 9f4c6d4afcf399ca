//! What is held stays, and costs its keeping once.

use super::*;
use crate::{
    privacy::{Hold, Identity},
    store::{Privacy as _, Stretch},
};

const LATER: Instant = Instant(1_700_000_000_001);

fn naming(id: &str, who: &str) -> Event {
    Event { record: format!(r#"{{"id":"{id}","who":"{who}"}}"#), ..event(id, 1) }
}

fn held(who: &str) -> Prune {
    Prune { usual: Old { records_before: LATER, alerts_before: LATER, hold: Hold::Of(vec![who.into()]), ..Old::default() }, ..nothing() }
}

/// How often a chunk was unpacked.
fn unpacked(store: &SqliteStore) -> i32 {
    let count = |db: &rusqlite::Connection| {
        let packed = db.prepare_cached("SELECT body, context FROM chunks WHERE last = ?1")?;
        Ok(packed.get_status(rusqlite::StatementStatus::Run))
    };
    store.read_with("count", count).unwrap()
}

#[test]
fn what_was_found_held_is_not_unpacked_again_while_the_hold_is_the_same() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = place.open();
    store.cursor(&sumo, &acme, Lane::Live).unwrap();
    let add = |id: &str, who| {
        store.commit(&page(&acme, &[naming(id, who)], "1")).unwrap();
        store.advance(&sumo, &acme, Lane::Live, store.head().unwrap(), &[], AT).unwrap();
    };
    let unpacked = || unpacked(&store);
    // More than are looked at in one transaction.
    store.writes.as_ref().unwrap().connection.lock().pragma_update(None, "synchronous", "OFF").unwrap();
    (0..300).for_each(|id| add(&id.to_string(), "ann@example.com"));
    assert_eq!(store.prune(&held("ann@example.com")).unwrap(), 0);
    let before = unpacked();
    assert_eq!(before, 300);
    assert_eq!(store.prune(&held("ann@example.com")).unwrap(), 0);
    assert_eq!(unpacked(), before);
    add("bob's", "bob@example.com");
    add("ann's", "ann@example.com");
    assert_eq!(store.prune(&held("ann@example.com")).unwrap(), 1);
    assert_eq!(unpacked(), before + 2);
    assert_eq!(store.prune(&held("bob@example.com")).unwrap(), 301, "another hold is looked through anew");
}

#[test]
fn what_is_parked_before_it_does_not_have_what_is_held_unpacked_again() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = place.open();
    store.cursor(&sumo, &acme, Lane::Live).unwrap();
    let who = ["bob@example.com", "ann@example.com", "ann@example.com"];
    for (id, who) in who.iter().enumerate() {
        store.commit(&page(&acme, &[naming(&id.to_string(), who)], "1")).unwrap();
    }
    let parked = Parked { sink: sumo.clone(), source: acme.clone(), seq: Seq(1), reason: "no".into(), at: Instant(1), retry: false };
    store.advance(&sumo, &acme, Lane::Live, Seq(3), &[parked], AT).unwrap();
    let pruned = || {
        let gone = store.prune(&held("ann@example.com")).unwrap();
        (gone, unpacked(&store))
    };
    assert_eq!([pruned(), pruned()], [(0, 2), (0, 2)]);
    store.unpark(&sumo, &[Seq(1)], &[], AT).unwrap();
    assert_eq!([pruned(), pruned()], [(1, 3), (0, 3)]);
}

#[test]
fn what_an_erasure_left_of_a_chunk_that_was_held_is_looked_at_anew() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = place.open();
    let events = [naming("1", "ann@example.com"), naming("2", "bob@example.com"), naming("3", "carl@example.com")];
    store.commit(&page(&acme, &events, "1")).unwrap();
    store.advance(&sumo, &acme, Lane::Live, Seq(3), &[], AT).unwrap();
    assert_eq!(store.prune(&held("ann@example.com")).unwrap(), 0);
    store.keep_out(None, &[Identity::account("bob@example.com")], LATER).unwrap();
    let gone = vec![Seq(2)];
    store.erase_events(&Stretch { source: acme.clone(), after: Seq(0), through: Seq(3), gone }).unwrap();
    assert_eq!(store.prune(&held("ann@example.com")).unwrap(), 1);
    assert_eq!(store.read(&all(&acme, Lane::Live)).unwrap().len(), 1);
}

#[test]
fn an_alert_stays_whose_history_alone_names_somebody_who_is_held() {
    let place = Place::new();
    let store = place.open();
    store.register(&source()).unwrap();
    let fill = |db: &rusqlite::Connection| {
        for id in 1..=3 {
            let add = "INSERT INTO alerts (id, source, policy, key, form, state, who, raised, last_seen, changed, body)
                 VALUES (?1, 1, 'p', 'k', 0, 2, '', 1, 1, 1, '{}')";
            db.execute(add, [id])?;
        }
        let add = "INSERT INTO alert_history (alert, at, who, change) VALUES (?1, 1, ?2, ?3)";
        db.execute(add, rusqlite::params![1, "soc", r#"{"closed":"nothing"}"#])?;
        db.execute(add, rusqlite::params![1, "soc", r#"{"note":"asked ann@example.com about it"}"#])?;
        db.execute(add, rusqlite::params![2, "ann@example.com", "{}"])?;
        db.execute(add, rusqlite::params![3, None::<String>, "{}"])?;
        Ok(())
    };
    store.write_with("fill", fill).unwrap();
    store.prune(&held("ann@example.com")).unwrap();
    let left = |db: &rusqlite::Connection| Ok(db.query_row("SELECT group_concat(id) FROM alerts", [], |row| row.get::<_, String>(0))?);
    assert_eq!(store.read_with("list", left).unwrap(), "1,2");
}
