//! What is said when, and that nothing in it is more than text.

mod carriers;
mod looks;
mod tellers;
mod tellings;

use super::*;
use crate::{
    alert::{Activity, Alert, Closing, Reason, Severity, State as Life, Step, Suppress, Verdict, after, tests::NOON},
    model::{ChannelName, Instant},
};

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

fn channel() -> ChannelName {
    "soc".parse().unwrap()
}

fn later(by: u64) -> Instant {
    Instant(NOON.0 + by)
}

/// Everything that is medium or worse.
fn route() -> Route {
    Route { severity: Severity::Medium, policies: Vec::new() }
}

fn closing() -> Step {
    Step::Close(Closing::new(Verdict::Benign, Some(Reason::Test), Some("pentest".into()), Suppress::Never).unwrap())
}

fn closed(alert: Alert) -> Alert {
    let state = after(&Life::Open, &closing(), "ann", NOON).unwrap();
    Alert { state, ..alert }
}

fn message<'a>(channel: &'a ChannelName, alert: &'a Alert, activity: Activity, told: Option<&'a Told>) -> Message<'a> {
    Message { channel, at: NOON, said: Said::Alert { alert, activity, told } }
}
