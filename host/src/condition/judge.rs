//! What holds: decided on values, with the time among them.

use std::{collections::BTreeMap, time::Duration};

use super::{ChannelScene, Concerns, Condition, Expiry, Key, Kind, Pair, Quiet, Scene, SinkScene, SourceScene, expiry::near};
use crate::{
    alert::Severity,
    model::{Instant, Lane},
    notify,
    schedule::{Remedy, State, Status},
    sink,
};

const MINUTE: Duration = Duration::from_secs(60);
/// So long a source may try to heal by itself before anybody is told.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// So long events may wait for a sink.
const WAITING: Duration = Duration::from_secs(15 * 60);
/// So long a channel may fail.
const CHANNEL: Duration = Duration::from_secs(5 * 60);
/// A source is silent after so many times its usual gap.
const SILENT: u32 = 3;
/// No gap counts as shorter: a poll now and then brings nothing anywhere.
const GAP: Duration = Duration::from_secs(20 * 60);
/// Event names that are named.
const NAMES: usize = 20;

/// What holds, and what cannot be told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// What holds.
    pub holds: Vec<Condition>,
    /// What neither holds nor is over: one that is known stays, and none begins.
    pub stays: BTreeMap<Key, Stay>,
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
        judged.holds.extend(source.pair.and_then(|pair| refresh(source, pair, scene.now)));
        judged.holds.extend(names(source));
    }
    for sink in &scene.sinks {
        sink_state(sink, &mut judged);
        judged.holds.extend(undelivered(sink, scene.now));
    }
    for channel in &scene.channels {
        channel_state(channel, scene.now, &mut judged);
    }
    judged.holds.extend(scene.certificates.iter().filter_map(|each| certificate(each, scene.now)));
    judged.holds.extend(findings(scene));
    judged.holds.extend(refused(scene));
    judged
}

fn of(source: &SourceScene) -> Concerns {
    Concerns::Sources(vec![source.name.clone()])
}

fn source_state(source: &SourceScene, now: Instant, judged: &mut Judged) {
    let name = source.name.as_str();
    let Some(status) = &source.status else { return judged.unsure(Kind::Source, name) };
    let Some(problem) = &status.problem else {
        // On its way, or stopped: nobody knows yet whether the vendor answers.
        if status.state != State::Collecting {
            judged.unsure(Kind::Source, name);
        }
        return;
    };
    let person = problem.remedy != Remedy::Wait;
    if !person && now.since(problem.since) < PATIENCE.max(source.interval * 2) {
        return judged.unsure(Kind::Source, name);
    }
    let (what, severity, advice) = match problem.remedy {
        Remedy::Authorize => (
            "needs a person to authorize it again",
            Severity::High,
            format!("run `miro-source auth {name}`, or mend what the line above says; `miro-source check --source {name}` tries it"),
        ),
        Remedy::Configure => (
            "needs a person to mend its configuration",
            Severity::High,
            format!("mend what the line above says; `miro-source check --source {name}` tries it"),
        ),
        Remedy::Wait => (
            "has not been collecting for some time",
            Severity::Medium,
            format!("it is tried again for ever; `miro-source check --source {name}` says which step fails"),
        ),
    };
    judged.holds.push(Condition {
        kind: Kind::Source,
        subject: name.to_owned(),
        concerns: of(source),
        severity,
        step: u64::from(person),
        since: problem.since,
        title: format!("source {name} {what}"),
        reasons: vec![problem.message.clone()],
        advice,
    });
}

/// Whether a source collects, so that its silence means something.
fn collects(source: &SourceScene, status: &Status, now: Instant) -> bool {
    let fresh = source.through.is_some_and(|through| now.since(through) < source.interval * 3 + MINUTE * 10);
    status.state == State::Collecting && status.problem.is_none() && fresh
}

fn silence(source: &SourceScene, now: Instant, judged: &mut Judged) {
    let name = source.name.as_str();
    let (Some(status), Some(Quiet { last, usual })) = (&source.status, source.quiet) else { return judged.unsure(Kind::Silent, name) };
    let long = usual.map(|usual| usual.max(GAP)).filter(|usual| now.since(last) > *usual * SILENT);
    let Some(usual) = long.filter(|_| collects(source, status, now)) else {
        // Once it is silent, only an event ends that: in the evening the same silence would be usual.
        judged.stays.insert(Key::new(Kind::Silent, name), Stay::Since(last));
        return;
    };
    judged.holds.push(Condition {
        kind: Kind::Silent,
        subject: name.to_owned(),
        concerns: of(source),
        severity: Severity::Medium,
        step: 0,
        since: last,
        title: format!("source {name} is silent"),
        reasons: vec![
            format!("it is polled, the vendor answers, and no event has come since {last}"),
            format!("at this time of the week gaps of up to {} are usual; this one is over {SILENT} times as long", words(usual)),
        ],
        advice: "see at the vendor whether the log still has new entries; an organization that is on holiday has none".to_owned(),
    });
    // Its words are those of its beginning.
    judged.stays.insert(Key::new(Kind::Silent, name), Stay::Since(last));
}

fn gap(source: &SourceScene, now: Instant) -> Option<Condition> {
    let (through, keeps) = (source.through?, source.keeps?);
    let age = now.since(through);
    let (step, severity, share) = match () {
        () if age >= keeps * 4 / 5 => (2, Severity::High, 80),
        () if age >= keeps / 2 => (1, Severity::Medium, 50),
        () => return None,
    };
    let name = &source.name;
    Some(Condition {
        kind: Kind::Gap,
        subject: name.to_string(),
        concerns: of(source),
        severity,
        step,
        since: through,
        title: format!("what source {name} has not read is {share} % as old as the vendor keeps it"),
        reasons: vec![format!(
            "everything up to {through} is read; the vendor keeps {}, so what came next is gone from {} on",
            words(keeps),
            through.plus(keeps)
        )],
        advice: format!(
            "mend the source (`miro-source status`): it goes on where it stood; `keeps` of [[source]] says how long the vendor keeps its log, {} here",
            words(keeps)
        ),
    })
}

