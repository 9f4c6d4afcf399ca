//! Which reading comes next in a live span.
//!
//! A **poll** begins at `b` when the one before had caught up. It reads what is new, `mark − 1 ms` to `b`, and sets out
//! one reading for every tier that is due: from `start − L` to the watermark as it stood at `b`. The two touch, and
//! every request of both is sent after `b`. When a tier's reading finishes, its `start` becomes `b`.
//!
//! Why nothing that shows up within L of its time is missed: let an event of time `t` become visible at `v ≤ t + L`, and
//! take the tier's first finished reading with `b ≥ v`. The one before it began at `b′ < v`, and `t ≥ v − L > b′ − L`
//! lies in this reading, or after the watermark, where live reading, later than `v`, comes by it. Nothing in this
//! depends on how far apart polls are, nor on how long a reading takes, nor on how often a call is repeated.
//!
//! Long readings share: pages go round the tiers that are under way, and after [`REFRESH`] a new poll begins between two
//! of their pages, so that neither what is new nor the first tier waits for the end of the longest.

use super::{
    checkpoint::{Live, Tier},
    reading::Reading,
};
use crate::config::Config;

/// How long readings of late events may hold up what is new, in milliseconds.
const REFRESH: u64 = 300_000;

/// Which of the readings of a live span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// What is new.
    Live,
    /// The tier of this lateness.
    Tier(u64),
}

impl Live {
    /// Nothing is under way: the poll is over, and the next call begins another.
    pub(super) fn caught_up(&self) -> bool {
        self.reading.is_none() && self.tiers.iter().all(|tier| tier.reading.is_none())
    }

    /// Whose turn it is now; begins a poll where one is due. Never `None`, since a poll begins with a live reading.
    pub(super) fn turn(&mut self, config: &Config, now: u64) -> Option<Turn> {
        self.match_tiers(config);
        let stale = self.reading.is_none() && self.turn != 0 && now.saturating_sub(self.poll) >= REFRESH;
        if self.caught_up() || stale {
            self.begin_poll(now);
        }
        if self.reading.is_some() {
            return Some(Turn::Live);
        }
        let under_way = || self.tiers.iter().filter(|tier| tier.reading.is_some()).map(|tier| tier.late);
        under_way().find(|late| *late > self.turn).or_else(|| under_way().next()).map(Turn::Tier)
    }

    /// The reading whose turn it is.
    pub(super) fn reading_mut(&mut self, turn: Turn) -> &mut Option<Reading> {
        match turn {
            Turn::Live => &mut self.reading,
            Turn::Tier(late) => match self.tiers.iter_mut().find(|tier| tier.late == late) {
                Some(tier) => &mut tier.reading,
                None => &mut self.reading,
            },
        }
    }

    fn begin_poll(&mut self, now: u64) {
        self.poll = now;
        self.turn = 0;
        if self.reading.is_none() {
            // A clock that went back still asks once: the answer tells what time it is.
            self.reading = Reading::over(now, self.mark, now.max(self.mark.saturating_add(1)));
        }
        let first = self.tiers.first().map(|tier| tier.late);
        let (mark, floor) = (self.mark, self.floor);
        let mut covered = u64::MAX;
        // From the longest: what one of them is about to read, a shorter one need not.
        for tier in self.tiers.iter_mut().rev() {
            let from = tier.from(floor);
            let due = Some(tier.late) == first || now.saturating_sub(tier.start) >= tier.late / 2;
            if due && tier.reading.is_none() && from < covered {
                tier.reading = Reading::over(now, from, mark);
                if tier.reading.is_some() {
                    covered = from;
                }
            }
        }
    }

    /// A tier's reading is complete: what it covered, it covered for every shorter one too.
    pub(super) fn finish(&mut self, late: u64) {
        let floor = self.floor;
        let Some(tier) = self.tiers.iter_mut().find(|tier| tier.late == late) else { return };
        let Some(reading) = tier.reading.take() else { return };
        let from = tier.from(floor);
        for tier in self.tiers.iter_mut().filter(|tier| tier.late <= late && tier.from(floor) >= from) {
            tier.start = tier.start.max(reading.began);
        }
    }

    /// The vendor's clock stood at `date` when it answered: nothing counts as begun later than that, or a clock that is
    /// ahead would shorten what a tier reaches back. A date that is a day off is not believed further than a day.
    pub(super) fn not_after(&mut self, date: u64, now: u64) {
        let date = date.max(now.saturating_sub(86_400_000));
        self.born = self.born.min(date);
        for tier in &mut self.tiers {
            tier.start = tier.start.min(date);
        }
        let tiers = self.tiers.iter_mut().filter_map(|tier| tier.reading.as_mut());
        for reading in tiers.chain(self.reading.as_mut()) {
            reading.began = reading.began.min(date);
        }
    }

    /// Tiers are known by their lateness. A new one owes what was visible since the last moment by which everything
    /// that late had been read: the start of a longer tier, or else the beginning of the span.
    fn match_tiers(&mut self, config: &Config) {
        if self.tiers.iter().map(|tier| tier.late).eq(config.revisit.iter().copied()) {
            return;
        }
        let old = std::mem::take(&mut self.tiers);
        let fresh = |late: u64| {
            let start = old.iter().filter(|tier| tier.late > late).map(|tier| tier.start).max().unwrap_or(0).max(self.born);
            Tier { late, start, reading: None }
        };
        self.tiers =
            config.revisit.iter().map(|&late| old.iter().find(|tier| tier.late == late).cloned().unwrap_or_else(|| fresh(late))).collect();
    }
}

impl Tier {
    /// Where its next reading begins.
    fn from(&self, floor: u64) -> u64 {
        self.start.saturating_sub(self.late).max(floor)
    }
}
