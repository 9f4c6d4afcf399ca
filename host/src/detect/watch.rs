//! The worker of one detector over the log of one source. One step is one batch: read, normalize, judge, store.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use audit_pipeline::{
    detector::{Finding, Profile, Rule, Sighting},
    types::Failure,
};
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    Rulebook, again,
    batch::{self, Memory, Stuck},
    change,
};
use crate::{
    alert::{Found, Judgement, Stage},
    backoff::Backoff,
    clock::Clock,
    directory::Rejudged,
    enrich::Enricher,
    model::{DetectorName, Instant, Seq, SourceName},
    neutral::brief,
    runtime::{CallError, Detector, Source},
    store::{self, Store, StoreError, StoreErrorKind, StoredEvent, blocking},
    trace::span,
};

/// Events of a batch, at most.
const EVENTS: usize = 2000;
/// Bytes of their records, at most.
const BYTES: usize = 8 << 20;
/// Events of earlier batches that are looked up for the findings of one batch, at most.
const LOOKED_UP: usize = 1000;
/// An event that fails by itself so often is passed over.
const TRIES: u32 = 3;

/// What a watch is made of.
pub struct WatchParts {
    /// The detector's name.
    pub name: DetectorName,
    /// Whose events.
    pub source: SourceName,
    /// The detector.
    pub detector: Detector,
    /// What made the events, and makes them again of their records.
    pub maker: Source,
    /// How findings are treated.
    pub rulebook: Rulebook,
    /// What its rules read; empty where it does not say.
    pub rules: Vec<Rule>,
    /// Knows addresses, and what became known of them lately.
    pub enricher: Arc<Enricher>,
    /// The log, and where findings go.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Notified when there are new events of the source.
    pub heard: Arc<Notify>,
    /// Notified when alerts are to be told.
    pub told: Arc<Notify>,
}

/// One detector over the log of one source.
pub struct Watch {
    parts: WatchParts,
    /// When this detector first looked at the log.
    joined: Option<Instant>,
    /// Events of the next batch: fewer while it is sought which of them fails.
    most: usize,
    backoff: Backoff,
    trouble: Option<String>,
}

/// When to step again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There may be more.
    AtOnce,
    /// Everything is judged.
    Idle,
    /// Not before then.
    At(Instant),
}

/// Profiles in the store.
struct Stored {
    store: Arc<dyn Store>,
    source: SourceName,
    detector: DetectorName,
}

impl Memory for Stored {
    fn profiles(&self, subjects: Vec<String>) -> BoxFuture<'_, Result<Vec<Profile>, StoreError>> {
        let (source, detector) = (self.source.clone(), self.detector.clone());
        Box::pin(blocking(&self.store, move |store| store.profiles(&source, &detector, &subjects)))
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("name", &self.parts.name).field("source", &self.parts.source).finish_non_exhaustive()
    }
}

impl Watch {
    /// A watch that has judged nothing yet.
    pub fn new(parts: WatchParts) -> Self {
        let name = format!("{}/{}", parts.name, parts.source);
        Self {
            parts,
            joined: None,
            most: EVENTS,
            backoff: Backoff::new(&name, Duration::from_secs(1), Duration::from_secs(300)),
            trouble: None,
        }
    }

    /// The detector's name.
    pub fn name(&self) -> &DetectorName {
        &self.parts.name
    }

    /// Whose events.
    pub fn source(&self) -> &SourceName {
        &self.parts.source
    }

