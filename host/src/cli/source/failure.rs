//! What a failed call to a component means for a command.

use audit_pipeline::types::Failure;

use crate::{
    cli::{Ended, Exit},
    neutral::visible,
    runtime::CallError,
    schedule,
};

/// How the command ends.
pub(in crate::cli) fn exit(why: &CallError) -> Exit {
    match why {
        CallError::Failed(Failure::Expired | Failure::Unauthorized(_) | Failure::Forbidden(_)) => Exit::Authorize,
        CallError::Failed(Failure::Invalid(_)) => Exit::Configuration,
        _ => Exit::Left,
    }
}

/// For people, harmless on a terminal.
pub(in crate::cli) fn text(why: &CallError) -> String {
    match why {
        CallError::Failed(failure) => visible(&schedule::describe(failure)).to_string(),
        why => visible(&why.to_string()).to_string(),
    }
}

/// `what` was tried and failed.
pub(in crate::cli) fn failed(what: &str, why: &CallError) -> Ended {
    Ended::new(exit(why), format!("failed to {what}: {}", text(why)))
}
