//! A finding as it is kept, and what became of it.

use serde::{Deserialize, Serialize};

use super::{AlertId, Quiet, Story, SuppressionId};
use crate::model::{DetectorName, Instant, Lane, SourceName};

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It only teaches.
    Quiet(Quiet),
    /// It was kept quiet by a suppression.
    Suppressed(SuppressionId),
    /// The daily limit withheld it; this alert counts it.
    Withheld(AlertId),
    /// It counts on an alert that was open.
    Repeated(AlertId),
    /// It raised this alert.
    Raised(AlertId),
}

impl Fate {
    /// The alert that it raised or counts on.
    pub fn alert(self) -> Option<AlertId> {
        match self {
            Self::Withheld(id) | Self::Repeated(id) | Self::Raised(id) => Some(id),
            Self::Quiet(_) | Self::Suppressed(_) => None,
        }
    }

    /// In a few words.
    pub fn shown(self) -> String {
        match self {
            Self::Quiet(Quiet::Policy) => "behaviour only".to_owned(),
            Self::Quiet(Quiet::History) => "from a backfill".to_owned(),
            Self::Quiet(Quiet::FirstRun) => "first run".to_owned(),
            Self::Quiet(Quiet::Old) => "over a day old".to_owned(),
            Self::Suppressed(id) => format!("suppressed by {id}"),
            Self::Withheld(id) => format!("withheld, see alert {id}"),
            Self::Repeated(id) => format!("counts on alert {id}"),
            Self::Raised(id) => format!("raised alert {id}"),
        }
    }
}

/// A finding as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Behaviour {
    /// Its number.
    pub id: i64,
    /// Whose events it rests on.
    pub source: SourceName,
    /// Which detector found it.
    pub detector: DetectorName,
    /// Which of its rules.
    pub policy: String,
    /// The same for the same behaviour.
    pub key: String,
    /// What it tells.
    pub story: Story,
    /// How the latest of its events came.
    pub lane: Lane,
    /// When it was found.
    pub found: Instant,
    /// What became of it.
    pub fate: Fate,
}
