//! A person as a directory knows them.

use serde::{Deserialize, Serialize};

use crate::model::Instant;

/// Whether somebody is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonState {
    /// They are.
    Active,
    /// The account is there, and nobody gets in with it.
    Disabled,
    /// The account is gone.
    Deleted,
}

impl PersonState {
    /// Its name on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    /// Whether they left.
    pub fn is_departed(self) -> bool {
        self != Self::Active
    }
}

/// A person as a directory knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The directory's identifier: the same for the same person, whatever their addresses.
    pub id: String,
    /// Every address they are known by, lower case. Empty in what is to be stored: those known before hold.
    pub emails: Vec<String>,
    /// The display name. Never trust its characters. Absent in what is to be stored: the one known before holds.
    pub name: Option<String>,
    /// Whether they are still there.
    pub state: PersonState,
    /// Since when, where the directory says; as stored, otherwise when it was first learned.
    pub since: Option<Instant>,
    /// When the store first had them in this state. What is to be stored need not say.
    pub learned: Instant,
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The directory's identifier.
    pub id: String,
    /// Their addresses, lower case.
    pub emails: Vec<String>,
}
