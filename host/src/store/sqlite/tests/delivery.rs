use super::*;
use crate::store::Purpose;

fn parked(seq: i64) -> Parked {
    Parked { sink: sink("sumo"), source: source(), seq: Seq(seq), reason: "refused".into(), at: Instant(seq as u64), retry: false }
}

fn filled(place: &Place) -> SqliteStore {
    let store = place.open();
    let events: Vec<_> = (0..10).map(|at| event(&at.to_string(), at)).collect();
    store.commit(&page(&source(), &events, "1")).unwrap();
    store
}

#[test]
fn i3_a_cursor_never_moves_back_nor_beyond_the_log() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = filled(&place);
    assert_eq!(store.cursor(&sumo, &acme, Lane::Live).unwrap(), Seq(0));
    store.advance(&sumo, &acme, Lane::Live, Seq(6), &[], AT).unwrap();
    store.advance(&sumo, &acme, Lane::Live, Seq(3), &[], AT).unwrap();
    assert_eq!(store.advance(&sumo, &acme, Lane::Live, Seq(11), &[], AT).unwrap_err().kind, StoreErrorKind::Conflict);
    drop(store);
    let store = place.open();
    assert_eq!(store.cursor(&sumo, &acme, Lane::Live).unwrap(), Seq(6));
    assert_eq!(store.cursor(&sumo, &acme, Lane::Late).unwrap(), Seq(0));
    assert_eq!(store.cursor(&sink("file"), &acme, Lane::Live).unwrap(), Seq(0));
}

#[test]
fn a_backlog_counts_the_page_that_the_cursor_stands_in() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = filled(&place);
    store.advance(&sumo, &acme, Lane::Live, Seq(6), &[], AT).unwrap();
    let late = [event("late", 1)];
    store.commit(&Page { lane: Lane::Late, received: Instant(8), ..page(&acme, &late, "2") }).unwrap();
    let waiting: Vec<_> =
        store.backlog(&sumo, &acme).unwrap().iter().map(|backlog| (backlog.lane, backlog.events, backlog.oldest)).collect();
    assert_eq!(waiting, [(Lane::Live, 4, Some(Instant(1_700_000_000_000))), (Lane::Late, 1, Some(Instant(8))), (Lane::History, 0, None)]);
}

#[test]
fn i3_the_cursor_and_what_was_refused_move_together() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = filled(&place);
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON parked WHEN NEW.seq = 3 BEGIN SELECT RAISE(ABORT, 'refused'); END").unwrap();
    store.advance(&sumo, &acme, Lane::Live, Seq(5), &[parked(2), parked(3)], AT).unwrap_err();
    assert_eq!((store.cursor(&sumo, &acme, Lane::Live).unwrap(), store.parked().unwrap()), (Seq(0), vec![]));
    store.advance(&sumo, &acme, Lane::Live, Seq(5), &[parked(4), parked(2)], AT).unwrap();
    assert_eq!((store.cursor(&sumo, &acme, Lane::Live).unwrap(), store.parked().unwrap()), (Seq(5), vec![parked(2), parked(4)]));
}

#[test]
fn parked_events_are_tried_again_on_request() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = filled(&place);
    store.advance(&sumo, &acme, Lane::Live, Seq(5), &[parked(2), parked(4)], AT).unwrap();
    assert_eq!(store.retry_parked(Some(&sink("file")), None).unwrap(), 0);
    assert_eq!(store.retry_parked(None, Some(Seq(4))).unwrap(), 1);
    assert_eq!(store.parked().unwrap(), [parked(2), Parked { retry: true, ..parked(4) }]);
    assert_eq!(store.retry_parked(Some(&sumo), None).unwrap(), 2);
    let both = [Parked { retry: true, ..parked(2) }, Parked { retry: true, ..parked(4) }];
    assert_eq!(store.to_retry(&sumo, std::slice::from_ref(&acme), 9).unwrap(), both);
    assert_eq!(store.to_retry(&sumo, &[acme], 1).unwrap(), both[..1]);
    assert_eq!(store.to_retry(&sumo, &["other".parse().unwrap()], 9).unwrap(), []);
    assert_eq!(store.to_retry(&sink("file"), &[source()], 9).unwrap(), []);
    let again = Parked { reason: "refused again".into(), ..parked(4) };
    store.unpark(&sumo, &[Seq(2)], std::slice::from_ref(&again), AT).unwrap();
    assert_eq!((store.parked().unwrap(), store.to_retry(&sumo, &[source()], 9).unwrap()), (vec![again], vec![]));
    store.park(&both).unwrap();
    assert_eq!(store.to_retry(&sumo, &[source()], 9).unwrap(), both);
}

const LATER: Instant = Instant(1_700_000_000_001);

fn old() -> Prune {
    Prune { usual: Old { records_before: LATER, ..Old::default() }, ..nothing() }
}

fn ids_before(at: u64) -> Prune {
    Prune { usual: Old { records_before: LATER, ids_before: Instant(at), ..Old::default() }, ..nothing() }
}

