//! More failed sign-ins than the user has, and whether one succeeded then.

use serde_json::json;

use super::{Because, Rule, Scene, network::object};
use crate::{
    config::Setting,
    detector::{Finding, Severity},
    hash,
    memory::user::FAILURES,
    moment::HOUR,
    types::Outcome,
    words,
};

/// What it looks at.
pub(super) const SIGN_IN: &str = "sign-in";
/// More than so many within some minutes can be told from as many in a longer time.
const KEPT: u32 = FAILURES - 1;

/// Failed sign-ins past what is usual for the user, told once while failing goes on; and graver, a success after them.
pub(super) fn failed(scene: &mut Scene<'_>) -> Option<Finding> {
    if !scene.has(SIGN_IN) {
        return None;
    }
    match scene.sighting.event.outcome {
        Outcome::Failure => fails(scene),
        Outcome::Success => succeeds(scene),
        Outcome::Unknown => None,
    }
}

fn fails(scene: &mut Scene<'_>) -> Option<Finding> {
    let (at, gap, known) = (scene.at, scene.gap(), scene.is_known());
    let (floor, minutes, factor) = (scene.set(Setting::FailedFloor), scene.set(Setting::FailedMinutes), scene.set(Setting::FailedFactor));
    let _ = scene.user.failures.end(at, gap);
    let usual = factor.saturating_mul(scene.user.failures.habit.p99());
    let counted = scene.user.failures.add(at, scene.sighting.seq, gap);
    let recent = scene.user.fail(at, minutes * 60);
    if let Some(ip) = &scene.sighting.event.ip {
        scene.user.failed_from.see(hash::narrow(ip), at.day());
    }
    scene.gate(Rule::FailedLogins)?;
    // The floor is of an hour: a forgotten device goes on all night, and slowly.
    let failures = &scene.user.failures;
    let pace = floor.saturating_mul((failures.last.since(failures.start) / HOUR).max(1));
    let most = if known { pace.max(usual) } else { floor };
    // Of somebody who is known the session counts; of a stranger only what happens within minutes, as far as the time of
    // each is kept.
    let slow = !known && recent <= floor.min(KEPT);
    if !counted || slow || !scene.user.failures.news(most) {
        return None;
    }
    let failures = &scene.user.failures;
    let time = words::length(failures.last.since(failures.start));
    let mut reasons = vec![format!("{} within {time}", words::counted(failures.count.into(), "failed sign-in", "failed sign-ins"))];
    reasons.push(match failures.habit.p99() {
        0 if known => "none are usual for this user".to_owned(),
        0 => format!("this user is not known yet; more than {floor} within {minutes} minutes is unusual for anybody"),
        p99 => format!("99 of 100 of this user's sessions have at most {p99}"),
    });
    let from = scene.user.failed_from.count(at.day(), 1);
    if from > 1 {
        reasons.push(format!("from {from} addresses"));
    }
    let failures = &scene.user.failures;
    let baseline = json!({"observed": failures.count, "p99_of_a_session": failures.habit.p99(), "threshold": most, "sessions": failures.habit.sessions()});
    let (start, evidence) = (Some(failures.start), failures.evidence.clone());
    Some(scene.finding(Rule::FailedLogins, Because { reasons, start, evidence, baseline: object(baseline), ..Because::default() }))
}

fn succeeds(scene: &mut Scene<'_>) -> Option<Finding> {
    let (at, gap) = (scene.at, scene.gap());
    let _ = scene.user.failures.end(at, gap);
    let failures = &scene.user.failures;
    if failures.told == 0 || at < failures.start {
        return None;
    }
    let count = words::counted(failures.count.into(), "failed sign-in", "failed sign-ins");
    let from = scene.sighting.event.ip.as_deref().unwrap_or("an unknown address");
    let reasons = vec![
        format!("a sign-in succeeded from {from}, {} after {count}", words::length(at.since(failures.last))),
        format!("{count} within {}", words::length(failures.last.since(failures.start))),
    ];
    let baseline = json!({"observed": failures.count, "p99_of_a_session": failures.habit.p99(), "sessions": failures.habit.sessions()});
    let (start, evidence) = (Some(failures.start), failures.evidence.clone());
    scene.user.failures.close();
    scene.gate(Rule::FailedLogins)?;
    let because = Because { reasons, severity: Some(Severity::High), start, evidence, baseline: object(baseline), ..Because::default() };
    Some(scene.finding(Rule::FailedLogins, because))
}
