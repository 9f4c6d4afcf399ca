//! What is held, what was tried, and what follows: decided on values.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    backoff::{Backoff, spread},
    model::Instant,
};

/// After so many of its periods without news that it is the latest, a feed is stale.
const STALE: u32 = 3;
/// How long a feed that shrank must go on saying so.
const CONFIRMED: Duration = Duration::from_secs(24 * 3600);
/// How long to wait after the first failure, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(6 * 3600));

/// What is known of one file of a feed. Kept beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Since when it is asked for.
    pub since: Option<Instant>,
    /// The file in place.
    pub held: Option<Held>,
    /// When it last was known to be the latest.
    pub checked: Option<Instant>,
    /// When it was last tried to fetch it.
    pub tried: Option<Instant>,
    /// How many tries failed since.
    pub failures: u32,
    /// Why the latest did.
    pub problem: Option<String>,
    /// Its publisher wants no request before.
    pub not_before: Option<Instant>,
    /// It shrank, and that is not believed yet.
    pub doubt: Option<Doubt>,
}

/// A file in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Where it came from, as [`super::order`] marks it. None where a person brought it.
    pub from: Option<String>,
    /// SHA-256, in hex.
    pub digest: String,
    /// How large it is.
    pub bytes: u64,
    /// How many entries it has.
    pub entries: u64,
    /// When it was made, where it says so.
    pub built: Option<Instant>,
    /// When it was put in place.
    pub installed: Instant,
    /// `ETag` of the answer that brought it.
    pub etag: Option<String>,
    /// `Last-Modified` of it.
    pub modified: Option<String>,
}

/// A feed that shrank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// To so many entries.
    pub entries: u64,
    /// When that was first seen.
    pub since: Instant,
}

/// How a feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// There is no good file yet.
    Missing,
    /// What is held is known to be the latest, or may well be.
    Fresh,
    /// For three periods it was not.
    Stale,
}

impl Record {
    /// The file is gone: it is due at once, unless tries fail.
    pub(super) fn without_file(self) -> Self {
        let tried = self.tried.filter(|_| self.failures > 0);
        Self { held: None, checked: None, doubt: None, tried, ..self }
    }

    /// A try begins. Written down before it does: should the process end meanwhile, it counts as a failure.
    pub(super) fn began(&mut self, now: Instant) {
        self.since.get_or_insert(now);
        self.tried = Some(now);
        self.failures = self.failures.saturating_add(1);
        self.problem = Some("the latest try was interrupted".to_owned());
        self.not_before = None;
    }

    /// The try failed.
    pub(super) fn failed(&mut self, now: Instant, why: String, wait: Option<Duration>) {
        self.problem = Some(why);
        self.not_before = wait.map(|wait| now.plus(wait));
    }

    /// What is held is the latest.
    pub(super) fn unchanged(&mut self, now: Instant) {
        *self = Self { checked: Some(now), failures: 0, problem: None, not_before: None, doubt: None, ..std::mem::take(self) };
    }

    /// There is a new one.
    pub(super) fn installed(&mut self, now: Instant, held: Held) {
        self.since.get_or_insert(now);
        self.held = Some(held);
        self.unchanged(now);
    }

    /// There is one that lost more than half. Asked again as if nothing had failed, for it may be right.
    pub(super) fn doubted(&mut self, now: Instant, entries: u64, why: String) {
        let since = self.doubt.map_or(now, |doubt| doubt.since);
        self.doubt = Some(Doubt { entries, since });
        (self.failures, self.problem) = (0, Some(why));
    }

    /// Whether so few entries are not to be believed now.
    pub(super) fn doubts(&self, entries: u64, now: Instant) -> bool {
        let shrank = self.held.as_ref().is_some_and(|held| entries.saturating_mul(2) < held.entries);
        shrank && self.doubt.is_none_or(|doubt| now.since(doubt.since) < CONFIRMED)
    }

    /// When it is to be tried next. `seed` spreads hosts that began together.
    pub fn due(&self, every: Duration, seed: &str) -> Instant {
        let Some(tried) = self.tried.max(self.checked) else { return Instant::EPOCH };
        let wait = if self.failures == 0 {
            // Up to a tenth more.
            let share = u32::try_from(spread(seed, tried.0) % 1000).unwrap_or_default();
            every.saturating_add(every / 10_000 * share)
        } else {
            let mut backoff = Backoff::new(seed, RETRY.0, RETRY.1.min(every));
            (0..self.failures.min(64)).map(|_| backoff.failed()).last().unwrap_or(RETRY.0)
        };
        tried.plus(wait).max(self.not_before.unwrap_or(Instant::EPOCH))
    }

    /// How it stands.
    pub fn standing(&self, every: Duration, now: Instant) -> Standing {
        match self.checked {
            _ if self.held.is_none() => Standing::Missing,
            Some(checked) if now.since(checked) <= every.saturating_mul(STALE) => Standing::Fresh,
            _ => Standing::Stale,
        }
    }
}