#[test]
fn i3_records_go_only_when_every_reader_has_passed() {
    let (place, acme, sumo, file) = (Place::new(), source(), sink("sumo"), sink("file"));
    let store = filled(&place);
    assert_eq!(store.prune(&old()).unwrap(), 0, "nobody has read them");
    store.advance(&sumo, &acme, Lane::Live, Seq(10), &[parked(7)], AT).unwrap();
    store.cursor(&file, &acme, Lane::Live).unwrap();
    assert_eq!(
        store.readers().unwrap(),
        [Reader { sink: file.clone(), source: acme.clone() }, Reader { sink: sumo.clone(), source: acme.clone() }]
    );
    assert_eq!(store.prune(&old()).unwrap(), 0, "a sink that asked for its cursor is waited for");
    store.forget_reader(&file, &acme).unwrap();
    assert_eq!(store.prune(&old()).unwrap(), 0, "one is parked");
    store.unpark(&sumo, &[Seq(7)], &[], AT).unwrap();
    assert_eq!(
        store.prune(&Prune { usual: Old { records_before: Instant(1_700_000_000_000), ..Old::default() }, ..old() }).unwrap(),
        0,
        "too young"
    );
    assert_eq!(store.prune(&old()).unwrap(), 10);
    assert_eq!(store.read(&all(&acme, Lane::Live)).unwrap(), []);
    store.commit(&page(&acme, &[event("new", 1)], "2")).unwrap();
    assert_eq!(store.head().unwrap(), Seq(11), "a place is never used again");
}

#[test]
fn i2_ids_outlive_their_records() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = filled(&place);
    store.advance(&sumo, &acme, Lane::Live, Seq(10), &[], AT).unwrap();
    assert_eq!(store.prune(&old()).unwrap(), 10);
    let again = [event("3", 3)];
    assert_eq!(store.commit(&page(&acme, &again, "2")).unwrap().counts(), (0, 1));
    store.prune(&ids_before(1_700_000_000_000)).unwrap();
    assert_eq!(store.commit(&page(&acme, &again, "3")).unwrap().new, 0, "not old enough");
    assert_eq!(store.forgotten(&acme).unwrap(), Instant::EPOCH, "none went");
    store.prune(&ids_before(1_700_000_001_000)).unwrap();
    assert_eq!(store.forgotten(&acme).unwrap(), Instant(1_700_000_001_000), "whoever looks for one of then is told");
    assert_eq!(store.forgotten(&"other".parse().unwrap()).unwrap(), Instant::EPOCH);
    assert_eq!(store.commit(&page(&acme, &again, "4")).unwrap().new, 1);
}

#[test]
fn a_backfill_for_one_sink_waits_for_no_other() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let history = History {
        id: 0,
        source: acme.clone(),
        start: Instant(0),
        end: Instant(9),
        purpose: Purpose::Sink(sink("sumo")),
        gap: None,
        through: Instant(0),
        events: 0,
        finished: false,
    };
    let id = store.add_history(&history).unwrap();
    store.commit(&Page { stream: Stream::History(id), lane: Lane::History, ..page(&acme, &[event("a", 1)], "h") }).unwrap();
    store.cursor(&sink("file"), &acme, Lane::Live).unwrap();
    store.cursor(&sink("sumo"), &acme, Lane::Live).unwrap();
    assert_eq!(store.prune(&old()).unwrap(), 0);
    store.advance(&sink("sumo"), &acme, Lane::History, Seq(1), &[], AT).unwrap();
    assert_eq!(store.prune(&old()).unwrap(), 1);
}

#[test]
fn what_was_let_go_before_a_sink_joined_is_told_apart_from_what_was_let_go_since() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let at = |second: u64| Page { received: Instant(1_700_000_000_000 + second * 1000), ..page(&acme, &[], "1") };
    assert_eq!(store.cursor(&sink("first"), &acme, Lane::Live).unwrap(), Seq(0));
    store.commit(&Page { events: &[event("a", 1)], ..at(1) }).unwrap();
    store.commit(&Page { events: &[event("b", 2)], ..at(5) }).unwrap();
    let forget = |before: u64| {
        store.advance(&sink("first"), &acme, Lane::Live, store.head().unwrap(), &[], AT).unwrap();
        let usual = Old { records_before: at(before).received, ..Old::default() };
        store.prune(&Prune { usual, ..nothing() }).unwrap();
    };
    forget(3);
    store.cursor(&sink("second"), &acme, Lane::Live).unwrap();
    let stored = store.remembered(&acme, &["a".into(), "b".into(), "c".into()]).unwrap();
    assert_eq!(stored, [Some(at(1).received), Some(at(5).received), None]);
    assert_eq!(store.joined(&sink("first"), &acme).unwrap(), Instant::EPOCH, "it was there from the beginning");
    let second = store.joined(&sink("second"), &acme).unwrap();
    assert!(at(1).received < second && second <= at(5).received, "{second}");
    store.advance(&sink("second"), &acme, Lane::Live, store.head().unwrap(), &[], AT).unwrap();
    forget(9);
    store.cursor(&sink("third"), &acme, Lane::Live).unwrap();
    assert!(store.joined(&sink("third"), &acme).unwrap() > at(5).received, "nothing was left for it");
    // Where it was let go by a miro-source that did not note it.
    store.write_with("forget", |db| Ok(db.execute("DELETE FROM notes WHERE key = 'gone/1'", [])?)).unwrap();
    store.cursor(&sink("fourth"), &acme, Lane::Live).unwrap();
    assert!(store.joined(&sink("fourth"), &acme).unwrap() > at(5).received);
    assert_eq!(store.joined(&sink("second"), &acme).unwrap(), second);
    store.forget_reader(&sink("second"), &acme).unwrap();
    assert_eq!(store.joined(&sink("second"), &acme).unwrap(), Instant::EPOCH);
}

