//! Spans that ended and are not sent yet: so many and no more.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

use super::{recorder::Finished, trail::Trail};

/// What a collector may be behind: some minutes of a busy host, a few megabytes.
const ROOM: usize = 4096;

/// Spans on their way out, and whether there are to be any.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Traces whose number is below this are kept. 0: none.
    below: AtomicU64,
    spans: Mutex<VecDeque<Finished>>,
    dropped: AtomicU64,
    much: Notify,
    pub(super) trail: Trail,
}

impl Shelf {
    /// Keeps that share of traces from now on: 0 none, 1 all.
    pub fn keep(&self, share: f64) {
        // Saturates: 1 is all of them.
        let below = (share.clamp(0.0, 1.0) * u64::MAX as f64) as u64;
        if self.below.swap(below, Ordering::Relaxed) != below {
            tracing::callsite::rebuild_interest_cache();
        }
    }

    /// Whether any trace is kept.
    pub(super) fn is_open(&self) -> bool {
        self.below.load(Ordering::Relaxed) > 0
    }

    /// Whether the trace of that number is kept.
    pub(super) fn wants(&self, number: u64) -> bool {
        let below = self.below.load(Ordering::Relaxed);
        number < below || below == u64::MAX
    }

    pub(super) fn put(&self, span: Finished) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        if spans.len() >= ROOM {
            drop(spans);
            self.lose(1);
            return;
        }
        spans.push_back(span);
        if spans.len() == ROOM / 4 {
            self.much.notify_one();
        }
    }

    /// The oldest ones, at most so many.
    pub(super) fn take(&self, most: usize) -> Vec<Finished> {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let count = spans.len().min(most);
        spans.drain(..count).collect()
    }

    /// Puts back what was taken, before all others.
    pub(super) fn put_back(&self, taken: Vec<Finished>) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = ROOM.saturating_sub(spans.len());
        let lost = taken.len().saturating_sub(fits);
        for span in taken.into_iter().skip(lost).rev() {
            spans.push_front(span);
        }
        drop(spans);
        self.lose(lost as u64);
    }

    /// Counts spans that nobody will see.
    pub(super) fn lose(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// Spans dropped since the process began.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// When enough of them wait to be worth a request.
    pub(super) async fn much(&self) {
        self.much.notified().await;
    }
}
