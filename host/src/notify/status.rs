//! How a channel is doing, for everybody who asks.

use serde::{Deserialize, Serialize};

use crate::model::{ChannelName, Instant};

/// How a channel is doing. Kept in the store as `notify/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What it is at.
    #[serde(flatten)]
    pub state: State,
    /// What the far side last said to a message that it took.
    pub said: Option<String>,
}

/// What a channel is at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Everything is told that may be.
    Idle,
    /// It failed and will be tried again by itself.
    Retrying {
        /// Since when.
        since: Instant,
        /// What happened last, for people.
        reason: String,
    },
    /// It will be tried again, but a person must act.
    Paused {
        /// Since when.
        since: Instant,
        /// What to do, for people.
        reason: String,
    },
}

impl Status {
    /// Where it is kept.
    pub fn note_key(channel: &ChannelName) -> String {
        format!("notify/{channel}")
    }

    /// Why nothing goes out, and since when, while nothing does.
    pub fn trouble(&self) -> Option<(Instant, &str)> {
        match &self.state {
            State::Idle => None,
            State::Retrying { since, reason } | State::Paused { since, reason } => Some((*since, reason)),
        }
    }
}
