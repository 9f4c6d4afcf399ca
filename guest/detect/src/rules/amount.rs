//! More of something in one session than the user does.

use serde_json::json;

use super::{Because, Rule, Scene, administration, network::object};
use crate::{
    config::{Sensitivity, Setting},
    detector::Finding,
    hash,
    memory::user::Amount,
    moment::HOUR,
    subject,
    types::Outcome,
    words,
};

/// Who has so many sessions of it in five weeks does it regularly.
const REGULAR: u32 = 2;

/// The traits of which an activity of a rule has one; none where the rule is of something else.
pub(super) fn traits(rule: Rule) -> Option<&'static [&'static str]> {
    Amount::ALL.into_iter().map(about).find(|(of, ..)| *of == rule).map(|(.., traits, _)| traits)
}

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
        if !traits.iter().any(|each| scene.has(each)) {
            continue;
        }
        if person || amount == Amount::Impersonation {
            found.extend(much(scene, amount));
        }
        if amount == Amount::Administration {
            found.extend(administration::unusual(scene));
        }
    }
    found
}

fn much(scene: &mut Scene<'_>, amount: Amount) -> Option<Finding> {
    let (rule, floor, factor, _, what) = about(amount);
    let (at, seq, gap, known) = (scene.at, scene.sighting.seq, scene.gap(), scene.is_known());
    let (mut floor, mut factor) = (scene.set(floor), scene.set(factor));
    let sensitivity = scene.gate(rule);
    // From elsewhere the user's habit may be another's.
    if scene.is_elsewhere() {
        (floor, factor) = (floor.saturating_mul(scene.set(Setting::Elsewhere)).div_ceil(100), 1);
    }
    let action = hash::narrow(&scene.sighting.event.action);
    let ended = scene.user.amount(amount).end(at, gap);
    let seldom = if amount == Amount::Administration {
        if let Some((week, count)) = ended {
            scene.organization.administration.add(week, count);
            scene.user.actions.end();
        }
        false
    } else {
        scene.organization.count(amount as u8, action);
        scene.organization.is_seldom(amount as u8, action)
    };
    // Old boards are exported, then deleted: who tidies up does both.
    let tidying = if amount == Amount::Download { scene.user.amount(Amount::Delete).habit.most(factor) } else { 0 };
    let session = scene.user.amount(amount);
    let counted = session.add(at, seq, gap);
    session.rare = session.rare.saturating_add(u32::from(seldom && counted));
    // The floor is of an hour: who goes on for longer may do more.
    let pace = floor.saturating_mul((session.last.since(session.start) / HOUR).max(1)).saturating_sub(1);
    // Administrators have waves of work; what others of them have too is no news of one who administrates regularly.
    let wave = match amount {
        Amount::Administration if sensitivity != Some(Sensitivity::High) => {
            if scene.organization.is_bulk(action) {
                u32::MAX
            } else if session.habit.sessions() >= REGULAR {
                scene.organization.administration.p99().saturating_mul(2)
            } else {
                0
            }
        }
        _ => 0,
    };
    let most = pace.max(session.habit.most(factor)).max(tidying).max(wave);
    if sensitivity.is_none() || !known || !counted || !session.news(most) {
        return None;
    }
    let (count, rare, p99, sessions) = (session.count, session.rare, session.habit.p99(), session.habit.sessions());
    let mut reasons = vec![format!("{} {what} within {}", words::number(count.into()), words::length(session.last.since(session.start)))];
    if rare.saturating_mul(2) > count {
        reasons.push(format!("{} of them in a way that is rare in the organization", words::number(rare.into())));
    }
    reasons.push(match p99 {
        0 => format!("this user had no sessions with {what} in five weeks"),
        p99 => format!("99 of 100 of this user's {sessions} sessions with {what} have at most {p99}"),
    });
    let (start, evidence) = (Some(session.start), session.evidence.clone());
    let baseline = json!({"observed": count, "rare": rare, "p99_of_a_session": p99, "threshold": most, "sessions": sessions});
    Some(scene.finding(rule, Because { key: "amount".into(), reasons, start, evidence, baseline: object(baseline), ..Because::default() }))
}
