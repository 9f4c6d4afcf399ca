//! When something was seen, and many such things by name.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Instant;

/// Names that are kept of one kind, at most; events of further ones are counted together.
pub const VALUES: usize = 200;

/// First, last and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The earliest event.
    pub first: Instant,
    /// The latest.
    pub last: Instant,
    /// How many.
    pub count: u64,
}

impl Seen {
    /// Once more. Late events come after later ones.
    pub fn add(&mut self, at: Instant) {
        self.first = if self.count == 0 { at } else { self.first.min(at) };
        self.last = self.last.max(at);
        self.count = self.count.saturating_add(1);
    }
}

/// What one value of an attribute left in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// In the whole log as it is kept.
    #[serde(flatten)]
    pub seen: Seen,
    /// The latest before what it is compared with.
    pub before: Option<Instant>,
    /// Events in the days that are looked back to.
    pub recent: u64,
    /// Those days, a bit each.
    #[serde(skip)]
    pub days: u64,
    /// Events of what is compared.
    pub now: u64,
}

impl Trace {
    /// Seen once.
    pub fn first(at: Instant) -> Self {
        let mut trace = Self::default();
        trace.seen.add(at);
        trace
    }

    /// On how many of the days that are looked back to.
    pub fn on_days(&self) -> u32 {
        self.days.count_ones()
    }
}

/// Values of one kind with their traces.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    kept: BTreeMap<String, Trace>,
    /// Events whose value has no place any more.
    pub(super) more: u64,
}

impl Values {
    /// The trace of a value, made where there is room.
    pub(super) fn of(&mut self, value: &str) -> Option<&mut Trace> {
        if !self.kept.contains_key(value) {
            if self.kept.len() >= VALUES {
                self.more = self.more.saturating_add(1);
                return None;
            }
            self.kept.insert(value.to_owned(), Trace::default());
        }
        self.kept.get_mut(value)
    }

    /// Keeps a place for a value that will be asked about.
    pub(super) fn expect(&mut self, value: &str) {
        self.kept.entry(value.to_owned()).or_default();
    }

    pub(super) fn get(&self, value: &str) -> Option<&Trace> {
        self.kept.get(value)
    }

    /// Those with `what` of them, the most first.
    pub(super) fn most(&self, what: impl Fn(&Trace) -> u64) -> Vec<(&str, &Trace)> {
        let mut all: Vec<_> = self.kept.iter().filter(|(_, trace)| what(trace) > 0).map(|(value, trace)| (value.as_str(), trace)).collect();
        all.sort_by_key(|(value, trace)| (std::cmp::Reverse(what(trace)), *value));
        all
    }
}
