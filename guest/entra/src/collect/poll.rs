//! Which reading comes next in a live span.
//!
//! A **poll** begins at `b` when the one before had caught up. Its live reading reaches from `start − L` of the first tier, or
//! from the watermark where that is earlier, to `b`. Each further tier that is due gets a reading from its own `start − L` to
//! where the live reading begins. The two touch, and every request of both is sent after `b`. When a reading finishes, `start`
//! of each tier that it covered becomes `b`.
//!
//! Why nothing that shows up within L of its time is missed: let a sign-in of time `t` become visible at `v ≤ t + L`, and take
//! the tier's first finished reading with `b ≥ v`. The one before it began at `b′ < v`, and `t ≥ v − L > b′ − L` lies in this
//! reading, or in the live one that it touches, or after that, where the next live one goes on. Nothing in this depends on how
//! far apart polls are, nor on how long a reading takes, nor on how often a call is repeated.
//!
//! Live pages go first, then those of the shortest tier. While tiers are read, what is new is read every [`REFRESH`].

use super::{
    DAY,
    checkpoint::{LAST, Live, Tier},
    reading::{Moved, Reading},
};
use crate::{
    config::Config,
    source::{Gap, Reading as Kind},
};

/// How long readings of late sign-ins may hold up what is new, in milliseconds.
const REFRESH: u64 = 300_000;

/// Which of the readings of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// What is new, and as late as the first tier.
    Live,
    /// The tier of this lateness.
    Tier(u64),
    /// The only one of a fixed span.
    Fixed,
}

impl Turn {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Live => Kind::Live,
            Self::Tier(_) => Kind::Revisit,
            Self::Fixed => Kind::Fixed,
        }
    }

    /// The longest window: the watermark moves with each, and a link that is lost costs one.
    pub(super) fn longest(self) -> u64 {
        match self {
            Self::Live => DAY / 4,
            Self::Tier(_) | Self::Fixed => DAY,
        }
    }
}

impl Live {
    /// Nothing is under way: the poll is over, and the next call begins another.
    pub(super) fn caught_up(&self) -> bool {
        self.reading.is_none() && self.tiers.iter().all(|tier| tier.reading.is_none())
    }

    /// Whose turn it is now; begins a poll where one is due. Never `None`, since a poll begins with a live reading.
    pub(super) fn turn(&mut self, config: &Config, now: u64) -> Option<Turn> {
        self.match_tiers(config);
        let stale = self.reading.is_none() && self.between && now.saturating_sub(self.poll) >= REFRESH;
        if self.caught_up() || stale {
            self.begin_poll(now);
        }
        if self.reading.is_some() {
            return Some(Turn::Live);
        }
        self.tiers.iter().find(|tier| tier.reading.is_some()).map(|tier| Turn::Tier(tier.late))
    }

    /// The reading whose turn it is.
    pub(super) fn reading_mut(&mut self, turn: Turn) -> &mut Option<Reading> {
        let late = if let Turn::Tier(late) = turn { Some(late) } else { None };
        match self.tiers.iter_mut().find(|tier| Some(tier.late) == late) {
            Some(tier) => &mut tier.reading,
            None => &mut self.reading,
        }
    }

    fn begin_poll(&mut self, now: u64) {
        self.poll = now;
        self.between = false;
        let first = self.tiers.first().map_or(self.mark, |tier| tier.from(self.floor));
        let begins = first.min(self.mark);
        // A clock that went back still asks once: the answer tells what time it is.
        self.reading = Reading::over(now, begins, now.max(begins.saturating_add(1)));
        let mut covered = begins;
        let floor = self.floor;
        // From the longest: what one of them is about to read, a shorter one need not.
        for tier in self.tiers.iter_mut().skip(1).rev() {
            let from = tier.from(floor);
            let due = now.saturating_sub(tier.start) >= tier.late / 2;
            if due && tier.reading.is_none() && from < covered {
                tier.reading = Reading::over(now, from, begins);
                covered = from;
            }
        }
    }

    /// Takes in what one answer did to the reading whose turn it was. Returns what nobody has read and nobody will.
    pub(super) fn settle(&mut self, turn: Turn, moved: Moved, date: Option<u64>, now: u64) -> Option<Gap> {
        if let Some(date) = date {
            self.not_after(date, now);
        }
        let mark = self.mark;
        if turn == Turn::Live {
            if let Some(read) = moved.read {
                self.mark = mark.max(read.min(date.unwrap_or(read)).min(LAST - 1));
            }
        } else {
            self.between = true;
        }
        if moved.complete
            && let Some(reading) = self.reading_mut(turn).take()
        {
            self.finish(&reading);
        }
        // What lies before the watermark was read while it was there.
        let gone = moved.gone.filter(|_| turn == Turn::Live).map(|gap| Gap { start: gap.start.max(mark), ..gap });
        moved.gap.or(gone.filter(|gap| gap.start < gap.end))
    }

    /// A reading is complete: what it covered, it covered for every tier that would begin no earlier.
    fn finish(&mut self, reading: &Reading) {
        let floor = self.floor;
        for tier in self.tiers.iter_mut().filter(|tier| tier.from(floor) >= reading.from) {
            tier.start = tier.start.max(reading.began);
        }
    }

    /// The vendor's clock stood at `date` when it answered: nothing counts as begun later than that, or a clock that is
    /// ahead would shorten what a tier reaches back. A date that is a day off is not believed further than a day.
    fn not_after(&mut self, date: u64, now: u64) {
        let date = date.max(now.saturating_sub(DAY));
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
