//! What becomes of a response by what its component says.

use audit_pipeline::responder::{Progress, Receipt, Step as Said};

use super::{super::progress::moved, *};

/// Also where the vendor says that all is so already: it would be taken back by whoever takes it for done.
#[test]
fn a_dry_run_never_succeeds() {
    let said = || {
        let more = Said { state: String::new(), effect: Effect::Repeatable, intent: "deactivate it".into(), trace: None };
        [Progress::More(more), Progress::Done(Receipt { summary: "it was deactivated already".into(), trace: None })]
    };
    let tried = |dry_run| Response { dry_run, ..automatic(Action::Suspend) };
    let next = |dry_run| said().map(|said| moved(said, &tried(dry_run), &account(), NOON));
    for (next, why) in next(true).into_iter().zip(["would deactivate it for eve@example.com", "would do nothing for eve@example.com"]) {
        let ended = after(&tried(true), &next, None, NOON).unwrap();
        assert_eq!(ended.state, State::Skipped);
        assert!(ended.outcome.as_deref().is_some_and(|outcome| outcome.contains(why)), "{:?}", ended.outcome);
    }
    assert!(matches!(next(false), [Move::Stepped(..), Move::Succeed(..)]));
}
