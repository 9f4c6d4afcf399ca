//! What holds of a source.

use std::time::Duration;

use super::{Judged, Stay, words};
use crate::{
    alert::Severity,
    condition::{Concerns, Condition, Key, Kind, Lost, Pair, Quiet, SourceScene, expiry::near},
    model::Instant,
    neutral::brief,
    schedule::{Remedy, State, Status},
};

const MINUTE: Duration = Duration::from_secs(60);
/// So long a source may try to heal by itself before anybody is told.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// A source is silent after so many times its usual gap.
const SILENT: u32 = 3;
/// No gap counts as shorter: a poll now and then brings nothing anywhere.
const GAP: Duration = Duration::from_secs(20 * 60);
/// Event names, or stretches of time, that are named.
const NAMES: usize = 20;
/// The longest cause of a gap, in characters.
const CAUSE: usize = 500;

fn of(source: &SourceScene) -> Concerns {
    Concerns::Sources(vec![source.name.clone()])
}

pub(super) fn source_state(source: &SourceScene, now: Instant, judged: &mut Judged) {
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

pub(super) fn silence(source: &SourceScene, now: Instant, judged: &mut Judged) {
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

pub(super) fn gap(source: &SourceScene, now: Instant) -> Option<Condition> {
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

pub(super) fn lost(source: &SourceScene, judged: &mut Judged) {
    let (name, lost) = (&source.name, &source.lost);
    let found = || lost.iter().map(|each| each.gap.found);
    let (Some(latest), Some(since)) = (found().max(), found().min()) else { return };
    if lost.iter().all(|each| each.read) {
        // What comes of that is not known yet.
        return judged.unsure(Kind::Lost, name.as_str());
    }
    let mut reasons: Vec<String> = lost
        .iter()
        .take(NAMES)
        .map(|Lost { gap, .. }| format!("nothing is stored from {} to {}: {}", gap.start, gap.end, brief(&gap.cause, CAUSE)))
        .collect();
    if lost.len() > NAMES {
        reasons.push(format!("and {} more: see `miro-source status`", lost.len() - NAMES));
    }
    judged.holds.push(Condition {
        kind: Kind::Lost,
        subject: name.to_string(),
        concerns: of(source),
        severity: Severity::High,
        // Each further one is worse, and so is one that grew, whatever was filled meanwhile.
        step: latest.0,
        since,
        title: format!("events of source {name} are missing"),
        reasons,
        advice: format!(
            "`miro-source backfill --gaps --source {name}` reads it again, as far as the vendor still has it; `miro-source verify --source {name}` \
             says what is missing then"
        ),
    });
}

pub(super) fn refresh(source: &SourceScene, pair: Pair, now: Instant) -> Option<Condition> {
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

pub(super) fn names(source: &SourceScene) -> Option<Condition> {
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
