//! Activity from addresses that a feed or the operator lists as anonymous or risky.

pub(super) use activity_policy::tag::{ANONYMOUS, SUSPICIOUS};
use serde_json::json;

use super::{Because, Rule, Scene};
use crate::{
    config::{Sensitivity, Setting},
    detector::{Finding, Severity},
    hash, words,
};

/// The address is listed, and not the operator's own word against it.
pub(super) fn listed(scene: &mut Scene<'_>) -> Option<Finding> {
    let network = scene.sighting.network.as_ref()?;
    let ip = scene.sighting.event.ip.as_deref()?;
    let risky = match network.category.as_deref() {
        None => false,
        Some("risky") => true,
        // A category of the operator's own is stronger than any feed.
        Some(_) => return None,
    };
    let tagged = |among: &[&str]| network.tags.iter().map(String::as_str).find(|tag| among.contains(tag)).map(str::to_owned);
    let (rule, others, tag) = match (tagged(ANONYMOUS), tagged(SUSPICIOUS)) {
        (Some(tag), _) => (Rule::AnonymousIp, Setting::AnonymousOthers, tag),
        (None, Some(tag)) => (Rule::SuspiciousIp, Setting::SuspiciousOthers, tag),
        (None, None) if risky => (Rule::SuspiciousIp, Setting::SuspiciousOthers, "risky, by your own word".to_owned()),
        (None, None) => return None,
    };
    let sensitivity = scene.gate(rule)?;
    let used = scene.others();
    // Their own carrier may have such addresses, and give them one. Not where it gives them the same one every day.
    let own = scene.place.is_some_and(|place| scene.is_usual(place) && !scene.user.networks.is_off(&place));
    // Whose carrier does so has such addresses abroad too: a phone keeps its contract.
    let (name, day) = (hash::narrow(&tag), scene.at.day());
    let had = scene.user.listed.before(name, day, scene.past()) && !scene.place.is_some_and(|place| place.hosted || scene.is_usual(place));
    if own {
        scene.user.listed.see(name, day);
    }
    // A feed may be wrong about an address that is ordinary here; the operator's own word is not a guess.
    let sure = risky || sensitivity == Sensitivity::High;
    if !sure && rule == Rule::SuspiciousIp && (own || had) {
        return None;
    }
    if !sure && used >= scene.set(others) as usize {
        return None;
    }
    // Who shares an address, and whose carrier has bad ones, is not known before the organization is.
    let patient = sensitivity == Sensitivity::Low || (rule == Rule::SuspiciousIp && scene.is_maybe_home());
    if !sure && patient && !scene.is_home_known() {
        return None;
    }
    let failing = &scene.user.failures;
    let after = failing.count > 0
        && scene.at.since(failing.last) <= scene.gap()
        && scene.user.failed_from.within(hash::narrow(ip), scene.at.day(), 1);
    let mut reasons = vec![format!("active from {ip}, which is listed as {tag}")];
    reasons.push(match used {
        0 => format!("nobody else used this address in {} days", scene.past()),
        used => format!("{} used this address in {} days", words::counted(used as u64, "other user", "other users"), scene.past()),
    });
    if after {
        let count = words::counted(failing.count.into(), "failed sign-in", "failed sign-ins");
        reasons.push(format!("it follows {count}, some from this address"));
    }
    let severity = (after && rule == Rule::SuspiciousIp).then_some(Severity::High);
    let baseline = json!({"other_users_of_the_address": used, "days": scene.past(), "listed_as": network.tags});
    Some(scene.finding(rule, Because { key: ip.to_owned(), reasons, severity, baseline: object(baseline), ..Because::default() }))
}

/// The members of an object.
pub(super) fn object(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match value {
        serde_json::Value::Object(members) => members,
        _ => serde_json::Map::new(),
    }
}
