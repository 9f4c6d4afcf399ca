//! What came of it, as it is printed and as JSON.

use serde::Serialize;

use crate::{
    model::{Instant, Lane, Seq, SinkName, SourceName},
    store::{Lateness, StoredGap},
};

/// The whole of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Whose events.
    pub source: SourceName,
    /// Inclusive.
    pub from: Instant,
    /// Exclusive.
    pub to: Instant,
    /// When it was made.
    pub made: Instant,
    /// Nothing is missing, forgotten, waiting, on its way, parked or unchecked, and the vendor could be read throughout.
    pub complete: bool,
    /// The sums.
    pub totals: Totals,
    /// How late events came that were stored in this time, from happening to storing, in milliseconds.
    pub lateness: Lateness,
    /// Known gaps of this time that nothing has filled.
    pub gaps: Vec<StoredGap>,
    /// Stretches that the vendor did not give this time.
    pub unread: Vec<Unread>,
    /// What is missing, by time.
    pub missing: Vec<Missing>,
    /// In order of time, without a hole.
    pub windows: Vec<Window>,
}

/// The sums of all windows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Events at the vendor.
    pub vendor: u64,
    /// Of these, known to the store.
    pub stored: u64,
    /// Of these, not known to the store.
    pub missing: u64,
    /// Of these, not known to the store, and so old that it has forgotten such ids: whether it ever stored them, nobody knows.
    pub forgotten: u64,
    /// Of these, done by people who are erased: they count as stored, and are not looked for anywhere.
    pub erased: u64,
    /// In the store, and not given by the vendor.
    pub only_stored: u64,
    /// By sink.
    pub sinks: Vec<Seen>,
}

/// A stretch that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Inclusive.
    pub start: Instant,
    /// Exclusive.
    pub end: Instant,
    /// Why.
    pub cause: String,
}

/// One window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Inclusive.
    pub start: Instant,
    /// Exclusive.
    pub end: Instant,
    /// Events at the vendor.
    pub vendor: u64,
    /// Of these, known to the store.
    pub stored: u64,
    /// Of these, not known to the store.
    pub missing: u64,
    /// Of these, not known to the store, and so old that it has forgotten such ids: whether it ever stored them, nobody knows.
    pub forgotten: u64,
    /// Of these, done by people who are erased: they count as stored, and are not looked for anywhere.
    pub erased: u64,
    /// In the store, and not given by the vendor: older than it keeps them, most likely.
    pub only_stored: u64,
    /// By sink.
    pub sinks: Vec<Seen>,
}

/// What a sink has of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Which.
    pub sink: SinkName,
    /// Events meant for it, whose records are in the store.
    pub meant: u64,
    /// Of these, accepted by it.
    pub accepted: u64,
    /// Of these, still to be sent.
    pub waiting: u64,
    /// Of these, refused by it and set aside.
    pub parked: u64,
    /// Events found there. Absent: it was not asked.
    pub found: Option<u64>,
    /// Accepted, and not found there.
    pub missing: u64,
    /// Accepted, and not found there, but so recently that it need not be yet.
    pub on_its_way: u64,
    /// Stored, not in the store any more, and not found there: whether they were meant for it is not known.
    pub unchecked: u64,
    /// Copies beyond the first, found there.
    pub duplicates: u64,
}

/// Where something is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The vendor has it, the store does not.
    Store,
    /// The sink accepted it, and it is not found there.
    Sink(SinkName),
}

/// One event that is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missing {
    /// When it happened.
    pub time: Instant,
    /// The vendor's id.
    pub id: String,
    /// Where it is missing.
    pub at: Place,
    /// Its place in the store; absent where the record is not there, and nothing can be sent again.
    pub seq: Option<Seq>,
    /// Its lane there.
    #[serde(skip)]
    pub lane: Option<Lane>,
}

impl Seen {
    /// Of nothing.
    pub fn none(sink: SinkName) -> Self {
        Self { sink, meant: 0, accepted: 0, waiting: 0, parked: 0, found: None, missing: 0, on_its_way: 0, unchecked: 0, duplicates: 0 }
    }

    fn add(&mut self, other: &Self) {
        self.meant += other.meant;
        self.accepted += other.accepted;
        self.waiting += other.waiting;
        self.parked += other.parked;
        self.found = match (self.found, other.found) {
            (None, found) | (found, None) => found,
            (Some(one), Some(more)) => Some(one + more),
        };
        self.missing += other.missing;
        self.on_its_way += other.on_its_way;
        self.unchecked += other.unchecked;
        self.duplicates += other.duplicates;
    }
}

impl Totals {
    /// Of these windows.
    pub fn of(windows: &[Window]) -> Self {
        let mut totals = Self::default();
        for window in windows {
            totals.vendor += window.vendor;
            totals.stored += window.stored;
            totals.missing += window.missing;
            totals.forgotten += window.forgotten;
            totals.erased += window.erased;
            totals.only_stored += window.only_stored;
            for seen in &window.sinks {
                match totals.sinks.iter_mut().find(|total| total.sink == seen.sink) {
                    Some(total) => total.add(seen),
                    None => totals.sinks.push(seen.clone()),
                }
            }
        }
        totals
    }

    /// Nothing is missing, forgotten, waiting, on its way, parked or unchecked.
    pub fn are_clean(&self) -> bool {
        let clean = |seen: &Seen| [seen.missing, seen.waiting, seen.on_its_way, seen.parked, seen.unchecked] == [0; 5];
        self.missing == 0 && self.forgotten == 0 && self.sinks.iter().all(clean)
    }
}
