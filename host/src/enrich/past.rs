//! The versions of a feed that were replaced lately: what a new one says that they did not can be told for a day.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::feed::{Content, Reading};
use crate::model::Instant;

/// How long a version is kept after it was replaced.
const KEPT: Duration = Duration::from_hours(24);
/// Bytes of those of one feed that are kept. The latest is, however large.
const MOST: usize = 64 << 20;

/// Versions that were replaced, the latest last.
pub(super) struct Past<C>(Mutex<VecDeque<Replaced<C>>>);

struct Replaced<C> {
    reading: Arc<Reading<C>>,
    bytes: usize,
    at: Instant,
}

/// One version that took the place of another.
pub(super) struct Step<C> {
    pub(super) before: Arc<Reading<C>>,
    pub(super) after: Arc<Reading<C>>,
    pub(super) at: Instant,
}

impl<C> Default for Past<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C: Content> Past<C> {
    /// A version is replaced now. What is of no use any more, or too much, goes.
    pub(super) fn add(&self, reading: Arc<Reading<C>>, at: Instant) {
        let Some(bytes) = reading.content.as_ref().map_or(Some(0), C::kept) else { return };
        let mut all = self.held();
        all.push_back(Replaced { reading, bytes, at });
        while all.len() > 1 && all.iter().map(|each| each.bytes).sum::<usize>() > MOST {
            all.pop_front();
        }
        expire(&mut all, at);
    }

    /// Forgets what is of no use any more.
    pub(super) fn forget(&self, now: Instant) {
        expire(&mut self.held(), now);
    }

    /// Each change within the last day up to what it holds, the latest first.
    pub(super) fn steps(&self, held: &Arc<Reading<C>>, now: Instant) -> Vec<Step<C>> {
        let mut after = Arc::clone(held);
        let mut steps = Vec::new();
        for each in self.held().iter().rev().filter(|each| now.since(each.at) <= KEPT) {
            let before = Arc::clone(&each.reading);
            steps.push(Step { before: Arc::clone(&before), after, at: each.at });
            after = before;
        }
        steps
    }

    fn held(&self) -> MutexGuard<'_, VecDeque<Replaced<C>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn expire<C>(all: &mut VecDeque<Replaced<C>>, now: Instant) {
    all.retain(|each| now.since(each.at) <= KEPT);
}
