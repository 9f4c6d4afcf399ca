//! What the store holds for a channel.

use serde::Serialize;

use super::{Ledger, Manner, Phase, Route, Said, Telling, Told, telling, telling_condition};
use crate::{
    alert::{Activity, Alert, AlertId, Severity},
    condition::{Key, Known},
    model::Instant,
};

/// Something about which there may be something to tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// As it is now.
    pub matter: Matter,
    /// As the channel knows it.
    pub told: Option<Told>,
    /// Counts its changes: what was settled about an earlier one does not settle a later one.
    pub revision: i64,
}

/// What a channel is told of.
#[derive(Clone, Debug, PartialEq)]
pub enum Matter {
    /// An alert.
    Alert {
        /// Which.
        alert: Box<Alert>,
        /// Another alert with its fingerprint is open.
        shared: bool,
    },
    /// Something that is so, or was.
    Condition(Box<Known>),
}

/// The name of what a channel is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// An alert.
    Alert(AlertId),
    /// A condition.
    Condition(Key),
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Alert(id) => write!(f, "alert {id}"),
            Self::Condition(key) => f.write_str(key.as_str()),
        }
    }
}

impl Matter {
    /// Its name.
    pub fn named(&self) -> Named {
        match self {
            Self::Alert { alert, .. } => Named::Alert(alert.id),
            Self::Condition(known) => Named::Condition(known.condition.key()),
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Alert { alert, .. } => alert.story.severity,
            Self::Condition(known) => known.condition.severity,
        }
    }

    /// What to say of it to a channel that was told so much.
    pub fn telling(&self, told: Option<&Told>, route: &Route, manner: Manner, now: Instant) -> Telling {
        match self {
            Self::Alert { alert, shared } => telling(alert, told, route, manner, *shared, now),
            Self::Condition(known) => telling_condition(known, told, manner, now),
        }
    }

    /// What is said of it.
    pub fn said<'a>(&'a self, activity: Activity, told: Option<&'a Told>) -> Said<'a> {
        match self {
            Self::Alert { alert, .. } => Said::Alert { alert, activity, told },
            Self::Condition(known) => Said::Condition { known, activity, told },
        }
    }

    /// What a channel knows of it after it was told once more.
    pub fn known(&self, before: Option<&Told>, at: Instant) -> Told {
        match self {
            Self::Alert { alert, .. } => Told::next(before, alert, at),
            Self::Condition(known) => Told {
                at,
                times: before.map_or(0, |told| told.times).saturating_add(1),
                severity: known.condition.severity,
                count: known.news,
                phase: if known.is_open() { Phase::Open } else { Phase::Closed },
            },
        }
    }
}

/// What waits for a channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// What is next.
    pub next: Option<Notice>,
    /// When the first of those will be that wait for a time to come.
    pub wake: Option<Instant>,
    /// When the oldest of all that the channel knows nothing of was to be told.
    pub oldest: Option<Instant>,
    /// The channel's counts.
    pub ledger: Ledger,
}

/// What became of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Of what.
    pub named: Named,
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
