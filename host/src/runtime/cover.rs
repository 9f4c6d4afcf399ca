//! What a component says, without the secrets it was given: it quotes the vendor, and a vendor, or a proxy on the way, may
//! quote the request (I5).

use audit_pipeline::{
    source::{Note, Page, RefreshFailure},
    types::Failure,
};

use super::{CallError, RefreshError};
use crate::neutral::covered;

pub(super) fn error(why: CallError, secrets: &[&str]) -> CallError {
    match why {
        CallError::Failed(why) => CallError::Failed(failure(why, secrets)),
        // The host's own words.
        why => why,
    }
}

pub(super) fn refresh(why: RefreshError, secrets: &[&str]) -> RefreshError {
    match why {
        RefreshError::Refused(RefreshFailure::Unsent(why)) => RefreshError::Refused(RefreshFailure::Unsent(failure(why, secrets))),
        RefreshError::Refused(RefreshFailure::Rejected(why)) => RefreshError::Refused(RefreshFailure::Rejected(failure(why, secrets))),
        RefreshError::Refused(RefreshFailure::Unknown(text)) => {
            RefreshError::Refused(RefreshFailure::Unknown(covered(&text, secrets).into_owned()))
        }
        why => why,
    }
}

/// Only what is shown to people. The events are the vendor's.
pub(super) fn notes(page: &mut Page, secrets: &[&str]) {
    for note in &mut page.notes {
        let text = match note {
            Note::Gap(gap) => &mut gap.cause,
            Note::Warning(text) => text,
            Note::Clock(_) | Note::Meter(_) => continue,
        };
        *text = covered(text, secrets).into_owned();
    }
}

fn failure(failure: Failure, secrets: &[&str]) -> Failure {
    let cover = |text: String| covered(&text, secrets).into_owned();
    match failure {
        Failure::Unavailable(text) => Failure::Unavailable(cover(text)),
        Failure::Unauthorized(text) => Failure::Unauthorized(cover(text)),
        Failure::Forbidden(text) => Failure::Forbidden(cover(text)),
        Failure::Invalid(text) => Failure::Invalid(cover(text)),
        Failure::Protocol(text) => Failure::Protocol(cover(text)),
        wordless @ (Failure::Throttled(_) | Failure::Expired) => wordless,
    }
}
