//! A channel's counts: what it was told, and what it was not.

use serde::{Deserialize, Serialize};

use super::Limit;
use crate::model::Instant;

/// What a channel was told and what not, kept with its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Messages that it took.
    pub told: u64,
    /// When it took the latest.
    pub last: Option<Instant>,
    /// When the hour or day of `sent` and `withheld` began.
    pub window: Instant,
    /// Messages in it that count.
    pub sent: u64,
    /// What the limit withheld in it.
    pub withheld: u64,
    /// Alerts that were not told because too much time went by, and since when. It has not been said yet.
    pub lapsed: u64,
    /// When the first of those was to be told.
    pub lapsed_since: Option<Instant>,
    /// All that was never told, over the whole time.
    pub missed: u64,
}

/// What a channel is told instead of what it missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// The limit withheld so many messages.
    Withheld {
        /// How many.
        count: u64,
        /// When the hour or day began.
        since: Instant,
        /// When it was over.
        until: Instant,
    },
    /// The channel did not work for too long.
    Lapsed {
        /// How many alerts.
        count: u64,
        /// When the first of them was to be told.
        since: Instant,
    },
}

impl Ledger {
    /// What is to be said instead of what was missed.
    pub fn missed(&self, limit: Option<Limit>, now: Instant) -> Option<Missed> {
        let until = self.due(limit).filter(|due| *due <= now)?;
        Some(match self.lapsed {
            0 => Missed::Withheld { count: self.withheld, since: self.window, until },
            count => Missed::Lapsed { count, since: self.lapsed_since.unwrap_or(now) },
        })
    }

    /// From when on there is something to say of what was missed.
    pub fn due(&self, limit: Option<Limit>) -> Option<Instant> {
        match (self.lapsed, self.withheld) {
            (1.., _) => Some(Instant::EPOCH),
            (0, 1..) => Some(limit.map_or(self.window, |limit| limit.over(self.window))),
            (0, 0) => None,
        }
    }

    /// That was said.
    pub fn said(&mut self, missed: Missed, now: Instant) {
        self.left_out(missed);
        (self.told, self.last) = (self.told.saturating_add(1), Some(now));
    }

    /// That will not be said.
    pub fn left_out(&mut self, missed: Missed) {
        match missed {
            Missed::Withheld { count, .. } => self.withheld = self.withheld.saturating_sub(count),
            Missed::Lapsed { count, .. } => {
                self.lapsed = self.lapsed.saturating_sub(count);
                self.lapsed_since = None;
            }
        }
    }

    /// Whether the limit lets one more through. What an earlier hour or day withheld has to be said before.
    pub fn allows(&mut self, limit: Option<Limit>, now: Instant) -> bool {
        let Some(limit) = limit else { return true };
        let began = limit.began(now);
        if began != self.window {
            (self.window, self.sent) = (began, 0);
        }
        self.sent < limit.most
    }

    /// One that counts was taken.
    pub fn took(&mut self, now: Instant) {
        self.sent = self.sent.saturating_add(1);
        (self.told, self.last) = (self.told.saturating_add(1), Some(now));
    }

    /// One was withheld.
    pub fn withhold(&mut self) {
        self.withheld = self.withheld.saturating_add(1);
        self.missed = self.missed.saturating_add(1);
    }

    /// So many lapsed, the first of which was to be told then.
    pub fn lapse(&mut self, count: u64, since: Instant) {
        self.lapsed = self.lapsed.saturating_add(count);
        self.missed = self.missed.saturating_add(count);
        self.lapsed_since = Some(self.lapsed_since.map_or(since, |before| before.min(since)));
    }
}
