//! How long to wait before trying again: doubling from a first wait to a cap, spread by a hash so that many sources that
//! fail together do not return together. Deterministic: the same name and attempt give the same wait.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

/// Counts failures in a row and says how long to wait after each.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    seed: u64,
    attempts: u32,
}

impl Backoff {
    /// Waits `first` after the first failure, twice as long after each further one, never longer than `cap`.
    pub fn new(name: &str, first: Duration, cap: Duration) -> Self {
        Self { first, cap, seed: spread(name, 0), attempts: 0 }
    }

    /// Failures in a row so far.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// It worked: the next failure is the first again.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }

    /// It failed: how long to wait, between half of the nominal wait and all of it.
    pub fn failed(&mut self) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(self.attempts.min(30)));
        self.attempts = self.attempts.saturating_add(1);
        let nominal = doubled.min(self.cap);
        let share = spread_number(self.seed, u64::from(self.attempts)) % 1000;
        nominal / 2 + nominal.mul_f64(share_of_half(share))
    }
}

fn share_of_half(thousandths: u64) -> f64 {
    // At most 999: exact in any float.
    f64::from(u16::try_from(thousandths).unwrap_or(999)) / 2000.0
}

/// A number for a name that looks random and never changes within a build.
pub fn spread(name: &str, salt: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    salt.hash(&mut hasher);
    hasher.finish()
}

fn spread_number(seed: u64, salt: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, salt).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_start_again_after_success() {
        let mut backoff = Backoff::new("acme", Duration::from_secs(1), Duration::from_secs(60));
        let waits: Vec<_> = (0..10).map(|_| backoff.failed()).collect();
        for (attempt, wait) in waits.iter().enumerate() {
            let nominal = Duration::from_secs(1 << attempt.min(6)).min(Duration::from_secs(60));
            assert!(*wait >= nominal / 2 && *wait <= nominal, "attempt {attempt}: {wait:?} of {nominal:?}");
        }
        backoff.reset();
        assert_eq!(backoff.failed(), waits[0]);
    }

    #[test]
    fn two_names_do_not_return_together() {
        let wait = |name| Backoff::new(name, Duration::from_secs(60), Duration::from_secs(60)).failed();
        assert_ne!(wait("acme"), wait("globex"));
    }
}