    /// Why nothing is judged, while nothing is.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Steps until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), StoreError> {
        let wake = Arc::clone(&self.parts.heard);
        while !shutdown.is_cancelled() {
            let woken = wake.notified();
            tokio::pin!(woken);
            // From here on no wake is missed, also not one during the step.
            woken.as_mut().enable();
            match self.step().await? {
                Next::AtOnce => tokio::task::yield_now().await,
                Next::Idle => tokio::select! { () = shutdown.cancelled() => {}, () = woken => {} },
                Next::At(at) => tokio::select! { () = shutdown.cancelled() => {}, () = self.parts.clock.sleep_until(at) => {} },
            }
        }
        Ok(())
    }

    /// Judges the next batch.
    pub async fn step(&mut self) -> Result<Next, StoreError> {
        let (source, name) = (self.parts.source.clone(), self.parts.name.clone());
        let joined = match self.joined {
            Some(joined) => joined,
            None => {
                let (source, name, now) = (source.clone(), name.clone(), self.parts.clock.now());
                *self.joined.insert(blocking(&self.parts.store, move |store| join(store, &source, &name, now)).await?)
            }
        };
        let most = self.most;
        let read = blocking(&self.parts.store, move |store| {
            let after = store.judged(&source, &name)?;
            Ok((after, store.read_all(&source, after, most, BYTES)?))
        });
        let (after, mut events) = read.await?;
        let stage = stretch(&mut events, joined);
        let Some(last) = events.last() else {
            return Ok(if self.again(after).await? { Next::AtOnce } else { Next::Idle });
        };
        let through = last.seq;
        let places = (events.first().map_or(through, |event| event.seq), through);
        let span = span::judgement(&self.parts.name, &self.parts.source, places, events.len());
        let judged = self.judge(after, through, stage, &events).instrument(span.clone()).await;
        if judged.is_err() {
            span::failed(&span);
        }
        drop(span);
        match judged {
            Ok(()) => {
                if self.trouble.take().is_some() {
                    tracing::info!(detector = %self.parts.name, source = %self.parts.source, "judging goes on");
                }
                self.backoff.reset();
                self.most = self.most.saturating_mul(2).min(EVENTS);
                Ok(Next::AtOnce)
            }
            // Another judged them meanwhile, or the cursor was moved: read it again.
            Err(Stuck::Store(why)) if why.kind == StoreErrorKind::Conflict => Ok(Next::AtOnce),
            Err(Stuck::Store(why)) if why.kind == StoreErrorKind::Retry => Ok(self.wait(why.to_string())),
            Err(Stuck::Store(why)) => Err(why),
            Err(Stuck::Call(CallError::Failed(Failure::Invalid(why)))) => Ok(self.wait(why)),
            Err(why) => self.fewer(after, through, events.len(), &why.to_string()).await,
        }
    }

    /// Judges again what somebody did who turned out to have left. Returns whether there was any.
    async fn again(&self, after: Seq) -> Result<bool, StoreError> {
        let (source, name) = (self.parts.source.clone(), self.parts.name.clone());
        let asked = blocking(&self.parts.store, move |store| {
            let Some(asked) = Rejudged::asked(store, &source, &name)?.into_iter().next() else { return Ok(None) };
            let events = again::find(store, &source, &asked)?;
            Ok(Some((asked, events)))
        });
        let Some((asked, events)) = asked.await? else { return Ok(false) };
        match self.found_again(&asked, &events).await {
            Ok(found) => self.store(after, after, Stage::Watching, found, Vec::new(), self.parts.clock.now()).await?,
            Err(Stuck::Store(why)) => return Err(why),
            Err(why) => {
                let why = brief(&why.to_string(), 300);
                tracing::error!(detector = %self.parts.name, source = %self.parts.source, "what somebody did who left cannot be judged again: {why}");
            }
        }
        let (source, name) = (self.parts.source.clone(), self.parts.name.clone());
        blocking(&self.parts.store, move |store| asked.done(store, &source, &name)).await?;
        Ok(true)
    }

    async fn found_again(&self, asked: &Rejudged, events: &[StoredEvent]) -> Result<Vec<Found>, Stuck> {
        let concerned = again::concerned(&self.parts.detector.rules().await?);
        let sightings = again::told(batch::sightings(&self.parts.maker, &self.parts.source, events).await?, asked);
        let verdict = batch::verdict(&self.parts.detector, &sightings, &again::Blank).await?;
        let known: BTreeMap<u64, &Sighting> = sightings.iter().map(|sighting| (sighting.seq, sighting)).collect();
        let findings = verdict.findings.into_iter().filter(|finding| concerned.contains(&finding.policy));
        Ok(findings.filter_map(|finding| self.found(finding, &known, events)).collect())
    }

    /// A batch that failed is tried with fewer events, down to the one that fails; that one is passed over.
    async fn fewer(&mut self, after: Seq, through: Seq, events: usize, why: &str) -> Result<Next, StoreError> {
        if events > 1 {
            self.most = (events / 2).max(1);
            let at = self.wait(why.to_owned());
            return Ok(if self.backoff.attempts() > 4 { at } else { Next::AtOnce });
        }
        if self.backoff.attempts() < TRIES {
            return Ok(self.wait(why.to_owned()));
        }
        tracing::error!(
            detector = %self.parts.name, source = %self.parts.source, seq = through.0,
            "passing over an event that cannot be judged: {}", brief(why, 300)
        );
        self.store(after, through, Stage::Watching, Vec::new(), Vec::new(), self.parts.clock.now()).await?;
        self.backoff.reset();
        Ok(Next::AtOnce)
    }

    fn wait(&mut self, why: String) -> Next {
        let at = self.parts.clock.now().plus(self.backoff.failed());
        if self.trouble.as_ref() != Some(&why) {
            tracing::warn!(detector = %self.parts.name, source = %self.parts.source, "events are not judged: {}", brief(&why, 500));
        }
        self.trouble = Some(why);
        Next::At(at)
    }

    async fn judge(&self, after: Seq, through: Seq, stage: Stage, events: &[StoredEvent]) -> Result<(), Stuck> {
        let WatchParts { source, name, store, clock, .. } = &self.parts;
        let began = clock.now();
        let sightings = batch::sightings(&self.parts.maker, source, events).await?;
        let memory = Stored { store: Arc::clone(store), source: source.clone(), detector: name.clone() };
        let verdict = batch::verdict(&self.parts.detector, &sightings, &memory).await?;
        span::found(verdict.findings.len());
        let earlier = self.earlier(&verdict.findings, events).await?;
        let known: BTreeMap<u64, &Sighting> = sightings.iter().chain(&earlier).map(|sighting| (sighting.seq, sighting)).collect();
        let found = verdict.findings.into_iter().filter_map(|finding| self.found(finding, &known, events)).collect();
        self.store(after, through, stage, found, verdict.profiles, began).await?;
        Ok(())
    }

    /// The events of earlier batches that findings rest on, as far as they are kept.
    async fn earlier(&self, findings: &[Finding], events: &[StoredEvent]) -> Result<Vec<Sighting>, Stuck> {
        let here: BTreeSet<Seq> = events.iter().map(|event| event.seq).collect();
        let named = findings.iter().flat_map(|finding| &finding.evidence).filter_map(|seq| i64::try_from(*seq).ok()).map(Seq);
        let places: BTreeSet<Seq> = named.filter(|seq| !here.contains(seq)).take(LOOKED_UP).collect();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let (source, places) = (self.parts.source.clone(), places.into_iter().collect::<Vec<_>>());
        let stored = blocking(&self.parts.store, move |store| store::at(store, &source, &places)).await?;
        batch::sightings(&self.parts.maker, &self.parts.source, &stored).await
    }

    /// A finding with what is known of its events. It came as the latest of them did.
    fn found(&self, finding: Finding, known: &BTreeMap<u64, &Sighting>, events: &[StoredEvent]) -> Option<Found> {
        let here = |event: &&StoredEvent| finding.evidence.iter().any(|seq| i64::try_from(*seq).is_ok_and(|seq| seq == event.seq.0));
        let latest = events.iter().rev().find(here).or(events.last())?;
        let (lane, received) = (latest.lane, latest.received);
        let id = |seq: Seq| Some(known.get(&u64::try_from(seq.0).ok()?)?.event.id.clone());
        let WatchParts { source, rulebook, rules, enricher, clock, .. } = &self.parts;
        let handling = rulebook.handling(&finding.policy);
        let evidence = finding.evidence.iter().filter_map(|seq| known.get(seq).copied());
        let changes = change::changes(enricher, source, rules, &finding, evidence, clock.now());
        let mut found = Found::new(finding, lane, received, id, handling);
        found.story.changes = changes;
        Some(found)
    }

    async fn store(
        &self,
        after: Seq,
        through: Seq,
        stage: Stage,
        findings: Vec<Found>,
        profiles: Vec<Profile>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let (source, detector) = (self.parts.source.clone(), self.parts.name.clone());
        let judged = blocking(&self.parts.store, move |store| {
            store.judge(&Judgement {
                source: &source,
                detector: &detector,
                after,
                through,
                stage,
                profiles: &profiles,
                findings: &findings,
                at,
            })
        })
        .await?;
        if !judged.raised.is_empty() {
            let ids: Vec<String> = judged.raised.iter().map(ToString::to_string).collect();
            tracing::warn!(source = %self.parts.source, alerts = ids.join(", "), "raised; see `miro-source alerts list`");
        }
        if !judged.raised.is_empty() || judged.repeated > 0 || !judged.responses.is_empty() {
            self.parts.told.notify_waiters();
        }
        Ok(())
    }
}

