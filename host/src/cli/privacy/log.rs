//! The log of a source, as far as it names somebody.

use std::{collections::HashMap, sync::Arc};

use audit_pipeline::types::Actor;

use super::{Hand, Result};
use crate::{
    config::Config,
    detect::{self, Reel},
    egress::HttpTransport,
    model::{Seq, SourceName},
    pipeline::{self, Components},
    privacy::{Marks, line},
    runtime::Source,
    store::StoredEvent,
    trust::Trust,
};

/// What reads the events of each source.
#[derive(Default)]
pub(super) struct Makers(HashMap<SourceName, Source>);

/// Some events of the log, in its order.
pub(super) struct Batch {
    /// Behind this place.
    pub(super) after: Seq,
    /// Up to this one.
    pub(super) through: Seq,
    /// Those that name somebody, with who did it, where that can be read.
    pub(super) naming: Vec<(StoredEvent, Option<Actor>)>,
}

impl Makers {
    pub(super) async fn of(config: &Config, sources: &[SourceName]) -> Result<Self> {
        let runtime = pipeline::runtime(config, Arc::new(HttpTransport::new(&config.network)?))?;
        let mut components = Components::new(runtime, Trust::new(&config.components));
        let mut makers = HashMap::new();
        for source in config.sources.iter().filter(|source| sources.contains(&source.name)) {
            makers.insert(source.name.clone(), components.source(source).await?);
        }
        Ok(Self(makers))
    }

    /// Whether the events of a source can be read.
    pub(super) fn read(&self, source: &SourceName) -> bool {
        self.0.contains_key(source)
    }

    /// Gives `each` the log of a source, some events at a time.
    pub(super) async fn go_through(
        &self,
        hand: &Hand<'_>,
        source: &SourceName,
        marks: &Marks,
        mut each: impl AsyncFnMut(Batch) -> Result<()>,
    ) -> Result<()> {
        let mut reel = Reel::new(hand.store(), source.clone());
        let mut after = Seq(0);
        loop {
            let events = reel.next().await?;
            let Some(through) = events.last().map(|last| last.seq) else { return Ok(()) };
            let naming: Vec<_> = events.into_iter().filter(|event| names(event, marks)).collect();
            let naming = match self.0.get(source).filter(|_| !naming.is_empty()) {
                Some(maker) => {
                    let read = detect::sightings(maker, source, &naming).await;
                    let read = read.map_err(|why| anyhow::anyhow!("failed to read the events of {source} up to {}: {why}", through.0))?;
                    let mut actors: HashMap<u64, Actor> = read.into_iter().map(|sighting| (sighting.seq, sighting.event.actor)).collect();
                    let actor = |event: &StoredEvent| u64::try_from(event.seq.0).ok();
                    naming
                        .into_iter()
                        .map(|event| (actor(&event).and_then(|seq| actors.remove(&seq)), event))
                        .map(|(a, b)| (b, a))
                        .collect()
                }
                None => naming.into_iter().map(|event| (event, None)).collect(),
            };
            each(Batch { after, through, naming }).await?;
            after = through;
        }
    }
}

/// Whether it names somebody who is looked for in what happened then.
fn names(event: &StoredEvent, marks: &Marks) -> bool {
    line::names(&event.record, &marks.then(event.time), line::Whose::Vendor)
}
