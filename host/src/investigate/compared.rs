//! What an alert's events have in them, beside what is usual for their user.
//!
//! `last_seen_days` and `uncommon` are what Microsoft's `CloudAppEvents` calls `LastSeenForUser` and `UncommonForUser`, computed here from
//! the kept log: <https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-cloudappevents-table>.

use serde::Serialize;

use super::{Attribute, Trace};
use crate::model::Instant;

const DAY: u64 = 86_400_000;

/// One value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Of what.
    pub attribute: Attribute,
    /// Which.
    pub value: String,
    /// Events of the alert's stretch of time that have it.
    pub now: u64,
    /// Whole days from when the user last had it to the alert: 0 within a day, -1 never before.
    pub last_seen_days: i64,
    /// On how many of the user's active days of the 30 before.
    pub days: u32,
    /// On how many of those days the user was active at all.
    pub of_days: u32,
    /// Whether that is less than one in ten. None where the user was not active.
    pub uncommon: Option<bool>,
}

impl Compared {
    pub(super) fn new(attribute: Attribute, value: &str, trace: &Trace, of_days: u32, start: Instant) -> Self {
        let days = trace.on_days();
        let last_seen_days = match trace.before {
            Some(before) => i64::try_from(start.0.saturating_sub(before.0) / DAY).unwrap_or(i64::MAX),
            None => -1,
        };
        let uncommon = (of_days > 0).then(|| days.saturating_mul(10) < of_days);
        Self { attribute, value: value.to_owned(), now: trace.now, last_seen_days, days, of_days, uncommon }
    }
}
