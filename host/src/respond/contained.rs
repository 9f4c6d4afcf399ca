//! A response that a stronger one of the same finding contains: it waits for the end of that one, and is done by itself where that one
//! is not done.

use super::{Move, Response, State};

/// What becomes of a contained response where the stronger one stands now, brought there `by` a move where it was just moved.
/// `None`: it goes on waiting.
pub fn settled(stronger: &Response, by: Option<&Move>) -> Option<Move> {
    let called = format!("{} (response {})", stronger.action, stronger.id);
    match (&stronger.state, by) {
        (State::Pending | State::Running, _) => None,
        (State::Succeeded, _) => Some(Move::Skip(format!("contained in {called}, which was done"))),
        (_, Some(Move::Try(_))) => Some(Move::Skip(format!("contained in {called}, which would be done"))),
        (State::Waiting(_), _) => Some(Move::Release(format!("{called} waits for a person: this is done by itself"))),
        (State::Failed | State::Skipped | State::Reverted(_), _) => {
            Some(Move::Release(format!("{called} is {}: this is done by itself", stronger.state.as_str())))
        }
    }
}
