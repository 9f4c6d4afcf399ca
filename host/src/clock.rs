//! Time as a capability: what the host reads and waits on. Everything above it takes a [`Clock`], so that tests step
//! hours in milliseconds and a simulated vendor steps with them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::model::Instant;

/// Now, and waiting for later.
pub trait Clock: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Instant;
    /// Returns once `at` has come. Dropping the future cancels it.
    fn sleep_until(&self, at: Instant) -> BoxFuture<'static, ()>;
}

/// This machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::system()
    }

    fn sleep_until(&self, at: Instant) -> BoxFuture<'static, ()> {
        // In slices: a laptop that slept, or a clock that was set, is noticed within one.
        const SLICE: std::time::Duration = std::time::Duration::from_secs(30);
        Box::pin(async move {
            loop {
                let left = at.since(Instant::system());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(SLICE)).await;
            }
        })
    }
}

/// A clock that stands until it is stepped.
#[derive(Clone, Debug)]
pub struct SteppedClock(Arc<Mutex<Stepped>>);

#[derive(Debug)]
struct Stepped {
    now: Instant,
    sleepers: BTreeMap<(Instant, u64), oneshot::Sender<()>>,
    next: u64,
}

impl SteppedClock {
    /// Stands at `now`.
    pub fn new(now: Instant) -> Self {
        Self(Arc::new(Mutex::new(Stepped { now, sleepers: BTreeMap::new(), next: 0 })))
    }

    /// Moves to `to` (never back) and wakes whoever waited for it.
    pub fn step_to(&self, to: Instant) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.now = inner.now.max(to);
        let after = (inner.now.plus(std::time::Duration::from_millis(1)), 0);
        let later = inner.sleepers.split_off(&after);
        for (_, wake) in std::mem::replace(&mut inner.sleepers, later) {
            // A sleeper that has gone needs no waking.
            let _ = wake.send(());
        }
    }

    /// The earliest moment somebody still waits for.
    pub fn next_wake(&self) -> Option<Instant> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sleepers.retain(|_, wake| !wake.is_closed());
        inner.sleepers.keys().next().map(|(at, _)| *at)
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Instant {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).now
    }

    fn sleep_until(&self, at: Instant) -> BoxFuture<'static, ()> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if at <= inner.now {
            return Box::pin(async {});
        }
        let (wake, woken) = oneshot::channel();
        let key = (at, inner.next);
        inner.next += 1;
        inner.sleepers.insert(key, wake);
        Box::pin(async move {
            // The clock is gone: nobody will step it, so waiting longer is pointless.
            let _ = woken.await;
        })
    }
}
