//! What the store holds for a channel.

use serde::Serialize;

use super::{Ledger, Told};
use crate::{
    alert::{Alert, AlertId},
    model::Instant,
};

/// An alert about which there may be something to tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// As it is now.
    pub alert: Alert,
    /// As the channel knows it.
    pub told: Option<Told>,
    /// Counts its changes: what was settled about an earlier one does not settle a later one.
    pub revision: i64,
    /// Another alert with its fingerprint is open.
    pub shared: bool,
}

/// What waits for a channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// What is next.
    pub next: Option<Notice>,
    /// When the first of those will be that wait for a time to come.
    pub wake: Option<Instant>,
    /// When the oldest of all was to be told.
    pub oldest: Option<Instant>,
    /// The channel's counts.
    pub ledger: Ledger,
}

/// What became of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Of which alert.
    pub alert: AlertId,
    /// At which revision.
    pub revision: i64,
    /// What.
    pub how: How,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The channel was told.
    Told(Told),
    /// There is nothing to tell (any more), or it is withheld.
    Dropped,
    /// Not before then.
    Later(Instant),
    /// The far side refuses it by itself, for this reason: it is not sent again until the alert changes.
    Refused(String),
}

/// A channel in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its counts.
    #[serde(flatten)]
    pub ledger: Ledger,
    /// Alerts about which something is to be told now.
    pub waiting: u64,
    /// Those that wait for a time to come: its hours, another try, or that people may be told again.
    pub held: u64,
    /// Those that the far side refused.
    pub refused: u64,
}
