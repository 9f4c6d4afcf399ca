//! What a channel knows of an alert.

use serde::{Deserialize, Serialize};

use crate::{
    alert::{Alert, Severity, State},
    model::Instant,
};

/// Where an alert is in its life, as far as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Nobody works on it.
    Open,
    /// Somebody does.
    Taken,
    /// It is over.
    Closed,
}

impl From<&State> for Phase {
    fn from(state: &State) -> Self {
        match state {
            State::Open => Self::Open,
            State::InProgress { .. } => Self::Taken,
            State::Closed(_) => Self::Closed,
        }
    }
}

/// An alert as a channel was last told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When.
    pub at: Instant,
    /// How often it was told of it by then.
    pub times: u64,
    /// How bad it was.
    pub severity: Severity,
    /// What it stood for.
    pub count: u64,
    /// Where it was in its life.
    pub phase: Phase,
}

impl Told {
    /// After it is told of `alert` once more.
    pub fn next(before: Option<&Self>, alert: &Alert, at: Instant) -> Self {
        Self {
            at,
            times: before.map_or(0, |told| told.times).saturating_add(1),
            severity: alert.story.severity,
            count: alert.count,
            phase: Phase::from(&alert.state),
        }
    }
}
