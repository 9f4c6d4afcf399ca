//! A policy that is kept quiet about a user for a while.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::AlertId;
use crate::model::{Instant, SourceName};

/// The number of a suppression: grows, is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SuppressionId(pub i64);

impl fmt::Display for SuppressionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A suppression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Its number.
    pub id: SuppressionId,
    /// Of which source's findings.
    pub source: SourceName,
    /// Of which policy's.
    pub policy: String,
    /// About whom: `id:`, `email:` or `name:` of a user; where the alert had none, `key:` of its behaviour.
    pub mark: String,
    /// What that user was called on screen. Written by users: never trust its characters.
    pub user: String,
    /// The alert that was closed.
    pub alert: AlertId,
    /// Who closed it.
    pub who: String,
    /// When.
    pub since: Instant,
    /// Until when it holds.
    pub until: Instant,
    /// When somebody lifted it before that.
    pub lifted: Option<Instant>,
    /// Findings that it kept quiet.
    pub count: u64,
    /// The latest of them.
    pub latest: Option<Instant>,
}

impl Suppression {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: Instant) -> bool {
        self.lifted.is_none() && now < self.until
    }
}
