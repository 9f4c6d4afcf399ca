//! What it finds, whatever the batches.

use crate::{
    detector::{Answer, Finding, Lane, Profile, Sighting, Standing},
    night::{describe, detect, rules},
    types::{Actor, ActorKind, Event, Failure, Outcome},
};

const HOUR: u64 = 3_600_000;

/// Somebody does something at this hour of the first days of 1970.
fn sighting(seq: u64, hour: u64, who: &str, word: &str) -> Sighting {
    let event = Event {
        id: seq.to_string(),
        time: hour * HOUR,
        action: "user_role_changed".to_owned(),
        category: None,
        traits: vec![word.to_owned()],
        outcome: Outcome::Success,
        actor: Actor { kind: ActorKind::User, id: Some(who.to_owned()), name: None, email: None },
        object: None,
        team: None,
        organization: None,
        ip: Some("192.0.2.1".to_owned()),
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: String::new(),
    };
    let standing = Standing { groups: Vec::new(), departed: None };
    Sighting { seq, received: event.time, lane: Lane::Live, event, network: None, standing }
}

/// As a host drives it, in batches of so many.
fn found(sightings: &[Sighting], batch: usize) -> Vec<Finding> {
    let (mut findings, mut held): (Vec<Finding>, Vec<Profile>) = (Vec::new(), Vec::new());
    for batch in sightings.chunks(batch) {
        let mut given = Vec::new();
        let verdict = loop {
            match detect("{}", batch, given.clone()).unwrap() {
                Answer::Verdict(verdict) => break verdict,
                Answer::Needs(subjects) => given.extend(subjects.into_iter().map(|subject| {
                    let body = held.iter().find(|profile| profile.subject == subject).map(|profile| profile.body.clone());
                    Profile { subject, body: body.unwrap_or_default() }
                })),
            }
        };
        held.retain(|old| verdict.profiles.iter().all(|new| new.subject != old.subject));
        held.extend(verdict.profiles);
        findings.extend(verdict.findings);
    }
    findings
}

#[test]
fn administration_at_night_is_found_once_a_night_and_user_whatever_the_batches() {
    let all = [
        sighting(1, 21, "ana", "administrative"),
        sighting(2, 23, "ana", "administrative"),
        sighting(3, 26, "ana", "administrative"),
        sighting(4, 26, "ben", "administrative"),
        sighting(5, 27, "ben", "read"),
        sighting(6, 30, "ana", "administrative"),
        sighting(7, 47, "ana", "administrative"),
    ];
    for batch in [1, 2, 3, 100] {
        let seqs: Vec<u64> = found(&all, batch).iter().map(|finding| finding.evidence[0]).collect();
        assert_eq!(seqs, [2, 4, 7], "in batches of {batch}");
    }
}

#[test]
fn a_configuration_that_can_never_work_is_said() {
    for wrong in ["", "{\"from\":24}", "{\"from\":5}", "{\"until\":5}", "{\"from\":\"22\"}"] {
        assert!(matches!(rules(wrong), Err(Failure::Invalid(_))), "{wrong}");
        assert!(matches!(detect(wrong, &[], Vec::new()), Err(Failure::Invalid(_))), "{wrong}");
    }
    assert_eq!(rules("{\"from\":1,\"to\":4}").unwrap().len(), 1);
    assert!(serde_json::from_str::<serde_json::Value>(&describe().config_schema).is_ok());
}
