//! What the store remembers of a component's generations.

use serde::{Deserialize, Serialize};

use crate::model::{GenerationNumber, Instant, SourceName};

/// A source has so many polls in which a failure takes a generation back.
pub const PROBATION: u64 = 5;

/// One generation, as the history tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenure {
    /// Its number.
    pub number: GenerationNumber,
    /// Of which component, as the configuration names it.
    pub component: String,
    /// SHA-256 of the component, in hex.
    pub digest: String,
    /// What it calls itself, where it got so far as to be asked. Written by the component: never trust its characters.
    pub name: String,
    /// Its version, by its own word.
    pub version: String,
    /// When it became current, or was refused.
    pub born: Instant,
    /// When it ceased to be current.
    pub ended: Option<Instant>,
    /// What became of it.
    pub state: TenureState,
    /// Why it came, or why it went.
    pub reason: String,
    /// The digest of what the configuration named when it became current.
    pub configured: String,
    /// It may still be taken back: its sources' first polls are not over.
    pub probation: bool,
    /// Refused for what it is: trying the same bytes again is of no use.
    pub lasting: bool,
    /// Polls that it completed.
    pub polls: u64,
    /// Its calls that failed.
    pub failures: u64,
}

/// What became of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TenureState {
    /// Serves now.
    Current,
    /// A later one took its place.
    Replaced,
    /// It failed in its first polls, and the one before serves again.
    TakenBack,
    /// It failed its proof and never served.
    Refused,
}

impl TenureState {
    /// Its name in the database and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Replaced => "replaced",
            Self::TakenBack => "taken back",
            Self::Refused => "refused",
        }
    }
}

/// A generation that becomes current.
#[derive(Clone, Debug)]
pub struct Successor<'a> {
    /// Of which component.
    pub component: &'a str,
    /// Its digest.
    pub digest: &'a str,
    /// What it calls itself.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Its bytes and signatures, opaque here; kept while it is current or may be gone back to.
    pub package: &'a [u8],
    /// The digest of what the configuration names.
    pub configured: &'a str,
    /// Why it comes.
    pub reason: &'a str,
    /// The sources that run it. Their checkpoints are kept, to go back to; `None` where there is nothing to go back to.
    pub probation: Option<&'a [SourceName]>,
    /// When.
    pub at: Instant,
}

/// A candidate that does not become current.
#[derive(Clone, Debug)]
pub struct Refused<'a> {
    /// Of which component.
    pub component: &'a str,
    /// Its digest.
    pub digest: &'a str,
    /// What it calls itself, if it got so far.
    pub name: &'a str,
    /// Its version, if it got so far.
    pub version: &'a str,
    /// Why.
    pub reason: &'a str,
    /// The same bytes would be refused again.
    pub lasting: bool,
    /// When.
    pub at: Instant,
}
