use super::*;
use crate::store::Purpose;
use audit_pipeline::source::Gap;

fn gap(start: u64, end: u64, cause: &str) -> Gap {
    Gap { start, end, cause: cause.into() }
}

fn history(start: u64, end: u64) -> History {
    History {
        id: 0,
        source: source(),
        start: Instant(start),
        end: Instant(end),
        purpose: Purpose::Delivery,
        gap: None,
        through: Instant(start),
        events: 0,
        finished: false,
    }
}

fn spans(store: &SqliteStore) -> Vec<(i64, u64, u64, bool)> {
    store.gaps().unwrap().iter().map(|gap| (gap.id, gap.start.0, gap.end.0, gap.filled)).collect()
}

#[test]
fn i3_a_stream_begins_once() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    assert_eq!(store.checkpoint(&acme, Stream::Live).unwrap(), None);
    store.begin(&acme, Stream::Live, "first", Instant(1), Instant(2)).unwrap();
    let again = store.begin(&acme, Stream::Live, "again", Instant(1), Instant(2)).unwrap_err();
    assert_eq!(again.kind, StoreErrorKind::Conflict);
    let first = Checkpoint { body: "first".into(), through: Instant(1), at: Instant(2) };
    assert_eq!(store.checkpoint(&acme, Stream::Live).unwrap(), Some(first));
    assert_eq!(store.checkpoint(&acme, Stream::History(1)).unwrap(), None);
}

#[test]
fn i1_touching_gaps_of_one_cause_are_one_gap() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let record = |gaps: &[Gap]| store.commit(&Page { gaps, ..page(&acme, &[], "1") }).unwrap();
    record(&[gap(10, 20, "old"), gap(30, 40, "old"), gap(15, 25, "other"), gap(5, 5, "old")]);
    assert_eq!(spans(&store), [(1, 10, 20, false), (2, 30, 40, false), (3, 15, 25, false)]);
    record(&[gap(20, 30, "old")]);
    record(&[gap(12, 13, "old")]);
    assert_eq!(spans(&store), [(1, 10, 40, false), (3, 15, 25, false)]);
    record(&[gap(41, 50, "old")]);
    assert_eq!(spans(&store).len(), 3, "a millisecond between is two gaps");
}

#[test]
fn i1_a_gap_that_grows_is_found_again_and_one_that_is_met_again_is_not() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let found = |at: u64, start: u64, end: u64| {
        store.commit(&Page { gaps: &[gap(start, end, "old")], received: Instant(at), ..page(&acme, &[], "1") }).unwrap();
        store.gaps().unwrap()[0].found.0
    };
    assert_eq!([found(100, 10, 20), found(200, 12, 20), found(300, 20, 21), found(400, 9, 10)], [100, 100, 300, 400]);
}

#[test]
fn i1_a_finished_backfill_fills_what_it_covers_of_its_gap() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    store.commit(&Page { gaps: &[gap(10, 20, "old")], ..page(&acme, &[], "1") }).unwrap();
    let read = |start: u64, end: u64, gaps: &[Gap], finished: bool| {
        let id = store.add_history(&History { gap: Some(1), ..history(start, end) }).unwrap();
        let events = [event(&format!("{id}"), start)];
        let page =
            Page { stream: Stream::History(id), lane: Lane::History, through: Instant(end), gaps, finished, ..page(&acme, &events, "h") };
        store.commit(&page).unwrap();
        store.histories().unwrap().into_iter().find(|history| history.id == id).unwrap()
    };
    let unfinished = read(10, 20, &[], false);
    assert_eq!((unfinished.through, unfinished.events, unfinished.finished), (Instant(20), 1, false));
    read(10, 20, &[gap(10, 20, "old")], true);
    assert_eq!(spans(&store), [(1, 10, 20, false)], "a backfill that meets the gap again fills nothing");
    read(5, 12, &[], true);
    assert_eq!(spans(&store), [(1, 12, 20, false)]);
    read(18, 30, &[], true);
    assert_eq!(spans(&store), [(1, 12, 18, false)]);
    assert!(read(12, 18, &[], true).finished);
    assert_eq!(spans(&store), [(1, 12, 18, true)]);
}

