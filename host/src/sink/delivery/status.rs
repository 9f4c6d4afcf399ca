//! How a sink is doing, for everybody who asks.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    model::{Instant, SinkName},
    sink::Outcome,
};

/// How a sink is doing, of events or of lines about alerts and health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What it is at.
    #[serde(flatten)]
    pub state: State,
    /// Events accepted since this process began.
    pub accepted: u64,
    /// Attempts made since this process began.
    pub attempts: u64,
    /// What became of those attempts.
    #[serde(default)]
    pub outcomes: Outcomes,
    /// Events dropped by each filter since this process began: the sink is not to get them.
    #[serde(default)]
    pub filtered: BTreeMap<String, u64>,
    /// When the last batch was accepted.
    pub last_accepted: Option<Instant>,
    /// What the far side last said about a batch that it accepted.
    pub warning: Option<String>,
}

/// What became of attempts, each named after the [`Outcome`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// All of the batch was taken.
    pub accepted: u64,
    /// It is sent again later.
    pub retry: u64,
    /// A person must act.
    pub paused: u64,
    /// The batch was too large.
    pub too_large: u64,
    /// Something in it was refused.
    pub refused: u64,
}

impl Outcomes {
    fn count(&mut self, outcome: &Outcome) {
        let count = match outcome {
            Outcome::Accepted { .. } => &mut self.accepted,
            Outcome::Retry { .. } => &mut self.retry,
            Outcome::Paused { .. } => &mut self.paused,
            Outcome::TooLarge => &mut self.too_large,
            Outcome::Refused { .. } => &mut self.refused,
        };
        *count = count.saturating_add(1);
    }

    /// Each count with its name.
    pub fn each(&self) -> [(&'static str, u64); 5] {
        let Self { accepted, retry, paused, too_large, refused } = *self;
        [("accepted", accepted), ("retry", retry), ("paused", paused), ("too_large", too_large), ("refused", refused)]
    }
}

/// What a sink is at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Everything is delivered.
    Idle,
    /// On its way.
    Delivering,
    /// It failed and will be tried again by itself.
    Retrying(Trouble),
    /// It will be tried again, but a person must act.
    Paused(Trouble),
    /// The far side refuses what it is sent, and not because of single events. A person must look.
    Down(Trouble),
}

/// Why a sink does not deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Since when.
    pub since: Instant,
    /// What happened last, for people.
    pub reason: String,
    /// The next try.
    pub next: Instant,
}

impl Status {
    /// Where it is kept, of events.
    pub fn note_key(sink: &SinkName) -> String {
        format!("sink/{sink}")
    }

    /// Where it is kept, of lines about alerts and health.
    pub fn alerts_key(sink: &SinkName) -> String {
        format!("sink/{sink}/alerts")
    }
}

impl State {
    /// Its names, in the order of the variants.
    pub const NAMES: [&'static str; 5] = ["idle", "delivering", "retrying", "paused", "down"];

    /// Its name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Delivering => "delivering",
            Self::Retrying(_) => "retrying",
            Self::Paused(_) => "paused",
            Self::Down(_) => "down",
        }
    }

    /// What a person must see to, where nothing else ends it.
    pub fn person(&self) -> Option<&Trouble> {
        match self {
            Self::Paused(trouble) | Self::Down(trouble) => Some(trouble),
            Self::Idle | Self::Delivering | Self::Retrying(_) => None,
        }
    }

    /// Why nothing is delivered, while nothing is.
    pub fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Idle | Self::Delivering => None,
            Self::Retrying(trouble) | Self::Paused(trouble) | Self::Down(trouble) => Some(trouble),
        }
    }
}

/// Publishes the status and decides when it is worth writing down.
#[derive(Debug)]
pub(super) struct Board {
    name: SinkName,
    /// What the sink is to take, for people.
    what: &'static str,
    /// Where it is written down.
    key: String,
    status: watch::Sender<Status>,
    noted: Option<(State, Instant)>,
}

