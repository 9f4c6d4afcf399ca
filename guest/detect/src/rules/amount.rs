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

const HALF_HOUR: u32 = 1800;
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
    let sensitivity = scene.gate(rule);
    let session = scene.user.amount(amount);
    if let (Some((week, count)), Amount::Administration) = (session.end(at, gap), amount) {
        scene.organization.administration.add(week, count);
    }
    let counted = session.add(at, seq, gap);
    // The floor is of half an hour: who goes on for longer may do more.
    let pace = floor.saturating_mul(session.last.since(session.start).div_ceil(HALF_HOUR).max(1));
    // Administrators have waves of work; what others of them have too is no news of one who administrates regularly.
    let wave = match amount {
        Amount::Administration if sensitivity != Some(Sensitivity::High) && session.habit.sessions() >= REGULAR => {
            scene.organization.administration.p99().saturating_mul(2)
        }
        _ => 0,
    };
    let most = pace.max(session.habit.most(factor)).max(wave);
    if sensitivity.is_none() || !known || !counted || !session.news(most) {
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
    let everybodys = scene.organization.is_everybodys(what);
    scene.organization.administrate(what, scene.number(), day);
    let sensitivity = scene.gate(Rule::UnusualAdministration)?;
    if !scene.is_known() {
        return None;
    }
    // Somebody who administrates meets new actions now and then: that alone is news only to the most sensitive.
    let elsewhere = scene.place.is_some_and(|place| {
        !scene.user.countries.before(place.country, scene.at) || (place.asn != 0 && !scene.user.networks.before(place.asn, day, past))
    });
    let hidden = scene.place.is_some_and(|place| place.hosted && !scene.is_rootless(place)) && elsewhere;
    let news = match sensitivity {
        Sensitivity::High => new || elsewhere,
        // Whoever leads a team adds members to it.
        Sensitivity::Medium | Sensitivity::Low if scene.has("membership") => hidden,
        Sensitivity::Medium | Sensitivity::Low => hidden || (new && !everybodys && (others == 0 || elsewhere)),
    };
    if !news {
        return None;
    }
    let mut reasons = vec![match others {
        _ if !new => format!("{action}, which this user does"),
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
