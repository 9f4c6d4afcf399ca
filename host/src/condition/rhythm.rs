//! When events of a source usually come.
//!
//! How long it may be silent is asked of the same time of the four weeks before: of each, the longest gap between two arrivals that
//! touches the hour before or after. Of three weeks or more the largest is left out, since one of them may have been a holiday or an
//! outage of this host. So a Sunday is compared with Sundays and a night with nights, and a Monday morning may begin an hour late.
//! Before there are two weeks to compare with, nothing is usual.

use std::time::Duration;

use crate::model::Instant;

const WEEK: Duration = Duration::from_secs(7 * 86_400);
const HOUR: Duration = Duration::from_secs(3600);
/// Weeks that are compared with.
const WEEKS: u32 = 4;
/// Fewer say nothing.
const FEWEST: usize = 2;

/// When events came, as far back as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rhythm {
    /// In order.
    arrivals: Vec<Instant>,
}

impl Rhythm {
    /// From when on arrivals matter.
    pub fn horizon(now: Instant) -> Instant {
        now.minus(WEEK * WEEKS + HOUR * 26)
    }

    /// Adds what came, and forgets what does not matter any more.
    pub fn follow(&mut self, arrivals: &[Instant], now: Instant) {
        let last = self.last();
        self.arrivals.extend(arrivals.iter().filter(|at| last.is_none_or(|last| **at > last)));
        let horizon = Self::horizon(now);
        self.arrivals.retain(|at| *at >= horizon);
    }

    /// The latest.
    pub fn last(&self) -> Option<Instant> {
        self.arrivals.last().copied()
    }

    /// The gap that is usual at this time of the week. None where too little is known.
    pub fn usual(&self, now: Instant) -> Option<Duration> {
        let first = *self.arrivals.first()?;
        let mut gaps: Vec<Duration> =
            (1..=WEEKS).map(|week| now.minus(WEEK * week)).filter(|then| then.minus(HOUR) >= first).map(|then| self.gap(then)).collect();
        if gaps.len() < FEWEST {
            return None;
        }
        gaps.sort_unstable();
        if gaps.len() > FEWEST {
            gaps.pop();
        }
        gaps.last().copied()
    }

    /// The longest gap that touches the hour before or after a moment.
    fn gap(&self, then: Instant) -> Duration {
        let from = self.arrivals.partition_point(|at| *at <= then.minus(HOUR)).saturating_sub(1);
        let to = self.arrivals.partition_point(|at| *at < then.plus(HOUR));
        let touching = self.arrivals.get(from..=to.min(self.arrivals.len().saturating_sub(1))).unwrap_or_default();
        touching.windows(2).filter_map(|pair| Some(pair.last()?.since(*pair.first()?))).max().unwrap_or_default()
    }
}
