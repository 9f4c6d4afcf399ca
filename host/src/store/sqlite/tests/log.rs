use super::*;
use audit_pipeline::source::Gap;

#[test]
fn i2_a_page_read_twice_is_stored_once() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let events = [event("a", 1), event("b", 2), event("a", 1)];
    assert_eq!(store.commit(&page(&acme, &events, "1")).unwrap(), Committed { new: 2, known: 1, erased: 0 });
    assert_eq!(store.commit(&page(&acme, &events, "2")).unwrap(), Committed { new: 0, known: 3, erased: 0 });
    let read = store.read(&all(&acme, Lane::Live)).unwrap();
    assert_eq!(read.iter().map(|event| (event.seq, event.time)).collect::<Vec<_>>(), [(Seq(1), Instant(1)), (Seq(2), Instant(2))]);
    assert_eq!(store.checkpoint(&acme, Stream::Live).unwrap().unwrap().body, "2");
}

#[test]
fn i2_an_id_is_known_in_every_lane_and_only_to_its_source() {
    let (place, acme, other) = (Place::new(), source(), "other".parse().unwrap());
    let store = place.open();
    let events = [event("a", 1)];
    store.commit(&page(&acme, &events, "1")).unwrap();
    let late = Page { lane: Lane::Late, ..page(&acme, &events, "2") };
    assert_eq!(store.commit(&late).unwrap(), Committed { new: 0, known: 1, erased: 0 });
    assert_eq!(store.commit(&page(&other, &events, "1")).unwrap(), Committed { new: 1, known: 0, erased: 0 });
    assert_eq!(store.read(&all(&other, Lane::Live)).unwrap().len(), 1, "i5: nothing of one source is read as another's");
    assert_eq!(store.read(&all(&acme, Lane::Live)).unwrap().len(), 1);
}

#[test]
fn i3_events_and_checkpoint_commit_together_or_not_at_all() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.commit(&page(&acme, &[event("a", 1)], "1")).unwrap();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    let gap = [Gap { start: 1, end: 2, cause: "kept for 30 days".into() }];
    let events = [event("b", 2), event("c", 3)];
    let next = Page { gaps: &gap, lane: Lane::Late, ..page(&acme, &events, "2") };
    for table in ["seen", "chunks", "late", "actions", "gaps", "checkpoints"] {
        raw.execute_batch(&format!("CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END")).unwrap();
        assert_eq!(store.commit(&next).unwrap_err().kind, StoreErrorKind::Conflict, "{table}");
        raw.execute_batch("DROP TRIGGER refuse").unwrap();
        assert_eq!(store.checkpoint(&acme, Stream::Live).unwrap().unwrap().body, "1", "{table}");
        assert_eq!(store.head().unwrap(), Seq(1), "{table}");
        assert_eq!(store.gaps().unwrap(), [], "{table}");
        assert_eq!(store.actions().unwrap()[0].count, 1, "{table}");
        assert_eq!(store.lateness(&acme, Instant(0)).unwrap(), Lateness::default(), "{table}");
    }
    assert_eq!(store.commit(&next).unwrap(), Committed { new: 2, known: 0, erased: 0 }, "what was taken back is new again");
    assert_eq!(store.read(&all(&acme, Lane::Late)).unwrap().len(), 2);
}

#[test]
fn a_range_ends_at_its_events_and_its_bytes_but_holds_one() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let events: Vec<_> = (0..10).map(|at| event(&format!("id {at}"), at)).collect();
    store.commit(&page(&acme, &events[..7], "1")).unwrap();
    store.commit(&page(&acme, &events[7..], "2")).unwrap();
    let read = |after, events, bytes| -> Vec<i64> {
        let range = Range { after: Seq(after), events, bytes, ..all(&acme, Lane::Live) };
        store.read(&range).unwrap().iter().map(|event| event.seq.0).collect()
    };
    let record = events[0].record.len();
    assert_eq!(read(0, 3, usize::MAX), [1, 2, 3]);
    assert_eq!(read(5, 3, usize::MAX), [6, 7, 8], "across a page");
    assert_eq!(read(0, 100, 2 * record), [1, 2]);
    assert_eq!(read(9, 100, 0), [10]);
    assert_eq!(read(0, 0, 100), [0; 0]);
    assert_eq!(read(10, 100, 100), [0; 0]);
}

#[test]
fn i7_a_page_of_large_events_is_cut_into_chunks() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let large = |id: &str, size: usize| Event { record: format!("{{\"id\":\"{id}\",\"x\":\"{}\"}}", "x".repeat(size)), ..event(id, 1) };
    let events = [large("a", 10), large("b", 300_000), large("c", 200_000), large("d", 10)];
    store.commit(&page(&acme, &events, "1")).unwrap();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    assert_eq!(raw.query_row("SELECT count(*) FROM chunks", [], |row| row.get::<_, i64>(0)).unwrap(), 3);
    for (event, seq) in events.iter().zip(1..) {
        let (of, stored) = store.event(Seq(seq)).unwrap().unwrap();
        assert_eq!((of, stored.record.as_str()), (acme.clone(), event.record.as_str()));
    }
    assert_eq!(store.event(Seq(5)).unwrap(), None);
    assert_eq!(store.event(Seq(0)).unwrap(), None);
}

#[test]
fn event_names_are_counted_with_their_latest_traits() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.commit(&page(&acme, &[event("a", 1), event("b", 1)], "1")).unwrap();
    let later = Event { traits: vec!["read".into(), "shared".into()], ..event("c", 9) };
    let events = [later, event("a", 1)];
    store.commit(&Page { received: Instant(1_800_000_000_000), ..page(&acme, &events, "2") }).unwrap();
    let expected = ActionSeen {
        source: acme,
        action: "board_opened".into(),
        count: 3,
        first: Instant(1_700_000_000_000),
        last: Instant(1_800_000_000_000),
        traits: vec!["read".into(), "shared".into()],
    };
    assert_eq!(store.actions().unwrap(), [expected]);
}

#[test]
fn lateness_counts_late_events_only() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let at = 1_700_000_000_000;
    let late: Vec<_> = (1..=100).map(|minutes| event(&minutes.to_string(), at - minutes * 60_000)).collect();
    store.commit(&page(&acme, &[event("live", 0)], "1")).unwrap();
    store.commit(&Page { lane: Lane::Late, ..page(&acme, &late, "2") }).unwrap();
    let expected = Lateness { events: 100, median: 50 * 60_000, p99: 99 * 60_000, max: 100 * 60_000 };
    assert_eq!(store.lateness(&acme, Instant(at)).unwrap(), expected);
    assert_eq!(store.lateness(&acme, Instant(at + 1)).unwrap(), Lateness::default());
}
