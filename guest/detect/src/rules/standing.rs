//! Accounts that should not be active: terminated, disabled, or long unused.

use serde_json::json;

use super::{Because, Rule, Scene, network::object};
use crate::{
    config::Setting,
    detector::{DepartureKind, Finding},
    moment::{DAY, Moment},
    subject,
    types::Outcome,
    words,
};

/// Active although the directory says the account is gone.
pub(super) fn departed(scene: &Scene<'_>) -> Option<Finding> {
    let departed = scene.sighting.standing.departed?;
    let (rule, grace, what) = match departed.kind {
        DepartureKind::Deleted => (Rule::TerminatedUser, Setting::TerminatedGrace, "deleted"),
        DepartureKind::Disabled => (Rule::DisabledUser, Setting::DisabledGrace, "disabled"),
    };
    scene.gate(rule)?;
    let since = scene.at.since(Moment::of(departed.at));
    if scene.sighting.event.outcome == Outcome::Failure || since <= scene.set(grace) * 60 {
        return None;
    }
    let reasons = vec![format!("the account was {what} in the directory {} before this activity", words::length(since))];
    let baseline = json!({"departed": departed.at, "seconds_since": since, "grace_minutes": scene.set(grace)});
    Some(scene.finding(rule, Because { key: departed.at.to_string(), reasons, baseline: object(baseline), ..Because::default() }))
}

/// Active after a long time without any activity.
pub(super) fn inactive(scene: &Scene<'_>) -> Option<Finding> {
    scene.gate(Rule::InactiveAccount)?;
    let event = &scene.sighting.event;
    let silent = scene.at.since(scene.user.last);
    if scene.user.events == 0
        || event.outcome == Outcome::Failure
        || !subject::is_person(event)
        || silent < scene.set(Setting::InactiveDays) * DAY
    {
        return None;
    }
    let reasons = vec![format!("active for the first time in {}", words::length(silent))];
    let baseline = json!({"last_active": scene.user.last.instant(), "days_silent": silent / DAY});
    let key = scene.user.last.0.to_string();
    Some(scene.finding(Rule::InactiveAccount, Because { key, reasons, baseline: object(baseline), ..Because::default() }))
}
