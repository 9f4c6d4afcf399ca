//! One batch: stored events made events again, judged with the profiles that the detector asks for.

use audit_pipeline::detector::{Answer, Profile, Sighting, Verdict};
use futures_util::future::BoxFuture;

use super::sighting::sighting;
use crate::{
    model::SourceName,
    neutral::brief,
    runtime::{CallError, Detector, Source},
    store::{StoreError, StoredEvent},
};

/// A detector may ask for profiles so often before it must judge.
const ROUNDS: usize = 8;

/// Where profiles are.
pub(super) trait Memory: Sync {
    /// Those of these subjects, in their order; an empty body where nothing is held.
    fn profiles(&self, subjects: Vec<String>) -> BoxFuture<'_, Result<Vec<Profile>, StoreError>>;
}

/// Why a batch was not judged.
#[derive(Debug, thiserror::Error)]
pub enum Stuck {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The component that makes events, or the detector.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The detector asks for ever.
    #[error("the detector asked for profiles again and again and judged nothing")]
    Asking,
}

/// Stored events as a detector sees them. One whose record its component cannot read any more is left out.
pub async fn sightings(maker: &Source, source: &SourceName, events: &[StoredEvent]) -> Result<Vec<Sighting>, Stuck> {
    let records = events.iter().map(|event| event.record.clone()).collect();
    let made = maker.normalize(records).await?;
    let mut sightings = Vec::with_capacity(events.len());
    for (stored, event) in events.iter().zip(made) {
        match event {
            Ok(event) => sightings.push(sighting(stored, event)),
            Err(why) => tracing::warn!(
                %source, seq = stored.seq.0,
                "an event is not judged: its component cannot read its record any more: {}", brief(&why, 300)
            ),
        }
    }
    Ok(sightings)
}

/// What the sightings lead to.
pub(super) async fn verdict(detector: &Detector, sightings: &[Sighting], memory: &dyn Memory) -> Result<Verdict, Stuck> {
    let mut profiles = memory.profiles(detector.subjects(sightings).await?).await?;
    for _ in 0..ROUNDS {
        match detector.detect(sightings, &profiles).await? {
            Answer::Verdict(verdict) => return Ok(verdict),
            Answer::Needs(subjects) => profiles.extend(memory.profiles(subjects).await?),
        }
    }
    Err(Stuck::Asking)
}
