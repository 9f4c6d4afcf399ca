//! Generations of a component: becoming current, going back, and what an old one may still do.

use std::time::Duration;

use super::*;
use crate::store::{PROBATION, Purpose, Responses as _, TenureState};

const BORN: Instant = Instant(1_000_000);

/// Makes a generation current, on probation with our one source where there is one to go back to.
fn install(store: &SqliteStore, digest: &str, probation: bool) -> GenerationNumber {
    let sources = [source()];
    store
        .install(&Successor {
            component: "miro",
            digest,
            name: "miro",
            version: "1.0.0",
            package: digest.as_bytes(),
            configured: digest,
            reason: "asked for",
            probation: probation.then_some(&sources),
            at: BORN,
        })
        .unwrap()
}

fn begin(store: &SqliteStore) {
    store.begin(&source(), Stream::Live, "first", Instant(1), Instant(2)).unwrap();
}

/// A page as a generation read it.
fn read_by<'a>(generation: GenerationNumber, source: &'a SourceName, events: &'a [Event], checkpoint: &'a str) -> Page<'a> {
    Page { generation: Some(generation), ..page(source, events, checkpoint) }
}

fn body(store: &SqliteStore) -> String {
    store.checkpoint(&source(), Stream::Live).unwrap().unwrap().body
}

fn states(store: &SqliteStore) -> Vec<(String, TenureState)> {
    store.tenures().unwrap().into_iter().map(|tenure| (tenure.digest, tenure.state)).collect()
}

#[test]
fn i6_going_back_restores_generation_and_checkpoint_together() {
    let place = Place::new();
    let store = place.open();
    begin(&store);
    let old = install(&store, "old", false);
    let acme = source();
    store.commit(&read_by(old, &acme, &[event("a", 1)], "second")).unwrap();
    let new = install(&store, "new", true);
    store.commit(&read_by(new, &acme, &[event("b", 2)], "third")).unwrap();
    assert_eq!(body(&store), "third");

    assert_eq!(store.take_back(new, "trapped", BORN.plus(Duration::from_millis(1))).unwrap(), Some(old));
    drop(store);
    let store = place.open();
    assert_eq!(body(&store), "second");
    assert_eq!(states(&store), [("old".to_owned(), TenureState::Current), ("new".to_owned(), TenureState::TakenBack)]);
    assert_eq!(store.package(old).unwrap().unwrap(), b"old");
    assert_eq!(store.package(new).unwrap(), None, "what was taken back is not kept");
    assert_eq!(store.read(&all(&source(), Lane::Live)).unwrap().len(), 2, "events that are stored stay");
}

#[test]
fn that_a_component_took_the_place_of_another_or_was_taken_back_is_recorded_once() {
    let place = Place::new();
    let store = place.open();
    begin(&store);
    install(&store, "old", false);
    let records = || store.governance(0, usize::MAX).unwrap().len();
    assert_eq!(records(), 0, "the first of all replaces nothing");
    let new = install(&store, "new", true);
    assert_eq!(records(), 1);
    store.take_back(new, "trapped", BORN).unwrap();
    assert_eq!(records(), 2);
}

#[test]
fn i6_a_page_of_a_generation_that_was_taken_back_changes_nothing() {
    let place = Place::new();
    let store = place.open();
    begin(&store);
    install(&store, "old", false);
    let new = install(&store, "new", true);
    store.take_back(new, "trapped", BORN).unwrap();
    let acme = source();
    let refused = store.commit(&read_by(new, &acme, &[event("late", 1)], "ahead")).unwrap_err();
    assert_eq!(refused.kind, StoreErrorKind::TakenBack);
    assert_eq!(body(&store), "first");
    assert!(store.read(&all(&source(), Lane::Live)).unwrap().is_empty());
}

#[test]
fn i6_after_its_first_polls_a_generation_stays() {
    let place = Place::new();
    let store = place.open();
    begin(&store);
    install(&store, "old", false);
    let new = install(&store, "new", true);
    for poll in 1..PROBATION {
        assert!(!store.polled(new, &source(), BORN).unwrap(), "poll {poll}");
        assert_eq!(store.polls(new, &source()).unwrap(), Some(poll));
    }
    assert!(store.polled(new, &source(), BORN).unwrap());
    assert_eq!(store.polls(new, &source()).unwrap(), None);
    assert_eq!(store.take_back(new, "too late", BORN).unwrap(), None);
    assert_eq!(states(&store).pop().unwrap().1, TenureState::Current);
}