/// Cuts events that a detector has not seen to those in a row that are of one stage, and says which: whatever was stored when, what
/// happened before it joined is its first run. One event of its own time makes no alert of the past.
fn stretch(events: &mut Vec<StoredEvent>, joined: Instant) -> Stage {
    let before = |event: &StoredEvent| event.time < joined;
    let past = events.first().is_some_and(before);
    let end = events.iter().position(|event| before(event) != past).unwrap_or(events.len());
    events.truncate(end);
    if past { Stage::FirstRun } else { Stage::Watching }
}

/// When a detector first looked at the log. It only learns from what happened before.
fn join(store: &dyn Store, source: &SourceName, detector: &DetectorName, now: Instant) -> Result<Instant, StoreError> {
    let key = format!("detect/{source}/{detector}/joined");
    let noted = store.notes(&key)?.into_iter().find(|(noted, _)| *noted == key).and_then(|(_, text)| text.parse().ok());
    match noted {
        Some(at) => Ok(Instant(at)),
        None => {
            store.note(&key, &now.0.to_string())?;
            Ok(now)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Lane, store::Known};

    fn at(times: &[u64]) -> Vec<StoredEvent> {
        let event = |(seq, time): (i64, &u64)| StoredEvent {
            seq: Seq(seq),
            lane: Lane::Live,
            time: Instant(*time),
            received: Instant(1000),
            action: "sign_in_succeeded".into(),
            record: "{}".into(),
            known: Known::default(),
        };
        (1..).zip(times).map(event).collect()
    }

    #[test]
    fn what_happened_before_it_joined_is_its_first_run_whatever_was_read_with_it() {
        let cut = |times: &[u64]| {
            let mut events = at(times);
            let stage = stretch(&mut events, Instant(100));
            (stage == Stage::FirstRun, events.len())
        };
        assert_eq!(cut(&[10, 99, 105, 20, 107]), (true, 2), "one of its own time ends it");
        assert_eq!(cut(&[105, 20, 107]), (false, 1));
        assert_eq!(cut(&[20]), (true, 1));
        assert_eq!(cut(&[100, 107]), (false, 2));
        assert_eq!(cut(&[]), (false, 0));
    }
}
