//! Whom a rule is for.

use serde_json::{Value, json};

use super::*;

fn with(rule: Value, groups: &[&str]) -> usize {
    let mut log = Log::settled(&json!({"rules": {"anonymous-ip": rule}}));
    log.add("ana", START, |sighting| {
        from(sighting, &tagged(lisbon(), "tor"), "203.0.113.66");
        sighting.standing.groups = groups.iter().map(|&group| group.to_owned()).collect();
    });
    log.findings().len()
}

/// "Exclude" wins: "a user in an included group but matched by Exclude" raises nothing.
#[test]
fn exclude_wins_over_include() {
    let both = json!({"include": {"groups": ["Sales"]}, "exclude": {"users": ["ana@example.com"]}});
    assert_eq!(with(both, &["Sales"]), 0);
    assert_eq!(with(json!({"include": {"groups": ["Sales"]}}), &["Sales"]), 1);
    assert_eq!(with(json!({"include": {"groups": ["Sales"]}}), &["Legal"]), 0);
    assert_eq!(with(json!({"exclude": {"groups": ["Sales"]}}), &["Legal", "Sales"]), 0);
}

/// "matching all of the following": users and groups both.
#[test]
fn users_and_groups_of_a_filter_must_both_match() {
    let both = json!({"include": {"users": ["ANA@example.com"], "groups": ["Sales"]}});
    assert_eq!(with(both.clone(), &["Sales"]), 1);
    assert_eq!(with(both, &[]), 0);
}

#[test]
fn groups_are_the_same_in_whatever_case_and_external_users_are_those_of_other_domains() {
    assert_eq!(with(json!({"include": {"groups": ["pilots"]}}), &["Pilots"]), 1);
    assert_eq!(with(json!({"exclude": {"groups": ["PILOTS"]}}), &["Pilots"]), 0);
    assert_eq!(with(json!({"exclude": {"groups": ["ÄRZTE"]}}), &["Ärzte"]), 0);
    let guests = |domain: &str| {
        let rule = json!({"include": {"groups": ["external users"]}});
        let mut log = Log::settled(&json!({"domains": [domain], "rules": {"anonymous-ip": rule}}));
        log.add("ana", START, |sighting| from(sighting, &tagged(lisbon(), "tor"), "203.0.113.66"));
        log.of("anonymous-ip").len()
    };
    assert_eq!([guests("Example.com"), guests("acme.example")], [0, 1]);
}

#[test]
fn a_rule_can_be_switched_off_and_its_severity_set() {
    assert_eq!(with(json!({"enabled": false}), &[]), 0);
    assert_eq!(with(json!({"severity": "high"}), &[]), 1);
}
