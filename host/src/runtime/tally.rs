//! What the calls of components came to, since the process began.
//!
//! A call adds to a few numbers of its component when it ends, without a lock. Generations that are gone stay counted: a
//! count never goes back.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{error::CallError, kind::Kind};

/// How a call ended, as far as it tells of the component rather than of its vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It answered, be it with a failure.
    Answered,
    /// It stopped itself.
    Trapped,
    /// It took too long.
    TimedOut,
    /// It needed too much memory.
    OutOfMemory,
    /// It returned too much.
    OutputTooLarge,
}

impl End {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Answered, Self::Trapped, Self::TimedOut, Self::OutOfMemory, Self::OutputTooLarge];

    /// Its name for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Trapped => "trapped",
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
            Self::OutputTooLarge => "output_too_large",
        }
    }

    pub(super) fn of<T>(result: &Result<T, CallError>) -> Self {
        match result {
            Ok(_) | Err(CallError::Failed(_) | CallError::Broken(_)) => Self::Answered,
            Err(CallError::Trapped(_)) => Self::Trapped,
            Err(CallError::TimedOut) => Self::TimedOut,
            Err(CallError::OutOfMemory) => Self::OutOfMemory,
            Err(CallError::OutputTooLarge) => Self::OutputTooLarge,
        }
    }
}

/// The calls of one generation.
#[derive(Debug, Default)]
pub(super) struct Tally {
    answered: AtomicU64,
    trapped: AtomicU64,
    timed_out: AtomicU64,
    out_of_memory: AtomicU64,
    output_too_large: AtomicU64,
    micros: AtomicU64,
    peak: AtomicU64,
}

impl Tally {
    fn count(&self, end: End) -> &AtomicU64 {
        match end {
            End::Answered => &self.answered,
            End::Trapped => &self.trapped,
            End::TimedOut => &self.timed_out,
            End::OutOfMemory => &self.out_of_memory,
            End::OutputTooLarge => &self.output_too_large,
        }
    }

    /// One call ended so, after `time`, with `memory` bytes at most.
    pub(super) fn add(&self, end: End, time: Duration, memory: usize) {
        self.count(end).fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.peak.fetch_max(u64::try_from(memory).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// What the calls of one component came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// As the configuration names it; by the beginning of its digest where it does not.
    pub component: String,
    /// What it is for.
    pub kind: Kind,
    /// How many ended how, in the order of [`End::ALL`].
    pub ends: [u64; End::ALL.len()],
    /// How long they took together, waiting for the vendor included.
    pub time: Duration,
    /// The most bytes of linear memory that one of them had.
    pub peak: u64,
}

/// The tallies of all generations that were ever loaded, and what they are called.
#[derive(Debug, Default)]
pub(super) struct Tallies(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    each: BTreeMap<(Kind, String), Arc<Tally>>,
    names: BTreeMap<(Kind, String), String>,
}

impl Tallies {
    /// Where the calls of a generation are counted.
    pub(super) fn of(&self, kind: Kind, digest: &str) -> Arc<Tally> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(book.each.entry((kind, digest.to_owned())).or_default())
    }

    /// From now on it is called that.
    pub(super) fn name(&self, kind: Kind, digest: &str, name: &str) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.names.insert((kind, digest.to_owned()), name.to_owned());
    }

    /// What all came to, the generations of one component together.
    pub(super) fn all(&self) -> Vec<Calls> {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: BTreeMap<(Kind, String), Calls> = BTreeMap::new();
        for (key, tally) in &book.each {
            let (kind, digest) = key;
            let short = || format!("sha256:{}", digest.get(..12).unwrap_or(digest));
            let component = book.names.get(key).cloned().unwrap_or_else(short);
            let fresh = || Calls { component: component.clone(), kind: *kind, ends: Default::default(), time: Duration::ZERO, peak: 0 };
            let calls = all.entry((*kind, component.clone())).or_insert_with(fresh);
            for (sum, end) in calls.ends.iter_mut().zip(End::ALL) {
                *sum = sum.saturating_add(tally.count(end).load(Ordering::Relaxed));
            }
            calls.time = calls.time.saturating_add(Duration::from_micros(tally.micros.load(Ordering::Relaxed)));
            calls.peak = calls.peak.max(tally.peak.load(Ordering::Relaxed));
        }
        all.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_of_one_component_count_together_and_go_on_counting() {
        let tallies = Tallies::default();
        let (first, second) = (tallies.of(Kind::Source, &"a".repeat(64)), tallies.of(Kind::Source, &"b".repeat(64)));
        first.add(End::Answered, Duration::from_millis(1500), 100);
        drop(first);
        second.add(End::Trapped, Duration::from_millis(500), 300);
        tallies.of(Kind::Source, &"b".repeat(64)).add(End::Trapped, Duration::ZERO, 200);
        assert_eq!(
            tallies.all().iter().map(|calls| calls.component.as_str()).collect::<Vec<_>>(),
            ["sha256:aaaaaaaaaaaa", "sha256:bbbbbbbbbbbb"]
        );
        for digest in ["a", "b"] {
            tallies.name(Kind::Source, &digest.repeat(64), "builtin:miro");
        }
        let all = tallies.all();
        let time = Duration::from_secs(2);
        assert_eq!(all, [Calls { component: "builtin:miro".to_owned(), kind: Kind::Source, ends: [1, 2, 0, 0, 0], time, peak: 300 }]);
    }
}
