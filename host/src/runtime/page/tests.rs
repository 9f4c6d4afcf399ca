use audit_pipeline::{
    source::{Gap, Reading},
    types::{Actor, ActorKind, Outcome},
};

use super::*;

fn sound() -> Page {
    let actor = Actor { kind: ActorKind::User, id: None, name: None, email: None };
    let event = Event {
        id: "1".into(),
        time: 1,
        action: "sign_in".into(),
        category: None,
        traits: vec![],
        outcome: Outcome::Success,
        actor,
        object: None,
        team: None,
        organization: None,
        ip: None,
        user_agent: None,
        session: None,
        extra: vec![],
        record: "{}".into(),
    };
    Page { events: vec![event], checkpoint: "{}".into(), reading: Reading::Live, through: 1, next: Next::CaughtUp, notes: vec![] }
}

fn broken(change: impl FnOnce(&mut Page)) -> String {
    let mut page = sound();
    change(&mut page);
    check(&mut page).unwrap_err()
}

#[test]
fn a_sound_page_passes() {
    assert_eq!(check(&mut sound()), Ok(()));
}

#[test]
fn a_page_that_breaks_the_contract_is_told_where() {
    assert_eq!(broken(|page| page.events[0].id.clear()), "event 0 of the page: an empty id");
    assert_eq!(
        broken(|page| page.events[0].id = "x".repeat(1025)),
        "event 0 of the page: the id is 1025 bytes long, at most 1024 are allowed"
    );
    assert_eq!(broken(|page| page.events[0].time = LAST + 1), "event 0 of the page: its time is 253402300800000 ms, past the year 9999");
    assert_eq!(broken(|page| page.events[0].record = "[]".into()), "event 0 of the page: the record is not a JSON object");
    assert_eq!(broken(|page| page.events[0].record = "{\"a\":\n1}".into()), "event 0 of the page: its record is more than one line");
    assert!(broken(|page| page.events[0].record = "{\"a\":}".into()).starts_with("event 0 of the page: the record is not JSON"));
    assert!(broken(|page| page.events[0].record = "{}{}".into()).starts_with("event 0 of the page: the record is not JSON"));
    assert!(broken(|page| page.events[0].traits = vec![String::new(); 65]).contains("traits"));
    assert_eq!(broken(|page| page.checkpoint = String::new()), "the checkpoint is not a JSON object");
    assert!(
        broken(|page| page.checkpoint = format!("{{\"a\":\"{}\"}}", "x".repeat(CHECKPOINT))).starts_with("the checkpoint is 1048584 bytes")
    );
    assert!(broken(|page| page.through = u64::MAX).contains("past the year 9999"));
    assert_eq!(broken(|page| page.notes = vec![Note::Gap(Gap { start: 2, end: 1, cause: String::new() })]), "a gap from 2 ms to 1 ms");
}

#[test]
fn i7_what_is_only_for_people_is_cut_and_what_was_left_out_is_said() {
    let mut page = sound();
    page.notes = vec![Note::Warning("ä".repeat(5000)); 2000];
    check(&mut page).unwrap();
    assert_eq!(page.notes.len(), NOTES + 1);
    let Note::Warning(text) = &page.notes[0] else { panic!() };
    assert_eq!(text.chars().count(), 1001);
    let Note::Warning(text) = &page.notes[NOTES] else { panic!() };
    assert!(text.contains("1900 are left out"), "{text}");
}

#[test]
fn i1_no_gap_is_left_out_in_silence() {
    let gap = |at: u64| Note::Gap(Gap { start: at, end: at + 1, cause: String::new() });
    let mut page = sound();
    page.notes = vec![Note::Warning("x".into()); 2000];
    page.notes.extend((0..GAPS as u64).map(gap));
    check(&mut page).unwrap();
    assert_eq!(page.notes.iter().filter(|note| matches!(note, Note::Gap(_))).count(), GAPS);
    page.notes.push(gap(7));
    assert_eq!(check(&mut page).unwrap_err(), "a page with 101 gaps, at most 100 are allowed");
}

#[test]
fn a_wait_of_a_page_ends_and_its_facts_are_json() {
    let mut page = sound();
    page.next = Next::After(u64::MAX);
    check(&mut page).unwrap();
    assert!(matches!(page.next, Next::After(86_400_000)), "{:?}", page.next);
    let fact = broken(|page| page.events[0].extra = vec![("a".into(), "no json".into())]);
    assert!(fact.starts_with("event 0 of the page: a further fact is not JSON"), "{fact}");
}
