//! How soon to try again, how much to send at once, how many events may be parked.

use std::{collections::VecDeque, time::Duration};

use super::flight::Quota;
use crate::{backoff::Backoff, model::Instant, sink::BatchLimits};

const LONGEST: Duration = Duration::from_secs(300);

/// How urgent another try is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    /// It may heal by itself any moment.
    Soon,
    /// A person must act.
    Rarely,
}

/// How long to wait after failures in a row: soon where it may heal by itself, rarely where a person must act.
#[derive(Debug)]
pub(super) struct Pause {
    soon: Backoff,
    rarely: Backoff,
    until: Option<Instant>,
}

impl Pause {
    pub(super) fn new(sink: &str) -> Self {
        let soon = Backoff::new(sink, Duration::from_secs(1), LONGEST);
        let rarely = Backoff::new(sink, Duration::from_secs(30), LONGEST);
        Self { soon, rarely, until: None }
    }

    /// Until when to wait, where that has not come.
    pub(super) fn waiting(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// It worked.
    pub(super) fn reset(&mut self) {
        self.soon.reset();
        self.rarely.reset();
        self.until = None;
    }

    /// It failed. Returns when to try again: not before `after`.
    pub(super) fn fail(&mut self, now: Instant, after: Option<Duration>, urgency: Urgency) -> Instant {
        let wait = match urgency {
            Urgency::Soon => self.soon.failed(),
            Urgency::Rarely => self.rarely.failed(),
        };
        let until = now.plus(wait.max(after.unwrap_or_default()));
        self.until = Some(until);
        until
    }
}

/// How many bytes to send at once: halved when that was too much, doubled again after a while.
#[derive(Debug)]
pub(super) struct Size {
    limits: BatchLimits,
    bytes: usize,
    successes: u32,
}

impl Size {
    pub(super) fn new(limits: BatchLimits) -> Self {
        Self { limits, bytes: limits.bytes, successes: 0 }
    }

    pub(super) fn limits(&self) -> BatchLimits {
        BatchLimits { events: self.limits.events.max(1), bytes: self.bytes }
    }

    /// `sent` bytes may have taken too long. Not below a sixteenth: a slow far side gets no faster by single events.
    pub(super) fn too_slow(&mut self, sent: usize) {
        let least = self.limits.bytes / 16;
        self.too_much(sent.max(least.saturating_mul(2)));
    }

    /// `sent` bytes were too much.
    pub(super) fn too_much(&mut self, sent: usize) {
        self.bytes = (sent / 2).clamp(1, self.bytes.max(1));
        self.successes = 0;
    }

    pub(super) fn accepted(&mut self) {
        const BEFORE_GROWING: u32 = 8;
        self.successes += 1;
        if self.successes >= BEFORE_GROWING {
            self.successes = 0;
            self.bytes = self.bytes.saturating_mul(2).min(self.limits.bytes);
        }
    }
}

/// The events parked lately. Three within ten minutes are a fault of the sink, not of the events.
#[derive(Debug, Default)]
pub(super) struct Parking {
    lately: VecDeque<Instant>,
    /// The sink counts as down: nothing is parked until it accepts something.
    closed: bool,
}

impl Parking {
    pub(super) fn quota(&self, now: Instant) -> Quota {
        const MOST: usize = 3;
        const WITHIN: Duration = Duration::from_secs(600);
        let lately = self.lately.iter().filter(|at| now.since(**at) < WITHIN).count();
        if self.closed || lately >= MOST { Quota::Used } else { Quota::Free }
    }

    pub(super) fn parked(&mut self, now: Instant) {
        self.lately.push_back(now);
        if self.lately.len() > 16 {
            self.lately.pop_front();
        }
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn recovered(&mut self) {
        self.closed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_minutes_and_never_stop() {
        let mut pause = Pause::new("sumo");
        let now = Instant(1_000_000);
        for round in 0..100_u32 {
            let wait = pause.fail(now, None, Urgency::Soon).since(now);
            assert!(wait >= Duration::from_millis(100) && wait <= LONGEST.min(Duration::from_secs(1 << round.min(20))), "{wait:?}");
        }
        assert!(pause.waiting(now).is_some());
        pause.reset();
        assert_eq!(pause.waiting(now), None);
    }

    #[test]
    fn what_needs_a_person_is_tried_rarely_and_retry_after_is_kept() {
        let now = Instant(1_000_000);
        assert!(Pause::new("a").fail(now, None, Urgency::Rarely).since(now) >= Duration::from_secs(15));
        assert!(Pause::new("a").fail(now, Some(Duration::from_secs(1000)), Urgency::Soon).since(now) >= Duration::from_secs(1000));
    }

    #[test]
    fn the_size_halves_to_one_byte_and_grows_back() {
        let mut size = Size::new(BatchLimits { events: 10, bytes: 1000 });
        for _ in 0..20 {
            size.too_slow(size.limits().bytes);
        }
        assert_eq!(size.limits().bytes, 62);
        for _ in 0..20 {
            size.too_much(size.limits().bytes);
        }
        assert_eq!(size.limits().bytes, 1);
        for _ in 0..100 {
            size.accepted();
        }
        assert_eq!(size.limits().bytes, 1000);
    }

    #[test]
    fn three_parked_in_ten_minutes_use_the_quota() {
        let mut parking = Parking::default();
        for at in [0, 1, 2] {
            assert_eq!(parking.quota(Instant(at)), Quota::Free);
            parking.parked(Instant(at));
        }
        assert_eq!(parking.quota(Instant(3)), Quota::Used);
        assert_eq!(parking.quota(Instant(600_000)), Quota::Free);
        parking.close();
        assert_eq!(parking.quota(Instant(600_000)), Quota::Used);
        parking.recovered();
        assert_eq!(parking.quota(Instant(600_000)), Quota::Free);
    }
}
