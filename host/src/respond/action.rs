//! What can be done to an account.

use std::fmt;

use audit_pipeline::responder;
use serde::{Deserialize, Serialize};

/// What can be done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A mail to its owner.
    Notify,
    /// Its sessions end.
    SignOut,
    /// Nobody gets in with it.
    Suspend,
    /// The suspension ends.
    Restore,
    /// The vendor is told that it is in wrong hands.
    ConfirmCompromised,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Notify, Self::SignOut, Self::Suspend, Self::Restore, Self::ConfirmCompromised];

    /// Its word in the configuration, in the database and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::SignOut => "sign-out",
            Self::Suspend => "suspend",
            Self::Restore => "restore",
            Self::ConfirmCompromised => "confirm-compromised",
        }
    }

    /// Whether doing this does that too: the stronger one alone is done then.
    pub fn contains(self, other: Self) -> bool {
        matches!((self, other), (Self::Suspend, Self::SignOut))
    }

    /// Whether it keeps somebody from working. What only tells does not.
    pub fn is_drastic(self) -> bool {
        matches!(self, Self::SignOut | Self::Suspend | Self::ConfirmCompromised)
    }

    /// What takes it back.
    pub fn undo(self) -> Option<Self> {
        match self {
            Self::Suspend => Some(Self::Restore),
            Self::Notify | Self::SignOut | Self::Restore | Self::ConfirmCompromised => None,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Action> for responder::Action {
    fn from(action: Action) -> Self {
        match action {
            Action::Notify => Self::Notify,
            Action::SignOut => Self::SignOut,
            Action::Suspend => Self::Suspend,
            Action::Restore => Self::Restore,
            Action::ConfirmCompromised => Self::ConfirmCompromised,
        }
    }
}

impl From<responder::Action> for Action {
    fn from(action: responder::Action) -> Self {
        match action {
            responder::Action::Notify => Self::Notify,
            responder::Action::SignOut => Self::SignOut,
            responder::Action::Suspend => Self::Suspend,
            responder::Action::Restore => Self::Restore,
            responder::Action::ConfirmCompromised => Self::ConfirmCompromised,
        }
    }
}
