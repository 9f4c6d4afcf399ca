//! What is usual: the days that are looked back to, in numbers.

use serde::Serialize;

use super::trace::Values;

/// Values that are listed of one kind.
const LISTED: usize = 10;

/// What is usual for a user, or at an address.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Usual {
    /// Days with at least one event.
    pub days: u32,
    /// Events.
    pub events: u64,
    /// Those that failed.
    pub failed: u64,
    /// By the vendor's verb.
    pub actions: Counts,
    /// By country.
    pub countries: Counts,
    /// By network.
    pub networks: Counts,
    /// By address.
    pub addresses: Counts,
    /// By program.
    pub user_agents: Counts,
    /// By the hour of the day, UTC.
    pub hours: [u64; 24],
}

/// The most frequent values of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// With the number of events of each, the most first.
    pub values: Vec<(String, u64)>,
    /// Further values.
    pub more: u64,
    /// Events whose value is not told apart any more, over the whole log.
    pub beyond: u64,
}

impl Counts {
    pub(super) fn of(values: &Values) -> Self {
        let all = values.most(|trace| trace.recent);
        let more = u64::try_from(all.len().saturating_sub(LISTED)).unwrap_or_default();
        let listed = all.into_iter().take(LISTED).map(|(value, trace)| (value.to_owned(), trace.recent)).collect();
        Self { values: listed, more, beyond: values.more }
    }
}
