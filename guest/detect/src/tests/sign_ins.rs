//! Sign-ins that another component read: with single sign-on it is Entra that refuses, and never Miro.

use serde_json::{Value, json};

use super::*;

/// A sign-in of Entra's as its own component hands it on, field by field: each component has types of its own.
fn entra(seq: u64, sign_in: &Value) -> Sighting {
    let from = guest_entra::normalize::event(&sign_in.to_string(), 0);
    assert_eq!(from.actor.kind, guest_entra::types::ActorKind::User);
    let event = Event {
        id: from.id,
        time: from.time,
        action: from.action,
        category: from.category,
        traits: from.traits,
        outcome: match from.outcome {
            guest_entra::types::Outcome::Success => Outcome::Success,
            guest_entra::types::Outcome::Failure => Outcome::Failure,
            guest_entra::types::Outcome::Unknown => Outcome::Unknown,
        },
        actor: Actor { kind: ActorKind::User, id: from.actor.id, name: from.actor.name, email: from.actor.email },
        object: from.object.map(|it| Entity { kind: it.kind, id: it.id, name: it.name }),
        ip: from.ip,
        extra: from.extra,
        record: from.record,
        ..sighting("ana", 0).event
    };
    Sighting { seq, received: event.time + MINUTE, event, network: Some(lisbon()), ..sighting("ana", 0) }
}

/// So many minutes after [`START`], which is nine o'clock.
fn tried(minute: u64, code: u32) -> Value {
    json!({
        "id": format!("{minute}-{code}"), "createdDateTime": format!("2026-03-02T09:{minute:02}:00Z"), "userId": "ana", "userPrincipalName": "Ana@example.com",
        "appId": "3f2e7a10-9c5b-4d61-8a7e-0b6f54c2d913", "appDisplayName": "Miro", "ipAddress": "203.0.113.5", "isInteractive": true,
        "status": { "errorCode": code }, "deviceDetail": { "operatingSystem": "Android 14", "isCompliant": true },
    })
}

/// Minutes after [`START`] with a sign-in that ended so, from Entra and from Miro.
fn both(ends: &[u32]) -> [Log; 2] {
    let [mut entras, mut miros] = [Log::new(), Log::new()];
    for log in [&mut entras, &mut miros] {
        log.month("ana", &lisbon(), "192.0.2.1");
    }
    for (minute, &code) in (0..).zip(ends) {
        let at = START + minute * MINUTE;
        let seq = entras.sightings.len() as u64 + 1;
        entras.sightings.push(entra(seq, &tried(minute, code)));
        miros.add("ana", at, |sighting| {
            from(sighting, &lisbon(), "203.0.113.5");
            signs_in(sighting, if code == 0 { Outcome::Success } else { Outcome::Failure });
        });
    }
    [entras, miros]
}

#[test]
fn failures_at_entra_are_found_as_those_at_miro_are() {
    let [entras, miros] = both(&[50_126; 12]).map(|log| log.of("failed-logins"));
    assert_eq!(entras.len(), 1);
    assert_eq!(entras, miros);
    // And graver, a success after them.
    let ends: Vec<u32> = [50_126; 12].into_iter().chain([0]).collect();
    let [entras, miros] = both(&ends).map(|log| log.findings());
    assert_eq!(entras, miros);
    assert!(entras.iter().any(|finding| finding.severity == crate::detector::Severity::High), "{entras:?}");
}

#[test]
fn being_asked_for_a_second_factor_is_no_failure() {
    let [entras, _] = both(&[50_074, 50_140, 50_076, 50_072].repeat(10));
    assert!(entras.of("failed-logins").is_empty());
}

#[test]
fn a_policy_may_ask_for_the_device() {
    let policy = |filter: &str, value: &str| {
        json!({
            "name": "phones", "severity": "low", "category": "access-control",
            "match": [{ "filter": "activity.type", "equals": "sign-in" }, { "filter": filter, "equals": value }],
        })
    };
    for (filter, value, found) in
        [("device.type", "Mobile", 1), ("device.type", "pc", 0), ("device.tag", "compliant", 1), ("device.tag", "managed", 0)]
    {
        let mut log = Log::settled(&json!({ "policies": [policy(filter, value)] }));
        log.sightings.push(entra(9, &tried(0, 0)));
        // Miro says nothing of devices.
        log.add("ana", START + MINUTE, |sighting| signs_in(sighting, Outcome::Success));
        assert_eq!(log.of("phones").len(), found, "{filter} {value}");
    }
}