#[test]
fn when_a_sink_took_what_had_waited_is_known_and_of_what_had_not_nothing_is_noted() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = filled(&place);
    let after = |seconds: u64| Instant(AT.0 + seconds * 1000);
    let waited = |seq: i64| Waited::by(&store.waited(&sumo, &acme, Lane::Live).unwrap(), Seq(seq));
    store.advance(&sumo, &acme, Lane::Live, Seq(2), &[], after(10)).unwrap();
    assert_eq!(store.waited(&sumo, &acme, Lane::Live).unwrap(), []);
    // It was down for an hour, and two hours later it takes what it had refused.
    store.advance(&sumo, &acme, Lane::Live, Seq(6), &[parked(4), parked(5)], after(3600)).unwrap();
    store.advance(&sumo, &acme, Lane::Live, Seq(6), &[], after(9999)).unwrap();
    assert_eq!([2, 3, 6, 7].map(waited), [None, Some(after(3600)), Some(after(3600)), None]);
    store.unpark(&sumo, &[Seq(4)], &[parked(5)], after(10_800)).unwrap();
    assert_eq!([3, 4, 5].map(waited), [Some(after(3600)), Some(after(10_800)), Some(after(3600))]);
    store.commit(&Page { received: after(10_800), ..page(&acme, &[event("new", 1)], "2") }).unwrap();
    store.advance(&sumo, &acme, Lane::Live, Seq(10), &[], after(10_801)).unwrap();
    store.advance(&sumo, &acme, Lane::Live, Seq(11), &[], after(10_802)).unwrap();
    assert_eq!([10, 11].map(waited), [Some(after(10_801)), None]);
    for (other, lane) in [(sink("file"), Lane::Live), (sink("sumo"), Lane::Late)] {
        assert_eq!(store.waited(&other, &acme, lane).unwrap(), []);
    }
    store.forget_reader(&sumo, &acme).unwrap();
    assert_eq!(store.waited(&sumo, &acme, Lane::Live).unwrap(), []);
}

#[test]
fn what_stayed_longer_than_the_rest_does_not_make_a_sink_owed_what_was_let_go_around_it() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let at = |second: u64| Instant(1_700_000_000_000 + second * 1000);
    for (id, second) in [("a", 1), ("b", 5), ("c", 20)] {
        store.commit(&Page { received: at(second), ..page(&acme, &[event(id, second)], "1") }).unwrap();
    }
    let parked = Parked { sink: sink("first"), ..parked(1) };
    store.advance(&sink("first"), &acme, Lane::Live, Seq(3), &[parked], AT).unwrap();
    let usual = Old { records_before: at(10), ..Old::default() };
    assert_eq!(store.prune(&Prune { usual, ..nothing() }).unwrap(), 1);
    store.cursor(&sink("second"), &acme, Lane::Live).unwrap();
    let joined = store.joined(&sink("second"), &acme).unwrap();
    assert!(at(5) < joined && joined <= at(20), "{joined}");
}

#[test]
fn of_what_waits_for_every_sink_nothing_is_looked_at_and_what_is_backfilled_for_one_goes_behind_it() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = place.open();
    let add = |purpose| {
        let (start, end) = (Instant(0), Instant(9));
        let history = History { id: 0, source: acme.clone(), start, end, purpose, gap: None, through: start, events: 0, finished: false };
        store.add_history(&history).unwrap()
    };
    let (every, one) = (add(Purpose::Delivery), add(Purpose::Sink(sumo.clone())));
    for (stream, id) in [(every, "a"), (one, "b"), (every, "c")] {
        store.commit(&Page { stream: Stream::History(stream), lane: Lane::History, ..page(&acme, &[event(id, 1)], "h") }).unwrap();
    }
    store.cursor(&sink("file"), &acme, Lane::History).unwrap();
    store.advance(&sumo, &acme, Lane::History, Seq(3), &[], AT).unwrap();
    let looked = || {
        let count = |db: &rusqlite::Connection| {
            let passed = db.prepare_cached(&format!("SELECT {} FROM chunks WHERE last = ?1", super::prune::PASSED))?;
            Ok(passed.get_status(rusqlite::StatementStatus::Run))
        };
        store.read_with("count", count).unwrap()
    };
    assert_eq!((store.prune(&old()).unwrap(), looked()), (1, 1));
    store.advance(&sink("file"), &acme, Lane::History, Seq(3), &[], AT).unwrap();
    assert_eq!(store.prune(&old()).unwrap(), 2);
}
