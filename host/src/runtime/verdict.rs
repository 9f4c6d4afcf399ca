//! What a verdict must be: findings short enough to show and keep, resting on events that are in the log; profiles small enough to
//! keep for everybody. A component is not trusted to keep its contract.

use audit_pipeline::detector::{Answer, Finding, Sighting};

use super::answer as must;

/// The longest subject, key, policy name, address or identifier of an attack.
const NAME: usize = 512;
/// The longest title.
const TITLE: usize = 300;
/// Reasons, addresses and attacks that a finding may have.
const LISTED: usize = 64;
/// Events that a finding may name.
const EVIDENCE: usize = 1000;
/// The longest baseline.
const BASELINE: usize = 64 << 10;
/// The largest profile: hundreds of times what ours need.
const PROFILE: usize = 1 << 20;
/// Profiles that a sighting may touch, on average.
const PROFILES: usize = 64;

/// Checks an answer, and shortens what is only for people.
pub(super) fn check(answer: &mut Answer, sightings: &[Sighting]) -> Result<(), String> {
    let events = sightings.len();
    match answer {
        Answer::Needs(asked) if asked.is_empty() => Err("it needs profiles and names none".to_owned()),
        Answer::Needs(asked) => subjects(asked, events),
        Answer::Verdict(verdict) => {
            few("profiles", verdict.profiles.len(), events)?;
            few("findings", verdict.findings.len(), events)?;
            for profile in &verdict.profiles {
                must::at_most("a subject", &profile.subject, NAME)?;
                if profile.body.len() > PROFILE {
                    return Err(format!("a profile is {} bytes long, at most {PROFILE} are allowed", profile.body.len()));
                }
            }
            let last = sightings.iter().map(|sighting| sighting.seq).max().unwrap_or_default();
            verdict.findings.iter_mut().try_for_each(|each| finding(each, last))
        }
    }
}

/// Checks whose profiles it asks for.
pub(super) fn subjects(asked: &[String], events: usize) -> Result<(), String> {
    few("profiles asked for", asked.len(), events)?;
    asked.iter().try_for_each(|subject| must::at_most("a subject", subject, NAME))
}

fn few(what: &str, count: usize, events: usize) -> Result<(), String> {
    let most = PROFILES.saturating_mul(events.max(1));
    if count > most { Err(format!("{count} {what} for {events} events, at most {most} are allowed")) } else { Ok(()) }
}

fn finding(finding: &mut Finding, last: u64) -> Result<(), String> {
    let Finding { key, policy, title, reasons, addresses, attacks, evidence, baseline, actor, start, end, .. } = finding;
    for (what, text) in [("the key of a finding", &*key), ("the policy of a finding", policy)] {
        must::at_most(what, text, NAME)?;
        if text.is_empty() {
            return Err(format!("{what} is empty"));
        }
    }
    must::cut(title, TITLE);
    // An address that is longer is none, and an operator who lists more attacks than that loses no finding.
    addresses.retain(|text| text.len() <= NAME);
    attacks.retain(|text| text.len() <= NAME);
    attacks.truncate(LISTED);
    for (what, count, most) in
        [("reasons", reasons.len(), LISTED), ("addresses", addresses.len(), LISTED), ("events", evidence.len(), EVIDENCE)]
    {
        if count > most {
            return Err(format!("a finding with {count} {what}, at most {most} are allowed"));
        }
    }
    reasons.iter_mut().for_each(must::shorten);
    for text in [&mut actor.id, &mut actor.name, &mut actor.email].into_iter().flatten() {
        must::shorten(text);
    }
    if end < start {
        return Err("a finding that ends before it begins".to_owned());
    }
    if evidence.is_empty() || evidence.iter().any(|seq| *seq == 0 || *seq > last) {
        return Err("a finding that rests on no event, or on one that is not in the log yet".to_owned());
    }
    must::json_object("the baseline of a finding", baseline, BASELINE)
}

#[cfg(test)]
mod tests {
    use audit_pipeline::{
        detector::Severity,
        types::{Actor, ActorKind},
    };

    use super::*;

    #[test]
    fn a_finding_with_too_long_a_title_or_too_many_attacks_is_shortened_and_kept() {
        let mut finding = Finding {
            key: "own|user:1".into(),
            policy: "own".into(),
            title: "監".repeat(101),
            reasons: vec!["because".into()],
            severity: Severity::Low,
            actor: Actor { kind: ActorKind::User, id: None, name: None, email: None },
            addresses: vec!["192.0.2.1".into(), "1".repeat(60_000)],
            start: 1,
            end: 1,
            evidence: vec![1],
            attacks: vec!["T1078".into(); 100],
            baseline: "{}".into(),
        };
        assert_eq!(super::finding(&mut finding, 1), Ok(()));
        assert_eq!(finding.title, format!("{}…", "監".repeat(100)));
        assert_eq!((finding.attacks.len(), finding.addresses.as_slice()), (64, ["192.0.2.1".to_owned()].as_slice()));
        finding.evidence.clear();
        assert!(super::finding(&mut finding, 1).is_err(), "what it rests on is not for people alone");
    }
}
