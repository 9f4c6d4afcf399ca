//! How a run ends, and what it leaves.

use super::world::{World, record};
use crate::{
    exit::Exit,
    source::{Gap, Next, Note},
    types::Failure,
};

#[test]
fn events_are_written_once_whatever_is_read_again() {
    let world = World::new();
    world.happen(&["a", "b", "c", "d", "e"]);
    assert_eq!(world.run(), Exit::Done);
    world.inner.borrow_mut().events.insert(3, "late".into());
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.lines(), ["a", "b", "c", "d", "e", "late"].map(record));
    assert_eq!(world.said(), "", "cron mails what is said");
}

#[test]
fn what_heals_by_itself_is_tried_three_times_more_and_left() {
    let world = World::new();
    world.inner.borrow_mut().failures = std::iter::repeat_n(Failure::Unavailable("no answer in time".into()), 4).collect();
    assert_eq!(world.run(), Exit::Left);
    assert_eq!(world.inner.borrow().waited, 31_000);
    assert_eq!(world.inner.borrow().said.last().unwrap(), "miro-source-command: exit 1");
    assert_eq!(world.run(), Exit::Done);
}

#[test]
fn a_person_is_called_for_a_refused_token_and_for_a_missing_role() {
    for failure in [Failure::Expired, Failure::Unauthorized("x".into()), Failure::Forbidden("x".into())] {
        let world = World::new();
        world.inner.borrow_mut().failures = [failure].into();
        assert_eq!(world.run(), Exit::Authorize);
    }
    let world = World::new().with("MIRO_SOURCE_CONFIG", "{\"wrong\":1}");
    assert_eq!(world.run(), Exit::Configuration);
}

#[test]
fn a_wait_is_waited_for_where_the_time_of_the_run_suffices() {
    let world = World::new();
    world.inner.borrow_mut().next = Some(Next::After(200_000));
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.inner.borrow().waited, 200_000);
    world.inner.borrow_mut().next = Some(Next::After(300_000));
    assert_eq!(world.run(), Exit::Left);
    assert_eq!(world.inner.borrow().waited, 200_000);
    assert!(world.said().contains("must wait 300 s more, over its time (MIRO_SOURCE_BUDGET)"), "{}", world.said());
}

#[test]
fn a_run_of_two_pages_leaves_the_rest_to_the_next() {
    let world = World::new().with("MIRO_SOURCE_PAGES", "2");
    world.happen(&["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(world.run(), Exit::Left);
    assert_eq!(world.lines().len(), 6);
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.lines().len(), 7);
}

#[test]
fn where_nobody_reads_nothing_is_committed() {
    let world = World::new();
    world.happen(&["a"]);
    world.inner.borrow_mut().closed = true;
    assert_eq!(world.run(), Exit::Left);
    world.inner.borrow_mut().closed = false;
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.lines(), [String::new(), record("a")], "what came out of the first try may end in half a line");
}

#[test]
fn gaps_are_said_and_kept() {
    let world = World::new();
    let gap = |start| Note::Gap(Gap { start, end: start + 1000, cause: "older than the vendor keeps".into() });
    world.inner.borrow_mut().notes = vec![gap(0), Note::Clock(-90_000), Note::Warning("odd".into())];
    assert_eq!(world.run(), Exit::Done);
    world.inner.borrow_mut().notes = vec![gap(5000)];
    assert_eq!(world.run(), Exit::Done);
    let kept = world.file("gaps.ndjson").unwrap();
    assert_eq!(kept.lines().count(), 2);
    assert!(kept.starts_with("{\"start\":0,\"end\":1000,\"cause\":\"older than the vendor keeps\"}\n"), "{kept}");
    let said = world.said();
    assert!(said.contains("1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z"), "{said}");
    assert!(said.contains("clock is 90 s ahead of"), "{said}");
}

#[test]
fn what_is_said_holds_no_secret_and_moves_no_cursor() {
    let world = World::new();
    world.inner.borrow_mut().failures = [Failure::Forbidden("static-token \u{1b}[2J is\nnot welcome".into())].into();
    assert_eq!(world.run(), Exit::Authorize);
    let said = world.said();
    assert!(!said.contains("static-token") && !said.contains('\u{1b}'), "{said:?}");
    assert!(said.contains("[hidden] \\u{1b}[2J is\\nnot welcome"), "{said}");
}

#[test]
fn records_are_harmless_on_a_terminal() {
    assert_eq!(crate::neutral::json("{\"a\":\"x\u{1b}\u{202e}\u{e0041}\u{200d}\"}"), "{\"a\":\"x\\u001b\\u202e\\udb40\\udc41\u{200d}\"}");
}

#[test]
fn ids_are_forgotten_after_their_time_and_only_by_a_run_that_caught_up() {
    const DAY: u64 = 86_400_000;
    let world = World::new().with("MIRO_SOURCE_REMEMBER", "3d");
    world.happen(&["a", "b"]);
    assert_eq!(world.run(), Exit::Done);
    let old = world.inner.borrow().files.list("state").into_iter().find(|name| name.starts_with("seen-")).unwrap();
    assert!(world.file(&old).is_some_and(|kept| !kept.is_empty()));
    assert_eq!(world.inner.borrow().files.read(&format!("state/{old}")).unwrap().len(), 32, "16 bytes an id");
    world.pass(10 * DAY);
    world.inner.borrow_mut().failures = [Failure::Forbidden("not today".into())].into();
    assert_eq!(world.run(), Exit::Authorize);
    assert!(world.file(&old).is_some(), "after an interruption what was read before comes again");
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.lines().len(), 2);
    assert_eq!(world.file(&old), None);
}

#[test]
fn the_state_of_another_source_or_a_later_version_is_refused() {
    for text in [r#"{"version":1,"source":"other","checkpoint":"0"}"#, r#"{"version":2,"source":"vendor","checkpoint":"0"}"#, "nonsense"] {
        let world = World::new();
        world.inner.borrow_mut().files.write("state/checkpoint.json", text.into());
        assert_eq!(world.run(), Exit::Configuration, "{text}");
    }
}

#[test]
fn a_checkpoint_of_the_first_version_is_read_for_ever() {
    let world = World::new();
    world.happen(&["a", "b"]);
    world.inner.borrow_mut().files.write("state/checkpoint.json", br#"{"version":1,"source":"vendor","checkpoint":"1"}"#.to_vec());
    world.inner.borrow_mut().files.write("state/whole", Vec::new());
    assert_eq!(world.run(), Exit::Done);
    assert_eq!(world.lines(), [record("b")]);
}
