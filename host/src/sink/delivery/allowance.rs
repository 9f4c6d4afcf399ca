//! How much may be sent in a minute: a budget of uncompressed bytes that everybody who delivers to one sink shares.
//!
//! What always holds, with a rate of so many bytes a minute:
//!
//! - **No minute carries more**, whichever minute is looked at. The one exception is what cannot wait for a smaller moment: a
//!   single line that is larger by itself, and alerts, which wait for nobody and are counted.
//! - **History never takes the last quarter** of a minute, so that what happens now finds room in it.
//! - Attempts count, whatever the far side answers: a refused batch was sent too.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::model::{Instant, Lane};

const MINUTE: Duration = Duration::from_secs(60);
/// What was sent within one such time is remembered as one: that bounds what is remembered.
const SLOT: Duration = Duration::from_secs(1);

/// The budget of a sink. All clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    /// Bytes a minute. None: as much as there is.
    rate: Option<u64>,
    sent: Arc<Mutex<VecDeque<(Instant, u64)>>>,
}

impl Allowance {
    /// So many bytes a minute; none for as many as there are.
    pub fn of(rate: Option<u64>) -> Self {
        Self { rate: rate.map(|rate| rate.max(1)), sent: Arc::default() }
    }

    /// Bytes a minute, where that is limited.
    pub(super) fn rate(&self) -> Option<u64> {
        self.rate
    }

    /// The most that a batch should hold: half of what history may send in a minute, so that batches flow.
    pub(super) fn batch(&self, bytes: usize) -> usize {
        let most = self.rate.map_or(u64::MAX, |rate| (rate / 8 * 3).max(1));
        bytes.min(usize::try_from(most).unwrap_or(usize::MAX))
    }

    /// Takes room for a batch, or says when to ask again.
    pub(super) fn take(&self, now: Instant, lane: Lane, bytes: usize) -> Result<(), Instant> {
        let Some(rate) = self.rate else { return Ok(()) };
        let most = match lane {
            Lane::Live | Lane::Late => rate,
            Lane::History => rate - rate / 4,
        };
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        forget(&mut sent, now);
        let mut used: u64 = sent.iter().map(|(_, bytes)| *bytes).sum();
        // What is larger than a minute's worth goes in a minute of its own.
        if used.saturating_add(bytes.min(most)) <= most {
            note(&mut sent, now, bytes);
            return Ok(());
        }
        for (at, gone) in sent.iter() {
            used = used.saturating_sub(*gone);
            if used.saturating_add(bytes.min(most)) <= most {
                return Err(at.plus(MINUTE));
            }
        }
        Err(now.plus(MINUTE))
    }

    /// Counts what does not wait.
    pub(super) fn charge(&self, now: Instant, bytes: usize) {
        if self.rate.is_some() {
            let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            forget(&mut sent, now);
            note(&mut sent, now, u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }
}

fn forget(sent: &mut VecDeque<(Instant, u64)>, now: Instant) {
    while sent.pop_front_if(|(at, _)| at.plus(MINUTE) <= now).is_some() {}
    // A clock that was set back must not make anybody wait for longer than a minute.
    sent.iter_mut().for_each(|(at, _)| *at = (*at).min(now));
}

fn note(sent: &mut VecDeque<(Instant, u64)>, now: Instant, bytes: u64) {
    match sent.back_mut() {
        // Counted as of the later moment, so that no minute carries more.
        Some((at, before)) if sent_together(*at, now) => {
            *before = before.saturating_add(bytes);
            *at = now;
        }
        _ => sent.push_back((now, bytes)),
    }
}

/// Whether two moments lie in one slot of the clock.
fn sent_together(one: Instant, other: Instant) -> bool {
    let slot = |at: Instant| u128::from(at.0) / SLOT.as_millis();
    slot(one) == slot(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_minute_carries_more_than_the_rate_and_history_leaves_a_quarter(
            rate in 1_000u64..2_000_000,
            asks in proptest::collection::vec((0u64..20_000, 0usize..3, 1u64..1_000), 1..200),
        ) {
            let allowance = Allowance::of(Some(rate));
            let mut now = Instant(1_000_000);
            let mut sent: Vec<(Instant, u64)> = Vec::new();
            for (wait, lane, share) in asks {
                now = now.plus(Duration::from_millis(wait));
                let bytes = allowance.batch(usize::try_from(rate * share / 1_000).unwrap()) as u64;
                let lane = Lane::ALL[lane];
                match allowance.take(now, lane, bytes as usize) {
                    Ok(()) => sent.push((now, bytes)),
                    Err(at) => {
                        prop_assert!(at > now && at <= now.plus(MINUTE));
                        now = at;
                        prop_assert!(allowance.take(now, lane, bytes as usize).is_ok(), "then there is room");
                        sent.push((now, bytes));
                    }
                }
                let within: u64 = sent.iter().filter(|(at, _)| at.plus(MINUTE) > now).map(|(_, bytes)| bytes).sum();
                prop_assert!(within <= rate, "{within} of {rate}");
                if lane == Lane::History {
                    prop_assert!(within <= rate - rate / 4);
                }
            }
        }
    }

    #[test]
    fn one_line_larger_than_a_minute_goes_alone_and_alerts_wait_for_nobody() {
        let (allowance, now) = (Allowance::of(Some(1_000)), Instant(1_000_000));
        assert_eq!(allowance.take(now, Lane::Live, 5_000), Ok(()));
        assert_eq!(allowance.take(now, Lane::Live, 1), Err(now.plus(MINUTE)));
        let later = now.plus(MINUTE);
        allowance.charge(later, 900);
        assert_eq!(allowance.take(later, Lane::Live, 200), Err(later.plus(MINUTE)), "events wait for what alerts took");
        allowance.charge(later, 900);
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nobody_up_for_longer_than_a_minute() {
        let (allowance, now) = (Allowance::of(Some(1_000)), Instant(10_000_000));
        allowance.take(now, Lane::Live, 1_000).unwrap();
        let before = now.minus(Duration::from_secs(3_600));
        let at = allowance.take(before, Lane::Live, 1_000).unwrap_err();
        assert_eq!(at, before.plus(MINUTE));
    }

    #[test]
    fn without_a_rate_everything_goes() {
        let allowance = Allowance::default();
        assert_eq!(allowance.batch(1_000_000), 1_000_000);
        assert!((0..1_000).all(|_| allowance.take(Instant(0), Lane::History, usize::MAX).is_ok()));
    }
}
