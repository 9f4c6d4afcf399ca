//! Looking: everything that conditions are judged by, read from the store.

use std::{collections::BTreeMap, time::Duration};

use serde::de::DeserializeOwned;

use super::{ChannelScene, Checkup, Lifetime, Lost, Pair, Quiet, Rhythm, Scene, SinkScene, SourceScene, lifetime};
use crate::{
    config::Config,
    model::{ChannelName, Instant, SinkName, SourceName, Stream},
    notify, schedule, sink,
    store::{History, Outbox, Result, Store, StoredGap},
};

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    sources: Vec<Subject>,
    sinks: Vec<Taker>,
    channels: Vec<(ChannelName, Vec<SourceName>)>,
    /// What does not run.
    refused: Vec<String>,
    /// Part of the configuration cannot be read.
    partial: bool,
    /// When events came, as far as it was read.
    rhythms: BTreeMap<SourceName, Rhythm>,
}

#[derive(Clone, Debug)]
struct Subject {
    name: SourceName,
    interval: Duration,
    lifetime: Lifetime,
    /// How long records stay.
    retention: Duration,
}

/// A sink.
#[derive(Clone, Debug)]
struct Taker {
    name: SinkName,
    sources: Vec<SourceName>,
    /// Whether it gets lines about alerts or health.
    alerts: bool,
}

impl Survey {
    /// Of everything that is configured. `refused`: what of it does not run, a sentence each.
    pub fn new(config: &Config, refused: Vec<String>) -> Self {
        let subject = |each: &crate::config::SourceConfig| Subject {
            name: each.name.clone(),
            interval: each.interval,
            lifetime: lifetime(each),
            retention: each.keeping.retention(&config.store),
        };
        let taker = |each: &crate::config::SinkConfig| Taker {
            name: each.name.clone(),
            sources: each.sources.clone(),
            alerts: sink::takes_alerts(each),
        };
        Self {
            sources: config.sources.iter().map(subject).collect(),
            sinks: config.sinks.iter().map(taker).collect(),
            channels: config.channels.iter().map(|each| (each.name.clone(), each.sources.clone())).collect(),
            refused,
            partial: config.is_partial(),
            rhythms: BTreeMap::new(),
        }
    }

    /// Looks. Blocks on the disk.
    pub fn look(&mut self, store: &dyn Store, checkup: &Checkup, now: Instant) -> Result<Scene> {
        let seen = store.actions()?;
        let (gaps, histories) = (store.gaps()?, store.histories()?);
        let mut sources = Vec::with_capacity(self.sources.len());
        for Subject { name, interval, lifetime, retention } in &self.sources {
            let rhythm = self.rhythms.entry(name.clone()).or_default();
            let since = rhythm.last().unwrap_or(Rhythm::horizon(now));
            rhythm.follow(&store.arrivals(name, since)?, now);
            let unmapped = seen.iter().filter(|action| action.source == *name && action.traits.iter().any(|each| each == "unmapped"));
            sources.push(SourceScene {
                name: name.clone(),
                status: noted(store, &schedule::Status::note_key(name))?,
                through: store.checkpoint(name, Stream::Live)?.map(|checkpoint| checkpoint.through),
                interval: *interval,
                keeps: lifetime.log,
                lost: lost(name, &gaps, &histories, now.minus(*retention)),
                pair: pair(store, name, *lifetime)?,
                unmapped: unmapped.map(|action| action.action.clone()).collect(),
                quiet: rhythm.last().map(|last| Quiet { last, usual: rhythm.usual(now) }),
            });
        }
        let mut sinks = Vec::with_capacity(self.sinks.len());
        for Taker { name, sources, alerts } in &self.sinks {
            let mut backlog = Vec::new();
            for source in sources {
                backlog.extend(store.backlog(name, source)?);
            }
            let status = noted(store, &sink::Status::note_key(name))?;
            // What was noted while it got any says nothing once it gets none.
            let (alerts, outbox) = match alerts {
                true => (noted(store, &sink::Status::alerts_key(name))?, store.outbox_size(name)?),
                false => (None, Outbox::default()),
            };
            sinks.push(SinkScene { name: name.clone(), sources: sources.clone(), status, backlog, alerts, outbox });
        }
        let mut channels = Vec::with_capacity(self.channels.len());
        for (name, of) in &self.channels {
            let status = noted(store, &notify::Status::note_key(name))?;
            channels.push(ChannelScene { name: name.clone(), sources: of.clone(), status, waiting: store.channel(name, now)?.waiting });
        }
        // What does not run and is a source is said by its own state.
        let problems: Vec<&str> =
            sources.iter().filter_map(|source| Some(source.status.as_ref()?.problem.as_ref()?.message.as_str())).collect();
        let refused = self.refused.iter().filter(|text| !problems.contains(&text.as_str())).cloned().collect();
        let (findings, certificates) = (checkup.confirmed.clone(), checkup.certificates.clone());
        Ok(Scene { now, sources, sinks, channels, findings, certificates, refused, partial: self.partial })
    }
}

/// The gaps of a source that were found since then, and are not filled.
fn lost(source: &SourceName, gaps: &[StoredGap], histories: &[History], since: Instant) -> Vec<Lost> {
    let read = |gap: &StoredGap| histories.iter().any(|history| history.gap == Some(gap.id) && !history.finished);
    let told = gaps.iter().filter(|gap| gap.source == *source && gap.is_open(since));
    told.map(|gap| Lost { gap: gap.clone(), read: read(gap) }).collect()
}

/// A pair whose refresh token ends on a day that is known.
fn pair(store: &dyn Store, source: &SourceName, lifetime: Lifetime) -> Result<Option<Pair>> {
    let Some(lasts) = lifetime.refresh else { return Ok(None) };
    let grant = store.grant(source)?;
    let alive = grant.filter(|grant| grant.dead.is_none() && grant.credentials.refresh_token.is_some());
    Ok(alive.map(|grant| Pair { obtained: grant.obtained, lasts }))
}

/// A note, where there is one that can be read.
pub(super) fn noted<T: DeserializeOwned>(store: &dyn Store, key: &str) -> Result<Option<T>> {
    let found = store.notes(key)?.into_iter().find(|(found, _)| found == key);
    Ok(found.and_then(|(_, text)| serde_json::from_str(&text).ok()))
}
