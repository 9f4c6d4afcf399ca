//! What of the alerts and behaviours is asked for.

use super::AlertId;
use crate::model::Instant;

/// Alerts in which states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Those nobody has closed, and that stand by themselves.
    #[default]
    Unresolved,
    /// Open, not taken by anybody.
    Open,
    /// Somebody works on them.
    InProgress,
    /// Closed.
    Closed,
    /// All, those within incidents included.
    All,
}

/// Which alerts. Latest first.
#[derive(Clone, Debug)]
pub struct AlertQuery {
    /// In which states.
    pub wanted: Wanted,
    /// Of this policy.
    pub policy: Option<String>,
    /// With this in the identifier, e-mail address or name of the user.
    pub user: Option<String>,
    /// Last seen at or after this.
    pub since: Option<Instant>,
    /// That came from this address, as the alert writes it.
    pub address: Option<String>,
    /// Held by this incident.
    pub incident: Option<AlertId>,
    /// At most so many.
    pub most: u64,
}

/// Which behaviours. Latest first.
#[derive(Clone, Debug)]
pub struct BehaviourQuery {
    /// Of this policy.
    pub policy: Option<String>,
    /// With this in the identifier, e-mail address or name of the user.
    pub user: Option<String>,
    /// Whose last event happened at or after this.
    pub since: Option<Instant>,
    /// That came from this address, as the behaviour writes it.
    pub address: Option<String>,
    /// Counting on this alert.
    pub alert: Option<AlertId>,
    /// At most so many.
    pub most: u64,
}
