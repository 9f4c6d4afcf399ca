//! What the store knows of a window: the events of the log that happened then, and how far a sink is with each.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    model::{Instant, Lane, Seq, SinkName, SourceName},
    runtime::{CallError, Source},
    sink::Sieve,
    store::{Range, Store, StoredEvent, blocking},
};

/// Events read at once.
const EVENTS: usize = 5000;
const BYTES: usize = 4 << 20;
/// An event is not stored before it happens, but for clocks that differ.
const SKEW: Duration = Duration::from_secs(3600);

/// An event of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its place.
    pub seq: Seq,
    /// Its lane.
    pub lane: Lane,
    /// When it happened.
    pub time: Instant,
    /// When it was stored.
    pub received: Instant,
    /// The sink's cursor is past it.
    pub passed: bool,
    /// The sink refused it, and it is set aside.
    pub parked: bool,
}

impl Held {
    /// The sink took it.
    pub fn accepted(&self) -> bool {
        self.passed && !self.parked
    }
}

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unknown {
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The component does not say what a record is called.
    #[error("failed to read stored records: {0}")]
    Component(CallError),
    /// The same for one record.
    #[error("a stored record cannot be read: {0}")]
    Record(String),
}

/// Reads the log for one time after the other, for a sink or for all.
pub(super) struct Shelf {
    source: SourceName,
    sink: Option<SinkName>,
    /// What of it the sink does not get.
    sieve: Option<Sieve>,
    /// Where each lane holds the first event that a later window may ask for.
    begin: BTreeMap<Lane, Seq>,
}

impl Shelf {
    /// Of everything.
    pub(super) fn whole(source: SourceName) -> Self {
        Self { source, sink: None, sieve: None, begin: BTreeMap::new() }
    }

    /// Of what a sink gets.
    pub(super) fn of(source: SourceName, sink: SinkName, sieve: Option<Sieve>) -> Self {
        Self { source, sink: Some(sink), sieve, begin: BTreeMap::new() }
    }

    /// By id, what happened in this time; `None` where that is more than `most`. Times are asked for in order of when they begin.
    pub(super) async fn window(
        &mut self,
        store: &Arc<dyn Store>,
        maker: &Source,
        start: Instant,
        end: Instant,
        most: usize,
    ) -> Result<Option<BTreeMap<String, Held>>, Unknown> {
        let mut found = BTreeMap::new();
        let (sink, source) = (self.sink.clone(), self.source.clone());
        let parked: BTreeSet<Seq> = match &self.sink {
            None => BTreeSet::new(),
            Some(sink) => {
                let all = blocking(store, |store| store.parked()).await?;
                all.into_iter().filter(|each| each.sink == *sink).map(|each| each.seq).collect()
            }
        };
        for lane in Lane::ALL {
            let cursor = match &sink {
                None => Seq::default(),
                Some(sink) => {
                    let (sink, source) = (sink.clone(), source.clone());
                    blocking(store, move |store| store.cursor(&sink, &source, lane)).await?
                }
            };
            let mut after = self.begin.get(&lane).copied().unwrap_or_default();
            loop {
                let (sink, source) = (sink.clone(), source.clone());
                let read = move |store: &dyn Store| {
                    store.read(&Range { source: &source, lane, after, sink: sink.as_ref(), events: EVENTS, bytes: BYTES })
                };
                let events = blocking(store, read).await?;
                let Some(last) = events.last().map(|event| event.seq) else { break };
                // The log is in the order of storing: what was stored well before this window is of no later one either.
                if let Some(early) = events.iter().take_while(|event| event.received.plus(SKEW) < start).last()
                    && self.begin.get(&lane).copied().unwrap_or_default() == after
                {
                    self.begin.insert(lane, early.seq);
                }
                let mut here: Vec<_> = events.into_iter().filter(|event| event.time >= start && event.time < end).collect();
                if let Some(sieve) = &self.sieve {
                    here = sieve.sift(&self.source, here).await.map_err(Unknown::Record)?.kept;
                }
                for (id, event) in named(maker, here).await? {
                    let (passed, parked) = (event.seq <= cursor, parked.contains(&event.seq));
                    let held = Held { seq: event.seq, lane, time: event.time, received: event.received, passed, parked };
                    // Of one that was learned from and then delivered there are two: the later is the one that counts.
                    found.insert(id, held);
                }
                if found.len() > most {
                    return Ok(None);
                }
                after = last;
            }
        }
        Ok(Some(found))
    }
}

/// What the component calls each.
async fn named(maker: &Source, events: Vec<StoredEvent>) -> Result<Vec<(String, StoredEvent)>, Unknown> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let records = events.iter().map(|event| event.record.clone()).collect();
    let read = maker.normalize(records).await.map_err(Unknown::Component)?;
    let pairs = read.into_iter().zip(events);
    pairs.map(|(read, event)| read.map(|read| (read.id, event)).map_err(Unknown::Record)).collect()
}
