//! An alert, and how a repeat changes it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Cause, Found, Judgement, Kind, State, Story};
use crate::model::{DetectorName, Instant, SourceName};

/// The number of an alert: grows, is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub i64);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an alert stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// One behaviour and its repeats.
    Single,
    /// What the daily limit of a policy withheld.
    Limit,
    /// Many alerts with one cause.
    Incident(Cause),
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// Whose events it rests on.
    pub source: SourceName,
    /// Which detector found it.
    pub detector: DetectorName,
    /// Which of its rules.
    pub policy: String,
    /// The same for the same behaviour: with source and policy its fingerprint.
    pub key: String,
    /// What the policy is.
    pub kind: Kind,
    /// What it stands for.
    pub form: Form,
    /// What it tells.
    pub story: Story,
    /// Where it is in its life.
    pub state: State,
    /// When it was raised.
    pub raised: Instant,
    /// When it last had something new.
    pub last_seen: Instant,
    /// When anything about it last changed.
    pub changed: Instant,
    /// Findings it stands for; of an incident: alerts.
    pub count: u64,
    /// The incident that holds it.
    pub incident: Option<AlertId>,
    /// When sinks were first told of it by itself.
    pub announced: Option<Instant>,
    /// Of an incident: the first 100 alerts that it holds.
    pub members: Vec<AlertId>,
}

impl Alert {
    /// A new alert. Without a number: the store gives one.
    pub fn raise(found: &Found, judgement: &Judgement<'_>, incident: Option<AlertId>) -> Self {
        let at = judgement.at;
        Self {
            id: AlertId(0),
            source: judgement.source.clone(),
            detector: judgement.detector.clone(),
            policy: found.policy.clone(),
            key: found.key.clone(),
            kind: found.handling.kind,
            form: Form::Single,
            story: found.story.clone(),
            state: State::Open,
            raised: at,
            last_seen: at,
            changed: at,
            count: 1,
            incident,
            announced: None,
            members: Vec::new(),
        }
    }

    /// The same behaviour again.
    pub fn repeat(&mut self, found: &Found, at: Instant) {
        self.story.absorb(&found.story);
        self.count = self.count.saturating_add(1);
        (self.last_seen, self.changed) = (at, at);
    }

    /// What a suppression for it matches: its user, and where nobody is known its key. Nothing but a single alert can be
    /// suppressed by itself.
    pub fn mark(&self) -> Option<String> {
        match self.form {
            Form::Single => Some(self.story.who.mark().unwrap_or_else(|| format!("key:{}", self.key))),
            _ => None,
        }
    }
}
