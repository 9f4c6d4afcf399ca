//! Events on their way into the log, and out of it.

use std::collections::BTreeSet;

use audit_pipeline::{source::Gap, types::Event};

use super::{Known, Result, Store};
use crate::model::{GenerationNumber, Instant, Lane, Seq, SinkName, SourceName, Stream};

/// What one `collect` brought, as it is committed.
#[derive(Debug)]
pub struct Page<'a> {
    /// Whose.
    pub source: &'a SourceName,
    /// Which of its reading machines.
    pub stream: Stream,
    /// How the events came.
    pub lane: Lane,
    /// When they were received.
    pub received: Instant,
    /// The events, already checked: no empty id, one-line records.
    pub events: &'a [Event],
    /// What is known of each of them, in the same order. Empty where nothing is known of any.
    pub known: &'a [Known],
    /// The checkpoint that covers them.
    pub checkpoint: &'a str,
    /// Everything of the stream up to here has been read at least once.
    pub through: Instant,
    /// What cannot be read.
    pub gaps: &'a [Gap],
    /// The stream is complete.
    pub finished: bool,
    /// The generation of the component that made it. Refused as [`StoreErrorKind::TakenBack`] where that was taken back.
    pub generation: Option<GenerationNumber>,
}

/// What a commit did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Events stored now.
    pub new: u64,
    /// Events that were there already.
    pub known: u64,
    /// The place of the last of the new ones, which stand one after the other. None where there are none.
    pub last: Option<Seq>,
    /// Events of people who were erased: counted as stored, and not stored.
    pub erased: u64,
}

impl Committed {
    /// New ones, and known ones.
    pub fn counts(&self) -> (u64, u64) {
        (self.new, self.known)
    }
}

/// An event in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// Its place.
    pub seq: Seq,
    /// Its lane.
    pub lane: Lane,
    /// When it happened at the vendor.
    pub time: Instant,
    /// When it was stored.
    pub received: Instant,
    /// The vendor's verb.
    pub action: String,
    /// The vendor's own object, one line of JSON.
    pub record: String,
    /// What was known when it was stored.
    pub known: Known,
}

/// The events of a source at these places, as far as they are kept, in order.
pub fn at(store: &dyn Store, source: &SourceName, places: &[Seq]) -> Result<Vec<StoredEvent>> {
    let places: BTreeSet<Seq> = places.iter().copied().collect();
    let mut found = Vec::with_capacity(places.len());
    for place in places {
        found.extend(store.event(place)?.filter(|(whose, _)| whose == source).map(|(_, event)| event));
    }
    Ok(found)
}

/// What a reader of the log asks for.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// Whose events.
    pub source: &'a SourceName,
    /// Which lane.
    pub lane: Lane,
    /// Strictly after this place.
    pub after: Seq,
    /// Only those meant for this sink (a backfill may name one); `None` reads all.
    pub sink: Option<&'a SinkName>,
    /// At most so many events.
    pub events: usize,
    /// And at most so many bytes of records, but always one.
    pub bytes: usize,
}
