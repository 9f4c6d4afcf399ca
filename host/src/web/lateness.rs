//! How late events came that were found by reading again, counted by size.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The upper bounds, in seconds: around the tiers on which Miro is read again, and what a vendor's trouble takes.
const BOUNDS: [u64; 10] = [MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY];

/// Counts of delays by size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Histogram {
    /// How many are within each bound and above the one before.
    within: [u64; BOUNDS.len()],
    count: u64,
    sum: Duration,
}

impl Histogram {
    /// One more.
    pub(super) fn add(&mut self, delay: Duration) {
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.saturating_add(delay);
        let fits = BOUNDS.iter().position(|bound| delay <= Duration::from_secs(*bound));
        if let Some(within) = fits.and_then(|at| self.within.get_mut(at)) {
            *within = within.saturating_add(1);
        }
    }

    /// Each bound, and how many are within it.
    pub(super) fn cumulative(&self) -> impl Iterator<Item = (Duration, u64)> {
        BOUNDS.iter().zip(self.within).scan(0_u64, |below, (bound, within)| {
            *below = below.saturating_add(within);
            Some((Duration::from_secs(*bound), *below))
        })
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// All delays together.
    pub(super) fn sum(&self) -> Duration {
        self.sum
    }
}
