//! What holds: decided on values, with the time among them.

mod reach;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use self::{
    reach::{channel_state, sink_state, undelivered},
    source::{gap, lost, names, refresh, silence, source_state},
};
use super::{ChannelScene, Concerns, Condition, Expiry, Key, Kind, Scene, SinkScene, SourceScene, expiry::near};
use crate::{alert::Severity, model::Instant};

/// What a condition of the host is about.
const HOST: &str = "host";

/// What holds, and what cannot be told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// What holds.
    pub holds: Vec<Condition>,
    /// What neither holds nor is over: one that is known stays, and none begins.
    pub stays: BTreeMap<Key, Stay>,
    /// Where part of the configuration cannot be read: what can be told all the same. Everything else that is known stays.
    pub only: Option<BTreeSet<Key>>,
}

/// How a condition stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// Nothing can be told of it now.
    Unsure,
    /// It lasts where it is the one since then.
    Since(Instant),
}

impl Judged {
    /// How one that is known and does not hold stays as it is; not at all where it is over.
    pub fn stay(&self, key: &Key) -> Option<Stay> {
        let hidden = self.only.as_ref().is_some_and(|only| !only.contains(key));
        if hidden { Some(Stay::Unsure) } else { self.stays.get(key).copied() }
    }

    fn unsure(&mut self, kind: Kind, subject: &str) {
        self.stays.insert(Key::new(kind, subject), Stay::Unsure);
    }
}

/// Judges everything.
pub fn judge(scene: &Scene) -> Judged {
    let mut judged = Judged::default();
    for source in &scene.sources {
        source_state(source, scene.now, &mut judged);
        silence(source, scene.now, &mut judged);
        judged.holds.extend(gap(source, scene.now));
        lost(source, &mut judged);
        judged.holds.extend(source.pair.and_then(|pair| refresh(source, pair, scene.now)));
        judged.holds.extend(names(source));
    }
    for sink in &scene.sinks {
        sink_state(sink, &mut judged);
        for source in &sink.sources {
            undelivered(sink, source, scene.now, &mut judged);
        }
    }
    for channel in &scene.channels {
        channel_state(channel, scene.now, &mut judged);
    }
    judged.holds.extend(scene.certificates.iter().filter_map(|each| certificate(each, scene.now)));
    judged.holds.extend(findings(scene));
    judged.holds.extend(refused(scene));
    judged.only = scene.partial.then(|| subjects(scene));
    judged
}

/// What can be told of the parts of the configuration that are known.
fn subjects(scene: &Scene) -> BTreeSet<Key> {
    let mut keys = BTreeSet::from([Key::new(Kind::Refused, HOST)]);
    for SourceScene { name, .. } in &scene.sources {
        keys.extend(
            [Kind::Source, Kind::Silent, Kind::Gap, Kind::Lost, Kind::Refresh, Kind::Names].map(|kind| Key::new(kind, name.as_str())),
        );
        keys.insert(Key::new(Kind::Check, &format!("source {name}")));
    }
    for SinkScene { name, sources, .. } in &scene.sinks {
        keys.extend([Key::new(Kind::Sink, name.as_str()), Key::new(Kind::Check, &format!("sink {name}"))]);
        keys.extend(sources.iter().map(|source| Key::new(Kind::Undelivered, &format!("{name}/{source}"))));
    }
    for ChannelScene { name, .. } in &scene.channels {
        keys.extend([Key::new(Kind::Channel, name.as_str()), Key::new(Kind::Check, &format!("channel {name}"))]);
    }
    keys.extend(scene.certificates.iter().map(|expiry| Key::new(Kind::Certificate, &expiry.subject)));
    keys
}

fn certificate(expiry: &Expiry, now: Instant) -> Option<Condition> {
    let near = near(expiry.ends, now)?;
    Some(Condition {
        kind: Kind::Certificate,
        subject: expiry.subject.clone(),
        concerns: expiry.concerns.clone(),
        severity: near.severity,
        step: near.step,
        since: expiry.ends.minus(Duration::from_secs(14 * 86_400)),
        title: format!("the certificate of {} {}", expiry.subject, near.words),
        reasons: vec![format!("it ends on {}", expiry.ends)],
        advice: expiry.advice.clone(),
    })
}

fn findings(scene: &Scene) -> Vec<Condition> {
    let mut all: BTreeMap<&str, Condition> = BTreeMap::new();
    for finding in &scene.findings {
        let found = all.entry(&finding.subject).or_insert_with(|| Condition {
            kind: Kind::Check,
            subject: finding.subject.clone(),
            concerns: finding.concerns.clone(),
            severity: Severity::Medium,
            step: 0,
            since: finding.since,
            title: format!("the daily check fails: {}", finding.subject),
            reasons: Vec::new(),
            advice: String::new(),
        });
        found.step += 1;
        found.reasons.push(finding.text.clone());
        found.advice = match (&finding.advice, found.advice.is_empty()) {
            (Some(advice), true) => advice.clone(),
            (Some(advice), false) => format!("{}; {advice}", found.advice),
            (None, _) => std::mem::take(&mut found.advice),
        };
    }
    all.into_values()
        .map(|mut found| {
            if found.advice.is_empty() {
                "see `miro-source check`".clone_into(&mut found.advice);
            }
            found
        })
        .collect()
}

fn refused(scene: &Scene) -> Option<Condition> {
    if scene.refused.is_empty() {
        return None;
    }
    Some(Condition {
        kind: Kind::Refused,
        subject: HOST.to_owned(),
        concerns: Concerns::Host,
        severity: Severity::High,
        step: u64::try_from(scene.refused.len()).unwrap_or(u64::MAX),
        since: Instant::EPOCH,
        title: "something that is configured does not run".to_owned(),
        reasons: scene.refused.clone(),
        advice: "mend what the lines above say, and start the host again; everything else runs meanwhile".to_owned(),
    })
}

/// A length of time for people.
fn words(time: Duration) -> String {
    match time.as_secs() {
        s @ 0..7200 => format!("{} minutes", s / 60),
        s @ 7200..172_800 => format!("{} hours", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}