fn refresh(source: &SourceScene, pair: Pair, now: Instant) -> Option<Condition> {
    let ends = pair.obtained.plus(pair.lasts);
    let near = near(ends, now)?;
    let name = &source.name;
    Some(Condition {
        kind: Kind::Refresh,
        subject: name.to_string(),
        concerns: of(source),
        severity: near.severity,
        step: near.step,
        since: pair.obtained,
        title: format!("the refresh token of source {name} {}", near.words),
        reasons: vec![format!(
            "the pair was obtained on {} and has not been renewed since; a refresh token lasts {}, until {ends}",
            pair.obtained,
            words(pair.lasts)
        )],
        advice: format!(
            "see that the host runs and why it does not refresh (`miro-source status`); after that day only `miro-source auth {name}` helps"
        ),
    })
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

fn names(source: &SourceScene) -> Option<Condition> {
    if source.unmapped.is_empty() {
        return None;
    }
    let (name, count) = (&source.name, source.unmapped.len());
    let mut reasons: Vec<String> = source.unmapped.iter().take(NAMES).cloned().collect();
    if count > NAMES {
        reasons.push(format!("and {} more", count - NAMES));
    }
    Some(Condition {
        kind: Kind::Names,
        subject: name.to_string(),
        concerns: of(source),
        severity: Severity::Medium,
        step: u64::try_from(count).unwrap_or(u64::MAX),
        since: Instant::EPOCH,
        title: format!("source {name} has {count} event name{} that nothing is known of", if count == 1 { "" } else { "s" }),
        reasons,
        advice: "they are stored and delivered, and no rule knows what they mean: see `miro-source events --unmapped`, and say so with `traits` in the source's `config`; over once such an event was read with a meaning"
            .to_owned(),
    })
}

fn sink_state(sink: &SinkScene, judged: &mut Judged) {
    let name = sink.name.as_str();
    let waits = sink.backlog.iter().any(|backlog| backlog.events > 0);
    let trouble = match sink.status.as_ref().map(|status| (&status.state, status.attempts)) {
        None => return judged.unsure(Kind::Sink, name),
        Some((sink::State::Paused(trouble) | sink::State::Down(trouble), _)) => trouble,
        // Nothing was tried since the start.
        Some((sink::State::Idle, 0)) if waits => return judged.unsure(Kind::Sink, name),
        // It may well pause again.
        Some((sink::State::Retrying(_), _)) => return judged.unsure(Kind::Sink, name),
        Some(_) => return,
    };
    judged.holds.push(Condition {
        kind: Kind::Sink,
        subject: name.to_owned(),
        concerns: Concerns::Sources(sink.sources.clone()),
        severity: Severity::High,
        step: 0,
        since: trouble.since,
        title: format!("sink {name} needs a person"),
        reasons: vec![trouble.reason.clone()],
        advice: "mend what the line above says; events wait in the store meanwhile, and it is tried again by itself".to_owned(),
    });
}

fn undelivered(sink: &SinkScene, now: Instant) -> Vec<Condition> {
    let each = sink.sources.iter().filter_map(|source| {
        let waiting = sink.backlog.iter().filter(|backlog| backlog.source == *source && backlog.lane != Lane::History);
        let oldest = waiting.filter_map(|backlog| backlog.oldest).min().filter(|oldest| now.since(*oldest) > WAITING)?;
        let (name, why) = (&sink.name, sink.status.as_ref().and_then(|status| status.state.trouble()));
        let mut reasons = vec![format!("the oldest was stored on {oldest}")];
        reasons.extend(why.map(|trouble| trouble.reason.clone()));
        Some(Condition {
            kind: Kind::Undelivered,
            subject: format!("{name}/{source}"),
            concerns: Concerns::Sources(vec![source.clone()]),
            severity: Severity::High,
            step: 0,
            since: oldest,
            title: format!("events of source {source} have been waiting for sink {name} for over 15 minutes"),
            reasons,
            advice: format!(
                "see `miro-source status` and `miro-source check`: nothing is lost while they wait, and sink {name} is tried again for ever"
            ),
        })
    });
    each.collect()
}

fn channel_state(channel: &ChannelScene, now: Instant, judged: &mut Judged) {
    let name = channel.name.as_str();
    let Some(status) = &channel.status else { return judged.unsure(Kind::Channel, name) };
    let Some((since, reason)) = status.trouble() else {
        if channel.waiting > 0 {
            // It is being tried.
            judged.unsure(Kind::Channel, name);
        }
        return;
    };
    let person = matches!(status.state, notify::State::Paused { .. });
    if !person && now.since(since) < CHANNEL {
        return judged.unsure(Kind::Channel, name);
    }
    judged.holds.push(Condition {
        kind: Kind::Channel,
        subject: name.to_owned(),
        concerns: Concerns::Sources(channel.sources.clone()),
        severity: Severity::High,
        step: u64::from(person),
        since,
        title: format!("channel {name} tells nobody"),
        reasons: vec![reason.to_owned(), "what waits there is told by other channels".to_owned()],
        advice: format!("mend what the line above says; `miro-source notify test {name}` tries it"),
    });
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
        subject: "host".to_owned(),
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