impl Board {
    /// Of the events of a sink.
    pub(super) fn events(name: SinkName) -> Self {
        Self::new("events", Status::note_key(&name), name)
    }

    /// Of the lines about alerts and health that it gets.
    pub(super) fn alerts(name: SinkName) -> Self {
        Self::new("alerts", Status::alerts_key(&name), name)
    }

    fn new(what: &'static str, key: String, name: SinkName) -> Self {
        let status = Status {
            state: State::Idle,
            accepted: 0,
            attempts: 0,
            outcomes: Outcomes::default(),
            filtered: BTreeMap::new(),
            last_accepted: None,
            warning: None,
        };
        Self { name, what, key, status: watch::Sender::new(status), noted: None }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    pub(super) fn attempt(&self) {
        self.status.send_modify(|status| status.attempts += 1);
    }

    pub(super) fn attempts(&self) -> u64 {
        self.status.borrow().attempts
    }

    pub(super) fn outcome(&self, outcome: &Outcome) {
        self.status.send_modify(|status| status.outcomes.count(outcome));
    }

    /// The filters there are, none of which has dropped anything yet.
    pub(super) fn filters<'a>(&self, names: impl Iterator<Item = &'a str>) {
        self.status.send_modify(|status| status.filtered = names.map(|name| (name.to_owned(), 0)).collect());
    }

    pub(super) fn filtered(&self, by: impl Iterator<Item = String>) {
        self.status.send_modify(|status| by.for_each(|filter| *status.filtered.entry(filter).or_default() += 1));
    }

    pub(super) fn accepted(&self, now: Instant, events: usize, warning: Option<String>) {
        let before = self.status.borrow().clone();
        if before.state.trouble().is_some() {
            tracing::info!(sink = %self.name, "the sink accepts {} again", self.what);
        }
        if let Some(warning) = warning.as_ref().filter(|warning| before.warning.as_ref() != Some(warning)) {
            tracing::warn!(sink = %self.name, of = self.what, warning, "the sink accepted a batch with a warning");
        }
        self.status.send_modify(|status| {
            status.state = State::Delivering;
            status.accepted += events as u64;
            status.last_accepted = Some(now);
            status.warning = warning.or(status.warning.take());
        });
    }

    pub(super) fn idle(&self) {
        self.status.send_if_modified(|status| {
            let changed = status.state != State::Idle;
            status.state = State::Idle;
            changed
        });
    }

    /// `kind` makes the state of the trouble; its beginning is kept while trouble lasts.
    pub(super) fn trouble(&self, kind: fn(Trouble) -> State, now: Instant, reason: String, next: Instant) {
        let before = self.status.borrow().state.clone();
        let since = before.trouble().map_or(now, |trouble| trouble.since);
        let news = before.trouble().is_none_or(|trouble| trouble.reason != reason);
        let state = kind(Trouble { since, reason, next });
        if news {
            match &state {
                State::Paused(trouble) | State::Down(trouble) => {
                    tracing::error!(sink = %self.name, of = self.what, %since, reason = trouble.reason, "the sink needs a person");
                }
                State::Retrying(trouble) => {
                    tracing::warn!(sink = %self.name, of = self.what, %since, reason = trouble.reason, "the sink will be tried again")
                }
                State::Idle | State::Delivering => {}
            }
        }
        self.status.send_modify(|status| status.state = state);
    }

    /// The key and value to write down, where that is due: on a change, and every ten seconds while delivering.
    pub(super) fn due(&mut self, now: Instant) -> Option<(String, String)> {
        const EVERY: Duration = Duration::from_secs(10);
        let status = self.status.borrow().clone();
        let same = self
            .noted
            .as_ref()
            .is_some_and(|(state, at)| *state == status.state && (state != &State::Delivering || now.since(*at) < EVERY));
        if same {
            return None;
        }
        let json = serde_json::to_string(&status).ok()?;
        self.noted = Some((status.state, now));
        Some((self.key.clone(), json))
    }
}
