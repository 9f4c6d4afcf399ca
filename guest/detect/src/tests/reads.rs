//! What rules say that they read is what they read.

use serde_json::{Value, json};

use super::*;
use crate::{
    component::rules,
    detector::{self, Departure, DepartureKind},
    types::Failure,
};

/// Takes a fact away from everything that happened.
fn without(log: &mut Log, fact: &str) {
    let (what, exactly) = fact.split_once(':').map_or((fact, None), |(what, exactly)| (what, Some(exactly)));
    for sighting in &mut log.sightings {
        match what {
            "groups" => sighting.standing.groups.retain(|group| exactly.is_some_and(|exactly| group != exactly)),
            "departures" => sighting.standing.departed = None,
            _ => {}
        }
        let Some(network) = &mut sighting.network else { continue };
        match what {
            "country" => network.country = None,
            "city" => network.city = None,
            "coordinates" => (network.latitude, network.longitude) = (None, None),
            "asn" => network.asn = None,
            "isp" => network.isp = None,
            "category" => network.category = network.category.take().filter(|category| exactly.is_some_and(|exactly| category != exactly)),
            "tags" => network.tags.retain(|tag| exactly.is_some_and(|exactly| tag != exactly)),
            _ => {}
        }
    }
}

/// Something that a rule finds.
fn found_by(rule: &str, config: &Value) -> Log {
    let mut log = Log::with(config);
    log.add("founder", START - 40 * DAY, |_| {});
    log.month("ana", &lisbon(), "192.0.2.1");
    let mut spree = |action: &str, traits: &[&str], outcome| {
        for nth in 0..60 {
            log.add("ana", START + nth * 10_000, |sighting| {
                from(sighting, &lisbon(), "192.0.2.1");
                does(sighting, action, traits);
                sighting.event.outcome = outcome;
            });
        }
    };
    match rule {
        "failed-logins" => spree("sign_in_failed", &["sign-in", "interactive"], Outcome::Failure),
        "unusual-administration" => spree("role_changed", &["administrative"], Outcome::Success),
        "unusual-impersonation" => spree("board_opened", &["impersonated"], Outcome::Success),
        "mass-download" => spree("board_exported", &["exported"], Outcome::Success),
        "mass-share" => spree("board_shared", &["shared"], Outcome::Success),
        "mass-delete" => spree("board_deleted", &["deleted"], Outcome::Success),
        "inactive-account" => drop(log.add("ana", START + 70 * DAY, |_| {})),
        _ => drop(log.add("ana", START - 20 * HOUR, |sighting| match rule {
            "anonymous-ip" => from(sighting, &tagged(stranger(), "tor"), "203.0.113.66"),
            "suspicious-ip" => from(sighting, &tagged(stranger(), "botnet"), "203.0.113.66"),
            "terminated-user" | "disabled-user" => {
                let kind = if rule == "disabled-user" { DepartureKind::Disabled } else { DepartureKind::Deleted };
                sighting.standing.departed = Some(Departure { kind, at: START - 30 * DAY });
            }
            _ => from(sighting, &paulo(), "203.0.113.66"),
        })),
    }
    log
}

#[test]
fn a_rule_finds_nothing_without_what_it_needs() {
    for rule in rules("{}").unwrap() {
        let detector::Rule { name, events, needs, .. } = &rule;
        let scene = || found_by(name, &json!({}));
        assert!(!scene().of(name).is_empty(), "{name} finds nothing at all");
        for any in needs {
            let mut log = scene();
            any.iter().for_each(|fact| without(&mut log, fact));
            assert!(log.of(name).is_empty(), "{name} without {any:?}");
        }
        for any in events {
            let mut log = scene();
            log.sightings.iter_mut().for_each(|sighting| sighting.event.traits.retain(|each| !any.contains(each)));
            assert!(log.of(name).is_empty(), "{name} of other events than {any:?}");
        }
    }
}

#[test]
fn a_rule_reads_nothing_that_it_does_not_say() {
    for rule in rules("{}").unwrap() {
        let detector::Rule { name, needs, uses, .. } = &rule;
        let says = |fact: &&str| needs.iter().flatten().chain(uses).any(|said| said.split(':').next() == Some(*fact));
        let (whole, mut less) = (found_by(name, &json!({})), found_by(name, &json!({})));
        for fact in
            ["country", "city", "coordinates", "asn", "isp", "category", "tags", "groups", "departures"].iter().filter(|fact| !says(fact))
        {
            without(&mut less, fact);
        }
        let keys = |log: &Log| log.of(name).into_iter().map(|finding| (finding.key, finding.evidence)).collect::<Vec<_>>();
        assert_eq!(keys(&whole), keys(&less), "{name}");
    }
}

#[test]
fn groups_of_a_gate_are_needed_where_they_let_in() {
    let config = json!({"rules": {"anonymous-ip": {"include": {"groups": ["Sales"]}, "exclude": {"groups": ["Robots"]}}}});
    let rule = rules(&config.to_string()).unwrap().remove(0);
    assert_eq!(rule.needs.last().unwrap(), &["groups:Sales"]);
    assert!(rule.uses.contains(&"groups:Robots".to_owned()));
}

#[test]
fn switched_off_rules_and_policies_are_told_with_the_others() {
    let policy = json!({"name": "at-night", "severity": "low", "category": "dlp", "enabled": false,
        "match": [{"filter": "activity.type", "equals": ["exported"]}, {"filter": "user.group", "equals": "Sales"}]});
    let config = json!({"rules": {"mass-share": {"enabled": false}}, "policies": [policy]});
    let rules = rules(&config.to_string()).unwrap();
    let off: Vec<&str> = rules.iter().filter(|rule| !rule.enabled).map(|rule| rule.name.as_str()).collect();
    assert_eq!((rules.len(), off), (14, vec!["mass-share", "at-night"]));
    let own = rules.last().unwrap();
    assert_eq!((own.events.concat(), own.needs.concat()), (vec!["exported".to_owned()], vec!["groups:Sales".to_owned()]));
}

#[test]
fn a_configuration_that_can_never_work_is_told_as_it_is_in_judging() {
    let Err(Failure::Invalid(said)) = rules(r#"{"rules": {"mass-share": {"flor": 3}}}"#) else { panic!("it was taken") };
    assert!(said.contains("`rules.mass-share.flor`") && said.contains("`floor`"), "{said}");
}
