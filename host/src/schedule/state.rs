//! What an operator sees of a source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Instant, SourceName};

/// Where a source stands, in the words Sumo Logic uses for its own sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Configured, nothing done yet.
    Pending,
    /// Its component is loaded.
    Started,
    /// The component accepts the configuration, and the grant covers where it must go.
    Initialized,
    /// There is a token.
    Authenticated,
    /// The vendor answered.
    Collecting,
    /// Something is wrong; see the problem.
    Error,
    /// The host is shutting down.
    Stopping,
}

impl State {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Started, Self::Initialized, Self::Authenticated, Self::Collecting, Self::Error, Self::Stopping];

    /// Its name for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Started => "started",
            Self::Initialized => "initialized",
            Self::Authenticated => "authenticated",
            Self::Collecting => "collecting",
            Self::Error => "error",
            Self::Stopping => "stopping",
        }
    }
}

/// Whose problem it is, in the words Sumo Logic uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Configuration or authorization at the vendor: a person must act. Tried again now and then.
    ThirdPartyConfig,
    /// The vendor or the way to it: retried for ever.
    ThirdPartyGeneric,
    /// This host or its component: retried for ever.
    FirstPartyGeneric,
}

impl Kind {
    /// Its name for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ThirdPartyConfig => "third_party_config",
            Self::ThirdPartyGeneric => "third_party_generic",
            Self::FirstPartyGeneric => "first_party_generic",
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Whose.
    pub kind: Kind,
    /// What was tried, what was wrong, what to do.
    pub message: String,
    /// Since when.
    pub since: Instant,
    /// What ends it.
    pub remedy: Remedy,
}

impl Problem {
    /// Puts another in its place, which goes on since then where it is of the same kind. Returns whether it is a new one.
    pub(super) fn replace(place: &mut Option<Self>, kind: Kind, message: String, remedy: Remedy, now: Instant) -> bool {
        let before = place.as_ref().filter(|problem| problem.kind == kind);
        if before.is_some_and(|problem| problem.message == message) {
            return false;
        }
        let since = before.map_or(now, |problem| problem.since);
        *place = Some(Self { kind, message, since, remedy });
        true
    }
}

/// What ends a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Remedy {
    /// Trying again.
    Wait,
    /// A person who mends the configuration, or this machine.
    Configure,
    /// A person who authorizes again, or changes plan, role or scope at the vendor.
    Authorize,
}

impl Remedy {
    /// Its name for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Configure => "configure",
            Self::Authorize => "authorize",
        }
    }
}

/// Which kind of token a source uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Not known yet.
    #[default]
    None,
    /// From the configuration; does not rotate.
    Static,
    /// A pair that rotates, kept sealed in the store.
    Rotating,
    /// Obtained anew whenever one is needed; kept nowhere.
    Obtained,
}

/// What may be shown of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenStatus {
    /// Static or rotating.
    pub kind: TokenKind,
    /// When the pair was obtained.
    pub obtained: Option<Instant>,
    /// When the access token expires.
    pub expires: Option<Instant>,
    /// Pairs obtained so far.
    pub version: u64,
}

/// The vendor's meter as last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// What may be spent in a period.
    pub limit: u64,
    /// What is left of it.
    pub remaining: u64,
    /// When it is full again.
    pub reset: Option<Instant>,
}

/// Everything an operator may want to know about a source. Kept in the store as `state/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The source.
    pub source: SourceName,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Instant,
    /// What is wrong, where something is.
    pub problem: Option<Problem>,
    /// What holds each backfill up, by its number, where something does and the source itself goes on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub backfills: BTreeMap<i64, Problem>,
    /// Everything up to here has been read at least once.
    pub watermark: Option<Instant>,
    /// Polls completed.
    pub polls: u64,
    /// Pages read.
    pub pages: u64,
    /// Events stored.
    pub events: u64,
    /// Events read again that were stored before.
    pub known: u64,
    /// Refreshes that gave a new pair.
    pub rotations: u64,
    /// Calls that failed.
    pub failures: u64,
    /// When the last poll was complete.
    pub last_poll: Option<Instant>,
    /// When the next step is due.
    pub next: Option<Instant>,
    /// The vendor's clock minus ours, in milliseconds.
    pub clock_offset: Option<i64>,
    /// The vendor's meter.
    pub meter: Option<Meter>,
    /// The token.
    pub token: TokenStatus,
}

impl Status {
    /// Of a source that has done nothing yet.
    pub fn new(source: SourceName, now: Instant) -> Self {
        Self {
            source,
            state: State::Pending,
            since: now,
            problem: None,
            backfills: BTreeMap::new(),
            watermark: None,
            polls: 0,
            pages: 0,
            events: 0,
            known: 0,
            rotations: 0,
            failures: 0,
            last_poll: None,
            next: None,
            clock_offset: None,
            meter: None,
            token: TokenStatus::default(),
        }
    }

    /// The key of its note in the store.
    pub fn note_key(source: &SourceName) -> String {
        format!("state/{source}")
    }

    /// Whether its component accepted the configuration and the grant since the host started, whatever went wrong after that.
    pub fn initialized(&self) -> bool {
        // Nobody asks for a token before.
        matches!(self.state, State::Initialized | State::Authenticated | State::Collecting) || self.token.kind != TokenKind::None
    }

    /// Moves to a state without a problem. Returns whether anything changed.
    pub(super) fn enter(&mut self, state: State, now: Instant) -> bool {
        if self.state == state && self.problem.is_none() {
            return false;
        }
        self.state = state;
        self.since = now;
        self.problem = None;
        true
    }

    /// The host stops. A problem stays in sight: stopping mends nothing.
    pub(super) fn stop(&mut self, now: Instant) {
        self.state = State::Stopping;
        self.since = now;
    }

    /// Has a problem. Returns whether it is a new one.
    pub(super) fn fail(&mut self, kind: Kind, message: String, remedy: Remedy, now: Instant) -> bool {
        if !Problem::replace(&mut self.problem, kind, message, remedy, now) {
            return false;
        }
        if self.state != State::Error {
            self.since = now;
        }
        self.state = State::Error;
        true
    }
}
