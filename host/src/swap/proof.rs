//! The steps that a candidate takes before any source polls with it.

use std::{fmt, sync::Arc};

use audit_pipeline::types::{Description, Failure};

use super::{
    difference::{Difference, Differences},
    swaps::Seat,
    transcript::{Nobody, Played, TOKEN, Transcript},
};
use crate::{
    model::{Instant, Stream},
    neutral::{brief, visible},
    runtime::{CallError, Generation, Kind, Runtime},
    store::{Store, StoreError, blocking},
    trust::{Package, Trust, Vouched},
};

/// How many transcripts are played, all sources together, their latest first: each costs a page's computing.
const TRANSCRIPTS: usize = 128;

/// A step of the proof, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Something vouches for its bytes.
    Trust,
    /// It compiles, fits its world, and imports what is allowed.
    World,
    /// Where it must go is granted by every source.
    Origins,
    /// It describes itself.
    Describe,
    /// It yields the same events from the transcripts.
    Replay,
    /// It reads the current checkpoints.
    Checkpoint,
    /// One source completes a poll with it.
    Canary,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trust => "trust",
            Self::World => "world",
            Self::Origins => "origins",
            Self::Describe => "describe",
            Self::Replay => "replay",
            Self::Checkpoint => "checkpoint",
            Self::Canary => "canary",
        })
    }
}

/// Why a candidate does not become current.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{step}: {reason}")]
pub struct Refusal {
    /// The step that it failed.
    pub step: Step,
    /// What was tried, what was wrong, what to do.
    pub reason: String,
    /// The same bytes would be refused again.
    pub lasting: bool,
    /// What it does differently, where a person may accept that.
    pub differences: Vec<Difference>,
    /// What it calls itself, if it got so far.
    pub named: Option<(String, String)>,
}

impl Refusal {
    /// For what it is.
    pub(super) fn lasting(step: Step, reason: impl Into<String>) -> Self {
        Self { step, reason: reason.into(), lasting: true, differences: Vec::new(), named: None }
    }

    /// For what may be otherwise next time.
    pub(super) fn passing(step: Step, reason: impl Into<String>) -> Self {
        Self { lasting: false, ..Self::lasting(step, reason) }
    }
}

/// What the proof showed.
#[derive(Debug)]
pub(super) struct Proved {
    pub(super) generation: Arc<Generation>,
    pub(super) description: Description,
    pub(super) vouched: Vouched,
    pub(super) transcripts: usize,
    pub(super) differences: Vec<Difference>,
}

/// What a proof needs.
pub(super) struct Ground<'a> {
    pub(super) runtime: &'a Runtime,
    pub(super) trust: &'a Trust,
    pub(super) store: &'a Arc<dyn Store>,
    pub(super) kind: Kind,
    pub(super) seats: &'a [Seat],
    pub(super) now: Instant,
}

/// Takes a candidate through every step before the canary. A difference does not end it: whoever asked decides.
pub(super) async fn prove(ground: &Ground<'_>, package: &Arc<Package>) -> Result<Proved, Refusal> {
    let (trust, judged) = (ground.trust.clone(), Arc::clone(package));
    // Off the executor: a signature hashes the whole component.
    let vouched = tokio::task::spawn_blocking(move || trust.judge(&judged)).await;
    let vouched = vouched.map_err(|gone| Refusal::passing(Step::Trust, gone.to_string()))?;
    let vouched = vouched.map_err(|why| Refusal::lasting(Step::Trust, why.to_string()))?;
    let loaded = ground.runtime.load_as(ground.kind, package.wasm.as_slice().into()).await;
    let generation = loaded.map_err(|why| Refusal::lasting(Step::World, why.to_string()))?;
    origins(ground, &generation).await?;
    let described = ground.runtime.describe(&generation).await;
    let description =
        described.map_err(|why| Refusal::lasting(Step::Describe, format!("`describe` failed: {}", visible(&why.to_string()))))?;
    let named = Some((description.name.clone(), description.version.clone()));
    let name_it = |refusal: Refusal| Refusal { named: named.clone(), ..refusal };
    let (transcripts, differences) = replay(ground, &generation).await.map_err(name_it)?;
    checkpoints(ground, &generation).await.map_err(name_it)?;
    Ok(Proved { generation, description, vouched, transcripts, differences })
}

