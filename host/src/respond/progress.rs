//! How far a component says that an order has got, and what becomes of the response by that.

use audit_pipeline::responder::{Progress, Receipt, Step as Said};

use super::{Account, Move, Response, Step, Trace};
use crate::model::Instant;

/// What becomes of a response. A dry run ends with the first answer whatever that is: there was nothing to change, or nothing was changed.
pub(super) fn moved(progress: Progress, response: &Response, account: &Account, now: Instant) -> Move {
    let trace = |trace| Trace::new(trace, now);
    match progress {
        Progress::More(step) if response.dry_run => Move::Try(format!("dry run: would {} for {}", step.intent, called(account))),
        Progress::Done(receipt) if response.dry_run => {
            Move::Try(format!("dry run: would do nothing for {}: {}", called(account), receipt.summary))
        }
        Progress::More(Said { state, effect, intent, trace: told }) => {
            Move::Stepped(Step { state, effect, intent, begun: false }, told.map(trace))
        }
        Progress::Done(Receipt { summary, trace: told }) => Move::Succeed(summary, told.map(trace)),
    }
}

fn called(account: &Account) -> String {
    match account.emails.first() {
        Some(email) => format!("{email} (id {})", account.id),
        None => account.id.clone(),
    }
}
