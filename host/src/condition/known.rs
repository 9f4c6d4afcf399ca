//! A condition, and what is known of it over time.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::{
    alert::Severity,
    model::{Instant, SourceName},
};

/// What names a condition: its kind and subject. The same one that comes back has the same key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// Of a kind and a subject.
    pub fn new(kind: Kind, subject: &str) -> Self {
        Self(format!("{kind}/{subject}"))
    }

    /// As it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose business a condition is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Concerns {
    /// That of whoever hears of one of these.
    Sources(Vec<SourceName>),
    /// That of whoever hears of all sources.
    Host,
}

/// Something that is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Of which kind.
    pub kind: Kind,
    /// What is so: a name of the configuration, or an origin.
    pub subject: String,
    /// Whose business it is.
    pub concerns: Concerns,
    /// How bad it is.
    pub severity: Severity,
    /// Rises as it gets worse.
    pub step: u64,
    /// Since when it is so, as far as that is known.
    pub since: Instant,
    /// In one line. Like the other texts it stays the same while nothing changes.
    pub title: String,
    /// Why, a line each.
    pub reasons: Vec<String>,
    /// What to do.
    pub advice: String,
}

impl Condition {
    /// Its name.
    pub fn key(&self) -> Key {
        Key::new(self.kind, &self.subject)
    }
}

/// A condition as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// As it was last seen.
    #[serde(flatten)]
    pub condition: Condition,
    /// When it was found.
    pub begun: Instant,
    /// When it was over.
    pub ended: Option<Instant>,
    /// Counts what is worth telling: each beginning, and each time it got worse.
    pub news: u64,
}

impl Known {
    /// Whether it is so.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }
}
