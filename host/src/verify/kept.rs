//! What the store knows of a window: the events of the log that happened then, and how far a sink is with each.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::blocks::Blocks;
use crate::{
    model::{Instant, Lane, Seq, SinkName, SourceName},
    runtime::{CallError, Source},
    sink::Sieve,
    store::{Range, Store, StoredEvent, Waited, blocking},
};

/// Events read at once.
const EVENTS: usize = 5000;
const BYTES: usize = 4 << 20;
/// Behind every place.
const END: Seq = Seq(i64::MAX);

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
    /// When the sink took it at the latest, where it did.
    pub taken: Instant,
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

/// Reads the log of one time, for a sink or for all.
pub(super) struct Shelf {
    source: SourceName,
    sink: Option<SinkName>,
    /// What of it the sink does not get.
    sieve: Option<Sieve>,
}

impl Shelf {
    /// Of everything.
    pub(super) fn whole(source: SourceName) -> Self {
        Self { source, sink: None, sieve: None }
    }

    /// Of what a sink gets.
    pub(super) fn of(source: SourceName, sink: SinkName, sieve: Option<Sieve>) -> Self {
        Self { source, sink: Some(sink), sieve }
    }

    /// By id, what happened from `start` up to `end`; `None` where that is more than `most`. What is asked for of everything reads the log
    /// to its end and notes it in `blocks`; what is asked for of a sink reads no further than that.
    pub(super) async fn window(
        &self,
        store: &Arc<dyn Store>,
        maker: &Source,
        blocks: &mut Blocks,
        (start, end): (Instant, Instant),
        most: usize,
    ) -> Result<Option<BTreeMap<String, Held>>, Unknown> {
        let mut found = BTreeMap::new();
        let parked: BTreeSet<Seq> = match &self.sink {
            None => BTreeSet::new(),
            Some(sink) => {
                let all = blocking(store, |store| store.parked()).await?;
                all.into_iter().filter(|each| each.sink == *sink).map(|each| each.seq).collect()
            }
        };
        for lane in Lane::ALL {
            let (cursor, waited) = self.taken(store, lane).await?;
            let mut stretches = blocks.of(lane, start, end);
            if self.sink.is_none() {
                stretches.push((blocks.end(lane), END));
            }
            for (mut after, through) in stretches {
                while after < through {
                    let (sink, source) = (self.sink.clone(), self.source.clone());
                    let read = move |store: &dyn Store| {
                        store.read(&Range { source: &source, lane, after, sink: sink.as_ref(), events: EVENTS, bytes: BYTES })
                    };
                    let events = blocking(store, read).await?;
                    let Some(last) = events.last().map(|event| event.seq) else { break };
                    if through == END {
                        blocks.note(lane, last, events.iter().map(|event| event.time));
                    }
                    let here = |event: &StoredEvent| event.time >= start && event.time < end && event.seq <= through;
                    let mut here: Vec<_> = events.into_iter().filter(here).collect();
                    if let Some(sieve) = &self.sieve {
                        here = sieve.sift(&self.source, here).await.map_err(Unknown::Record)?.kept;
                    }
                    for (id, event) in named(maker, here).await? {
                        let StoredEvent { seq, time, received, .. } = event;
                        let (passed, parked) = (seq <= cursor, parked.contains(&seq));
                        let taken = Waited::by(&waited, seq).map_or(received, |by| by.max(received));
                        // Of one that was learned from and then delivered there are two: the later is the one that counts.
                        found.insert(id, Held { seq, lane, time, received, taken, passed, parked });
                    }
                    if found.len() > most {
                        return Ok(None);
                    }
                    after = last;
                }
            }
        }
        Ok(Some(found))
    }

    /// How far its sink is with a lane, and what it took late of that.
    async fn taken(&self, store: &Arc<dyn Store>, lane: Lane) -> Result<(Seq, Vec<Waited>), Unknown> {
        let Some(sink) = self.sink.clone() else { return Ok((Seq::default(), Vec::new())) };
        let source = self.source.clone();
        // In this order: of all that its cursor has passed is known when.
        Ok(blocking(store, move |store| Ok((store.cursor(&sink, &source, lane)?, store.waited(&sink, &source, lane)?))).await?)
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
