//! More of something in one session than the user does, or administration that is new for them.

use serde_json::json;

use super::{Because, Rule, Scene, network::object};
use crate::{
    config::{Sensitivity, Setting},
    detector::Finding,
    hash,
    memory::user::Amount,
    subject,
    types::Outcome,
    words,
};

/// The rule of a kind of activity, its floor and factor, and what the activities are called.
fn about(amount: Amount) -> (Rule, Setting, Setting, &'static [&'static str], &'static str) {
    match amount {
        Amount::Administration => (
            Rule::UnusualAdministration,
            Setting::AdministrationFloor,
            Setting::AdministrationFactor,
            &["administrative"],
            "administrative activities",
        ),
        Amount::Impersonation => (
            Rule::UnusualImpersonation,
            Setting::ImpersonationFloor,
            Setting::ImpersonationFactor,
            &["impersonated"],
            "activities in the name of others",
        ),
        Amount::Download => {
            (Rule::MassDownload, Setting::DownloadFloor, Setting::DownloadFactor, &["downloaded", "exported"], "downloads and exports")
        }
        Amount::Share => (Rule::MassShare, Setting::ShareFloor, Setting::ShareFactor, &["shared"], "shares"),
        Amount::Delete => (Rule::MassDelete, Setting::DeleteFloor, Setting::DeleteFactor, &["deleted"], "deletions"),
    }
}

/// Of every kind of activity that the sighting is.
pub(super) fn all(scene: &mut Scene<'_>) -> Vec<Finding> {
    let event = &scene.sighting.event;
    // Provisioners and automations work in bulk by nature; impersonation is theirs to do.
    if event.outcome == Outcome::Failure {
        return Vec::new();
    }
    let person = subject::is_person(event);
    let mut found = Vec::new();
    for amount in Amount::ALL {
        let (.., traits, _) = about(amount);
        if traits.iter().any(|each| scene.has(each)) && (person || amount == Amount::Impersonation) {
            if amount == Amount::Administration {
                found.extend(novel(scene));
            }
            found.extend(much(scene, amount));
        }
    }
    found
}

fn much(scene: &mut Scene<'_>, amount: Amount) -> Option<Finding> {
    let (rule, floor, factor, _, what) = about(amount);
    let (at, seq, gap, known) = (scene.at, scene.sighting.seq, scene.gap(), scene.is_known());
    let (floor, factor) = (scene.set(floor), scene.set(factor));
    let opens = scene.gate(rule).is_some();
    let session = scene.user.amount(amount);
    let counted = session.add(at, seq, gap);
    let most = floor.max(factor.saturating_mul(session.habit.p99()));
    if !opens || !known || !counted || !session.news(most) {
        return None;
    }
    let (count, p99, sessions) = (session.count, session.habit.p99(), session.habit.sessions());
    let mut reasons = vec![format!("{} {what} within {}", words::number(count.into()), words::length(session.last.since(session.start)))];
    reasons.push(match p99 {
        0 => format!("this user had no sessions with {what} in five weeks"),
        p99 => format!("99 of 100 of this user's {sessions} sessions with {what} have at most {p99}"),
    });
    let (start, evidence) = (Some(session.start), session.evidence.clone());
    let baseline = json!({"observed": count, "p99_of_a_session": p99, "threshold": most, "sessions": sessions});
    Some(scene.finding(rule, Because { key: "amount".into(), reasons, start, evidence, baseline: object(baseline), ..Because::default() }))
}

/// An administrative action that is not among the user's of the past month.
fn novel(scene: &mut Scene<'_>) -> Option<Finding> {
    let action = &scene.sighting.event.action;
    let (what, day, past) = (hash::narrow(action), scene.at.day(), scene.past());
    let new = !scene.user.actions.within(what, day, past);
    let others = scene.user.actions.count(day, past);
    scene.user.actions.see(what, day);
    let sensitivity = scene.gate(Rule::UnusualAdministration)?;
    if !new || !scene.is_known() {
        return None;
    }
    // Somebody who administrates meets new actions now and then: that alone is news only to the most sensitive.
    let elsewhere = scene.place.is_some_and(|place| {
        !scene.user.countries.within(place.country, scene.at, past) || (place.asn != 0 && !scene.user.networks.within(place.asn, day, past))
    });
    if others > 0 && !elsewhere && sensitivity != Sensitivity::High {
        return None;
    }
    let mut reasons = vec![match others {
        0 => format!("this user's first administrative activity in {past} days: {action}"),
        others => format!(
            "{action} is new for this user, who did {} in {past} days",
            words::counted(others as u64, "other administrative action", "other administrative actions")
        ),
    }];
    if elsewhere {
        reasons.push("from a network or country that is new for them too".to_owned());
    }
    let baseline = json!({"other_actions": others, "days": past});
    Some(
        scene
            .finding(Rule::UnusualAdministration, Because { key: "new".into(), reasons, baseline: object(baseline), ..Because::default() }),
    )
}
