//! What makes room in a store that is at its limit.

use super::*;
use crate::store::{
    Purpose, Room, Shortage, Space as _,
    room::{LOOK, Limits, RESERVE},
};

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
const NOW: Instant = Instant(1_800_000_000_000);

/// Pages of a megabyte that does not compress, one a day, the last one today.
fn filled(store: &SqliteStore, days: u32) {
    let acme = source();
    for day in (0..days).rev() {
        let mut state = u64::from(day) + 1;
        let mut letter = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'0' + u8::try_from((state >> 33) % 75).unwrap())
        };
        let record: String = (0..1_000_000).map(|_| letter()).collect();
        let event = Event { record, ..event(&format!("day {day}"), 1) };
        store.commit(&Page { received: NOW.minus(DAY * day), ..page(&acme, &[event], "1") }).unwrap();
    }
}

fn left(store: &SqliteStore) -> Vec<i64> {
    let acme = source();
    store.read(&all(&acme, Lane::Live)).unwrap().iter().map(|event| event.seq.0).collect()
}

#[test]
fn i3_at_the_limit_delivered_records_go_oldest_first_only_as_many_as_it_takes_and_what_waits_stays() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = place.open();
    store.cursor(&sumo, &acme, Lane::Live).unwrap();
    filled(&store, 100);
    // Nothing goes that a sink waits for, and all of it is: it is full.
    let limits = Limits { max_size: Some(100_000_000), min_free: 0 };
    let room = Room::new(limits, DAY * 100);
    assert!(matches!(room.look(&store, NOW).unwrap(), Some(Shortage::Full { most: 100_000_000, waiting: 60_000_000.., .. })));
    assert_eq!(left(&store).len(), 100);
    // Told once, and looked at again only after a while.
    let full = room.look(&store, NOW).unwrap();
    store.advance(&sumo, &acme, Lane::Live, Seq(70), &[], AT).unwrap();
    assert_eq!(room.look(&store, NOW.plus(std::time::Duration::from_secs(1))).unwrap(), full);
    assert_eq!(room.look(&store, NOW.plus(DAY / 1440)).unwrap(), None, "it goes on by itself");
    let left = left(&store);
    assert!(left.is_sorted() && left.last() == Some(&100) && (30..70).contains(&left.len()), "{left:?}");
    let head = store.head().unwrap();
    assert_eq!(store.commit(&page(&acme, &[event("day 99", 1)], "2")).unwrap().new, 0, "what is forgotten is still known");
    assert_eq!(store.head().unwrap(), head);
}

#[test]
fn without_limits_nothing_is_measured_and_nothing_goes() {
    let place = Place::new();
    let store = place.open();
    filled(&store, 2);
    assert_eq!(Room::default().look(&store, NOW).unwrap(), None);
    assert_eq!(left(&store).len(), 2);
    let footprint = store.footprint().unwrap();
    assert!(footprint.used > 1_000_000 && footprint.free.is_some_and(|free| free > 0), "{footprint:?}");
}

/// There is never room.
const NONE: Limits = Limits { max_size: Some(RESERVE), min_free: 0 };

#[test]
fn full_of_what_waits_it_is_looked_at_without_writing_anything() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.cursor(&sink("sumo"), &acme, Lane::Live).unwrap();
    filled(&store, 2);
    let writes = || {
        let db = store.writes.as_ref().unwrap().connection.lock();
        db.prepare_cached("BEGIN IMMEDIATE").unwrap().get_status(rusqlite::StatementStatus::Run)
    };
    let room = Room::new(NONE, DAY * 100);
    assert!(room.look(&store, NOW).unwrap().is_some());
    let before = writes();
    for look in 1..10 {
        assert!(room.look(&store, NOW.plus(LOOK * look)).unwrap().is_some());
    }
    assert_eq!(writes(), before);
    store.advance(&sink("sumo"), &acme, Lane::Live, Seq(2), &[], AT).unwrap();
    room.look(&store, NOW.plus(LOOK * 10)).unwrap();
    assert_eq!(left(&store), [0_i64; 0], "what does not wait goes");
}

#[test]
fn i2_where_records_are_not_what_fills_it_ids_go_that_no_late_reading_and_no_backfill_asks_for() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let ids = [5, 4, 1].map(|days: u32| {
        let (id, at) = (format!("{days} days ago"), NOW.minus(DAY * days));
        store.commit(&Page { received: at, through: at, ..page(&acme, &[event(&id, 1)], "1") }).unwrap();
        id
    });
    let (start, purpose) = (NOW.minus(DAY * 9 / 2), Purpose::Delivery);
    let unread = History { id: 0, source: acme.clone(), start, end: NOW, purpose, gap: None, through: start, events: 0, finished: false };
    store.add_history(&unread).unwrap();
    let known = || {
        Room::new(NONE, DAY * 100).revisiting(vec![(acme.clone(), DAY)]).look(&store, NOW).unwrap().unwrap();
        store.remembered(&acme, &ids).unwrap().iter().map(Option::is_some).collect::<Vec<_>>()
    };
    assert_eq!(known(), [false, true, true]);
    store.write_with("end it", |db| Ok(db.execute("UPDATE histories SET finished = 1", [])?)).unwrap();
    // It was away for a day, and reads a day and a half again from there.
    assert_eq!(known(), [false, false, true]);
    Room::new(NONE, DAY * 100).look(&store, NOW.plus(DAY * 1000)).unwrap().unwrap();
    assert_eq!(known(), [false, false, true], "of a source whose lateness is not known none go");
}