#[test]
fn a_source_that_cannot_poll_holds_probation_open_for_a_day_at_most() {
    let place = Place::new();
    let store = place.open();
    begin(&store);
    install(&store, "old", false);
    let new = install(&store, "new", true);
    let day = Duration::from_hours(24);
    assert!(!store.polled(new, &source(), BORN.plus(day - Duration::from_millis(1))).unwrap());
    assert!(store.polled(new, &source(), BORN.plus(day)).unwrap());
}

#[test]
fn i6_a_backfill_called_complete_by_a_generation_that_failed_goes_on() {
    let place = Place::new();
    let store = place.open();
    begin(&store);
    let history = History {
        id: 0,
        source: source(),
        start: Instant(1),
        end: Instant(9),
        purpose: Purpose::Delivery,
        gap: None,
        through: Instant(1),
        events: 0,
        finished: false,
    };
    let id = store.add_history(&history).unwrap();
    store.begin(&source(), Stream::History(id), "h1", Instant(1), Instant(2)).unwrap();
    install(&store, "old", false);
    let new = install(&store, "new", true);
    let acme = source();
    let done = Page { stream: Stream::History(id), lane: Lane::History, finished: true, ..read_by(new, &acme, &[], "h9") };
    store.commit(&done).unwrap();
    assert!(store.histories().unwrap()[0].finished);
    store.take_back(new, "trapped", BORN).unwrap();
    assert!(!store.histories().unwrap()[0].finished);
    assert_eq!(store.checkpoint(&source(), Stream::History(id)).unwrap().unwrap().body, "h1");
}

#[test]
fn only_the_generation_before_is_kept_to_go_back_to() {
    let place = Place::new();
    let store = place.open();
    let first = install(&store, "first", false);
    let second = install(&store, "second", true);
    let third = install(&store, "third", true);
    let kept = [first, second, third].map(|number| store.package(number).unwrap().is_some());
    assert_eq!(kept, [false, true, true]);
}

#[test]
fn a_kept_component_that_was_tampered_with_is_refused() {
    let place = Place::new();
    let store = place.open();
    let number = install(&store, "one", false);
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute("UPDATE generations SET digest = 'two'", []).unwrap();
    let refused = store.package(number).unwrap_err();
    assert_eq!(refused.kind, StoreErrorKind::Unusable);
    assert!(refused.to_string().contains("damaged"), "{refused}");
}

#[test]
fn a_refused_candidate_is_remembered_with_its_reason_and_serves_nothing() {
    let place = Place::new();
    let store = place.open();
    install(&store, "old", false);
    let refused = Refused { component: "miro", digest: "bad", name: "", version: "", reason: "unknown key", lasting: true, at: Instant(5) };
    let number = store.refuse(&refused).unwrap();
    let told = store.tenures().unwrap().pop().unwrap();
    assert_eq!((told.number, told.state, told.reason.as_str(), told.lasting), (number, TenureState::Refused, "unknown key", true));
    assert_eq!(store.package(number).unwrap(), None);
    assert_eq!(states(&store)[0].1, TenureState::Current);
}

#[test]
fn i5_transcripts_are_sealed_kept_few_and_belong_to_one_source() {
    let place = Place::new();
    let store = place.open();
    for text in ["one", "two", "three"] {
        store.keep_transcript(&source(), BORN, text.as_bytes(), 2).unwrap();
    }
    store.keep_transcript(&"other".parse().unwrap(), BORN, b"another", 2).unwrap();
    assert_eq!(store.transcripts(&source()).unwrap(), [b"two".to_vec(), b"three".to_vec()]);
    drop(store);
    let file = std::fs::read(place.path()).unwrap();
    assert!(!file.windows(5).any(|window| window == b"three"), "a transcript lies open on disk");
    // One that another source's row claims does not open.
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute("UPDATE transcripts SET source = (SELECT min(source) FROM transcripts)", []).unwrap();
    assert_eq!(place.open().transcripts(&source()).unwrap().len(), 2);
}
