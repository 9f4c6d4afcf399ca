//! Whose baseline it is.

use serde_json::json;

use super::*;

/// A rename keeps the baseline: the subject is the identifier.
#[test]
fn a_renamed_user_keeps_their_baseline() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    log.add("ana", START + DAY, |sighting| {
        sighting.event.actor.email = Some("ana.silva@example.com".into());
        from(sighting, &paulo(), "203.0.113.9");
    });
    assert_eq!(policies(&log.findings()), ["infrequent-country"]);
}

/// A re-used address does not: a new identifier begins anew.
#[test]
fn who_gets_a_used_address_begins_anew() {
    let mut log = Log::new();
    log.month("ana", &lisbon(), "192.0.2.1");
    log.add("another", START + DAY, |sighting| {
        sighting.event.actor.email = Some("ana@example.com".into());
        from(sighting, &paulo(), "203.0.113.9");
    });
    assert!(log.findings().is_empty());
}

/// So that a batch is copied in once: only who is known by an e-mail address alone takes another look.
#[test]
fn who_asks_first_is_not_asked_again() {
    let often = json!({"name": "often", "severity": "low", "category": "dlp", "match": [{"filter": "activity.type", "equals": "read"}],
        "repeated": {"count": 3, "minutes": 60}});
    for policies in [json!([]), json!([often])] {
        let mut log = Log::with(&json!({"policies": policies}));
        log.month("ana", &lisbon(), "192.0.2.1").month("BEN", &madrid(), "2001:db8::1");
        log.add("", START, |sighting| (sighting.event.actor.id, sighting.event.actor.email) = (None, None));
        let named = subjects(&log.config, &trails(&log.sightings)).unwrap();
        let profiles = |subject: &String| Profile { subject: subject.clone(), body: Vec::new() };
        let answer = detect(&log.config, &log.sightings, named.iter().map(profiles).collect()).unwrap();
        assert!(matches!(answer, Answer::Verdict(_)), "{answer:?}");
        assert!(named.contains(&"alias:ben@example.com".to_owned()), "{named:?}");
    }
}

/// An e-mail address without an identifier is whose it was at that time.
#[test]
fn an_address_alone_is_whose_it_was_then() {
    let mut log = Log::new();
    log.month("old", &lisbon(), "192.0.2.1");
    let mail = Some("shared@example.com".to_owned());
    log.add("old", START, |sighting| sighting.event.actor.email.clone_from(&mail));
    log.add("new", START + 10 * DAY, |sighting| sighting.event.actor.email.clone_from(&mail));
    for (at, user) in [(START + DAY, "user:old"), (START + 11 * DAY, "user:new")] {
        let mut with = Log { sightings: log.sightings.clone(), config: "{}".into() };
        for nth in 0..11 {
            with.add("", at + nth * 10_000, |sighting| {
                signs_in(sighting, Outcome::Failure);
                (sighting.event.actor.id, sighting.event.actor.email) = (None, mail.clone());
            });
        }
        let found = with.of("failed-logins");
        assert!(found.first().is_some_and(|finding| finding.key.contains(user)), "{user}: {found:?}");
    }
}