async fn origins(ground: &Ground<'_>, generation: &Arc<Generation>) -> Result<(), Refusal> {
    for Seat { name, source, allow, .. } in ground.seats {
        let declared = source.pinned(Arc::clone(generation)).origins().await;
        let declared = declared.map_err(|why| {
            Refusal::lasting(Step::Origins, format!("it rejects the `config` of source `{name}`: {}", visible(&why.to_string())))
        })?;
        if let Some(missing) = declared.iter().find(|origin| !allow.contains(origin)) {
            let reason = format!(
                "it must reach {} for source `{name}`, which `allow` there does not grant: add it, and restart",
                brief(missing, 200)
            );
            return Err(Refusal::lasting(Step::Origins, reason));
        }
    }
    Ok(())
}

/// Plays the latest transcripts of every source. How many, and what differs.
async fn replay(ground: &Ground<'_>, generation: &Arc<Generation>) -> Result<(usize, Vec<Difference>), Refusal> {
    let (mut played, mut differences) = (0, Differences::default());
    let share = TRANSCRIPTS.div_ceil(ground.seats.len().max(1)).max(1);
    for seat in ground.seats.iter().take(TRANSCRIPTS) {
        let name = seat.name.clone();
        let kept = blocking(ground.store, move |store| store.transcripts(&name)).await.map_err(unread)?;
        for bytes in kept.iter().rev().take(share) {
            let Some(transcript) = Transcript::from_bytes(bytes) else { continue };
            play(seat, generation, &transcript, &mut differences).await?;
            played += 1;
        }
    }
    Ok((played, differences.into_vec()))
}

async fn play(seat: &Seat, generation: &Arc<Generation>, transcript: &Transcript, differences: &mut Differences) -> Result<(), Refusal> {
    let stage = Arc::new(Played::new(transcript));
    let source = seat.source.pinned(Arc::clone(generation)).over(Arc::clone(&stage) as _).configured(&transcript.config);
    let outcome = source.collect(TOKEN, &transcript.checkpoint, Instant(transcript.now)).await;
    let name = seat.name.as_str();
    differences.request(name, transcript, stage.seen().as_ref());
    match outcome {
        Ok(page) => differences.page(name, &transcript.page, &page),
        // What it does with an answer to another request than its own says little; a person can tell.
        Err(CallError::Failed(failure)) => differences.failure(name, &crate::schedule::describe(&failure)),
        Err(why) => {
            let reason = format!("on a page that source `{name}` once read: {}", visible(&why.to_string()));
            return Err(Refusal::lasting(Step::Replay, reason));
        }
    }
    Ok(())
}

/// Lets it read where every stream of every source stands: it must get so far as to ask, which reaches nobody.
async fn checkpoints(ground: &Ground<'_>, generation: &Arc<Generation>) -> Result<(), Refusal> {
    for seat in ground.seats {
        let name = seat.name.clone();
        let held = blocking(ground.store, move |store| {
            let mut streams = vec![Stream::Live];
            streams.extend(
                store.histories()?.iter().filter(|each| each.source == name && !each.finished).map(|each| Stream::History(each.id)),
            );
            let held = streams.into_iter().filter_map(|stream| store.checkpoint(&name, stream).transpose());
            held.collect::<Result<Vec<_>, _>>()
        });
        let source = seat.source.pinned(Arc::clone(generation)).over(Arc::new(Nobody));
        for checkpoint in held.await.map_err(unread)? {
            match source.collect(TOKEN, &checkpoint.body, ground.now).await {
                Ok(_) | Err(CallError::Failed(Failure::Unavailable(_) | Failure::Throttled(_))) => {}
                Err(why) => {
                    let reason =
                        format!("it does not read the current checkpoint of source `{}`: {}", seat.name, visible(&why.to_string()));
                    return Err(Refusal::lasting(Step::Checkpoint, reason));
                }
            }
        }
    }
    Ok(())
}

fn unread(why: StoreError) -> Refusal {
    Refusal::passing(Step::Replay, why.to_string())
}