#[test]
fn i3_a_page_of_a_backfill_that_does_not_exist_is_refused() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let events = [event("a", 1)];
    let page = Page { stream: Stream::History(4), lane: Lane::History, ..page(&acme, &events, "h") };
    assert_eq!(store.commit(&page).unwrap_err().kind, StoreErrorKind::Conflict);
    assert_eq!(store.head().unwrap(), Seq(0));
}

#[test]
fn a_backfill_for_one_sink_is_read_by_that_sink_only() {
    let (place, acme) = (Place::new(), source());
    let store = place.open();
    let id = store.add_history(&History { purpose: Purpose::Sink(sink("sumo")), ..history(0, 10) }).unwrap();
    let events = [event("a", 1)];
    store.commit(&Page { stream: Stream::History(id), lane: Lane::History, ..page(&acme, &events, "h") }).unwrap();
    let (sumo, file) = (sink("sumo"), sink("file"));
    let read = |sink| store.read(&Range { sink, ..all(&acme, Lane::History) }).unwrap().len();
    assert_eq!((read(Some(&sumo)), read(Some(&file)), read(None)), (1, 0, 1));
    let waiting = |sink| store.backlog(sink, &acme).unwrap().iter().map(|backlog| backlog.events).collect::<Vec<_>>();
    assert_eq!((waiting(&sumo), waiting(&file)), (vec![0, 0, 1], vec![0, 0, 0]));
}

#[test]
fn what_is_only_learned_from_goes_to_no_sink_until_it_is_read_again_for_one() {
    let (place, acme, sumo) = (Place::new(), source(), sink("sumo"));
    let store = place.open();
    let waiting = || store.backlog(&sumo, &acme).unwrap().iter().map(|backlog| backlog.events).sum::<u64>();
    let read = |purpose, events: &[Event]| {
        let id = store.add_history(&History { purpose, ..history(0, 10) }).unwrap();
        store.commit(&Page { stream: Stream::History(id), lane: Lane::History, ..page(&acme, events, "h") }).unwrap().new
    };
    let events = [event("a", 1), event("b", 2)];
    assert_eq!((read(Purpose::Learning, &events), waiting()), (2, 0));
    assert_eq!(store.read_all(&acme, Seq(0), 10, usize::MAX).unwrap().len(), 2, "detectors see it");
    assert_eq!(read(Purpose::Learning, &events), 0, "it is learned once");
    // A late one that the live reading finds as well is not lost by having been learned from.
    assert_eq!(store.commit(&page(&acme, &events[..1], "live")).unwrap().new, 1);
    assert_eq!((read(Purpose::Delivery, &events), waiting()), (1, 2));
    assert_eq!((read(Purpose::Delivery, &events), read(Purpose::Learning, &events)), (0, 0));
    let ids_before = Instant(page(&acme, &[], "").received.0 + 1000);
    store.prune(&Prune { ids_before, ..nothing() }).unwrap();
    assert_eq!(read(Purpose::Delivery, &events), 2, "ids are forgotten as ever");
}

#[test]
fn notes_are_found_by_how_their_keys_begin() {
    let place = Place::new();
    let store = place.open();
    for (key, value) in [("state/acme", "1"), ("state/acme", "2"), ("state/b_", "3"), ("other", "4")] {
        store.note(key, value).unwrap();
    }
    let found = store.notes("state/").unwrap();
    assert_eq!(found, [("state/acme".to_owned(), "2".to_owned()), ("state/b_".to_owned(), "3".to_owned())]);
    assert_eq!(store.notes("").unwrap().len(), 3);
}

#[test]
fn the_events_at_some_places_are_those_of_the_source_that_are_kept() {
    let (place, acme, other) = (Place::new(), source(), "other".parse().unwrap());
    let store = place.open();
    store.commit(&page(&acme, &[event("a", 1), event("b", 2)], "1")).unwrap();
    store.commit(&page(&other, &[event("c", 3)], "1")).unwrap();
    store.commit(&page(&acme, &[event("d", 4)], "2")).unwrap();
    let places = [Seq(4), Seq(3), Seq(2), Seq(2), Seq(99), Seq(0), Seq(-1)];
    let found: Vec<_> = crate::store::at(&store, &acme, &places).unwrap().into_iter().map(|event| event.seq).collect();
    assert_eq!(found, [Seq(2), Seq(4)]);
}
