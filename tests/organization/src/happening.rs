//! What an audit log says of one thing that happened, and what a host adds to it.

use std::sync::Arc;

use crate::Network;

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused.
    Failure,
    /// Nobody says.
    Unknown,
}

/// What kind of principal acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActorKind {
    /// A person, or whoever holds a person's account.
    User,
    /// An integration.
    Application,
    /// The synchronization with the directory.
    Provisioner,
    /// The vendor's own automation.
    Automation,
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of principal.
    pub kind: ActorKind,
    /// The vendor's identifier. Stays when a person is renamed.
    pub id: Option<Arc<str>>,
    /// The display name.
    pub name: Option<Arc<str>>,
    /// Lower-cased e-mail address.
    pub email: Option<Arc<str>>,
}

/// What was acted upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// `board`, `user`, `team`, …
    pub kind: &'static str,
    /// The vendor's identifier.
    pub id: Arc<str>,
    /// The display name.
    pub name: Arc<str>,
}

/// Why an account is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DepartureKind {
    /// The directory no longer has it.
    Deleted,
    /// The directory locks it.
    Disabled,
}

/// An account left the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Departure {
    /// Why it is gone.
    pub kind: DepartureKind,
    /// When it left, in milliseconds since the Unix epoch.
    pub at: u64,
}

/// One thing that happened, as a host holds it when it asks a detector.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// Unique in the organization, 16 hexadecimal digits.
    pub id: Box<str>,
    /// When it happened, in milliseconds since the Unix epoch.
    pub time: u64,
    /// When the host stored it: seconds later, sometimes half an hour.
    pub received: u64,
    /// The vendor's verb.
    pub action: &'static str,
    /// What the action means, by the vocabulary of `wit/types.wit`.
    pub traits: &'static [&'static str],
    /// How it ended.
    pub outcome: Outcome,
    /// Who did it, as far as the log can tell.
    pub actor: Arc<Actor>,
    /// What was acted upon.
    pub object: Option<Arc<Object>>,
    /// The client's address: IPv4 or IPv6.
    pub ip: Option<Arc<str>>,
    /// What the host knows about the address.
    pub network: Option<Arc<Network>>,
    /// Whether the directory had lost the actor when the host stored this.
    pub departed: Option<Departure>,
    /// The actor's groups in the directory.
    pub groups: Arc<[Arc<str>]>,
    /// The label: which of the organization's attacks this is part of. A detector is not shown it.
    pub attack: Option<usize>,
}

impl Happening {
    /// Whether `word` is one of the traits.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.traits.contains(&word)
    }
}
