//! Every template is a policy, and does what its definition says.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use activity_policy::{
    Activity, Compiled, Policy, TEMPLATES, Tally, Template,
    activity::{Actor, Entity, Outcome},
    check_all,
};
use serde_json::Value;

/// The policy in a template, read the way a configuration is.
fn policy(name: &str) -> Vec<Policy> {
    let read: toml::Table = toml::from_str(Template::of(name).unwrap().toml).unwrap();
    let json = serde_json::to_value(read).unwrap();
    check_all(&json["policy"]).unwrap_or_else(|wrong| panic!("{name}: {wrong:?}"))
}

fn meets(name: &str, activity: &Activity<'_>) -> bool {
    let policies = policy(name);
    Compiled::new(&policies, &[]).matching(activity).next().is_some()
}

/// How many matches so many activities are, a second or less apart, each with an object of its own.
fn matches(name: &str, activity: &Activity<'_>, count: u64, apart: u64) -> usize {
    let policies = policy(name);
    let (rules, mut tally) = (Compiled::new(&policies, &[]), Tally::default());
    (0..count)
        .filter(|seq| {
            let id = seq.to_string();
            let object = Entity { id: Some(&id), ..Entity::default() };
            let one = Activity { seq: *seq, time: *seq * apart, object, ..*activity };
            rules.matching(&one).any(|rule| tally.observe(rule, &one).is_some())
        })
        .count()
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn every_template_is_one_policy_of_the_same_name() {
    assert_eq!(TEMPLATES.len(), 10);
    for template in TEMPLATES {
        let policies = policy(template.name);
        assert_eq!(policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>(), [template.name]);
        assert!(policies[0].title.is_some() && policies[0].description.is_some() && !policies[0].attacks.is_empty());
        assert!(template.definition.starts_with("Alert ") && template.definition.ends_with('.'));
        assert!(policies[0].rows.iter().all(|row| row.filter.is_answered()));
    }
    let all: Vec<Value> = TEMPLATES.iter().map(|template| serde_json::to_value(&policy(template.name)[0]).unwrap()).collect();
    assert_eq!(check_all(&Value::from(all)).unwrap().len(), TEMPLATES.len());
}

#[test]
fn administrative_activity_from_a_non_corporate_ip_address() {
    let (name, traits) = ("administrative-activity-from-a-non-corporate-ip-address", texts(&["administrative"]));
    let activity = Activity { traits: &traits, ip: Some("203.0.113.7"), ..Activity::default() };
    assert!(meets(name, &activity));
    assert!(meets(name, &Activity { ip_category: Some("vpn"), ..activity }));
    assert!(!meets(name, &Activity { ip_category: Some("corporate"), ..activity }));
    assert!(!meets(name, &Activity { ip: None, ..activity }));
    assert!(!meets(name, &Activity { traits: &[], ..activity }));
}

#[test]
fn risky_addresses() {
    let traits = texts(&["sign-in", "administrative"]);
    for name in ["log-on-from-a-risky-ip-address", "administrative-activity-from-a-risky-ip-address"] {
        let activity = Activity { traits: &traits, ip_category: Some("risky"), ..Activity::default() };
        assert!(meets(name, &activity));
        assert!(!meets(name, &Activity { ip_category: None, ..activity }));
        assert!(!meets(name, &Activity { traits: &[], ..activity }));
    }
}

/// "Only Risky is pre-filled": anonymous proxies, Tor and botnets by default; the operator's own category is stronger.
#[test]
fn addresses_of_which_a_feed_says_something_bad_are_risky_unless_the_operator_says_otherwise() {
    let traits = texts(&["sign-in", "administrative"]);
    for tag in ["tor", "anonymous-proxy", "botnet", "malware-c2", "brute-force", "password-spray", "darknet-scanner"] {
        let tags = texts(&[tag]);
        for name in ["log-on-from-a-risky-ip-address", "administrative-activity-from-a-risky-ip-address"] {
            let activity = Activity { traits: &traits, ip_tags: &tags, ..Activity::default() };
            assert!(meets(name, &activity), "{tag}");
            assert!(!meets(name, &Activity { ip_category: Some("corporate"), ..activity }), "{tag}");
        }
    }
    let tags = texts(&["vpn"]);
    assert!(!meets("log-on-from-a-risky-ip-address", &Activity { traits: &traits, ip_tags: &tags, ..Activity::default() }));
}

/// "more than 50 downloads within 1 minute": 51 are, 50 are not.
#[test]
fn mass_download() {
    let (traits, azure) = (texts(&["exported"]), texts(&["microsoft-azure"]));
    let activity = Activity { traits: &traits, ..Activity::default() };
    for name in ["mass-download-by-a-single-user", "data-exfiltration"] {
        assert_eq!(matches(name, &activity, 50, 1000), 0);
        assert_eq!(matches(name, &activity, 51, 1000), 1);
        assert_eq!(matches(name, &activity, 51, 1201), 0);
    }
    assert_eq!(matches("data-exfiltration", &Activity { ip_tags: &azure, ..activity }, 51, 1000), 0);
}

/// "fails more than 10 times within 5 minutes": 11 are, 10 are not.
#[test]
fn multiple_failed_user_sign_in_attempts_to_an_app() {
    let (name, traits) = ("multiple-failed-user-sign-in-attempts-to-an-app", texts(&["sign-in"]));
    let activity = Activity { traits: &traits, outcome: Outcome::Failure, ..Activity::default() };
    assert_eq!(matches(name, &activity, 10, 1000), 0);
    assert_eq!(matches(name, &activity, 11, 30_000), 1);
    assert_eq!(matches(name, &activity, 11, 30_001), 0);
    assert_eq!(matches(name, &Activity { outcome: Outcome::Success, ..activity }, 11, 1), 0);
}

#[test]
fn an_employee_on_leave() {
    let groups = texts(&["on leave"]);
    assert!(meets("activity-of-an-employee-on-leave", &Activity { groups: &groups, ..Activity::default() }));
    assert!(!meets("activity-of-an-employee-on-leave", &Activity::default()));
}

#[test]
fn service_account_from_an_external_ip_address() {
    let name = "service-account-from-an-external-ip-address";
    let actor = Actor { name: Some("svc-backup"), ..Actor::default() };
    let activity = Activity { actor, ip: Some("203.0.113.7"), ..Activity::default() };
    assert!(meets(name, &activity));
    assert!(meets(name, &Activity { ip_category: Some("cloud-provider"), ..activity }));
    assert!(!meets(name, &Activity { ip_category: Some("other"), ..activity }));
    assert!(!meets(name, &Activity { actor: Actor::default(), ..activity }));
}

#[test]
fn rogue_administrator() {
    let (traits, groups) = (texts(&["credential"]), texts(&["Administrators"]));
    let activity = Activity { traits: &traits, groups: &groups, ..Activity::default() };
    assert_eq!(matches("rogue-administrator", &activity, 5, 60_000), 1);
    assert_eq!(matches("rogue-administrator", &activity, 4, 60_000), 0);
    assert_eq!(matches("rogue-administrator", &Activity { groups: &[], ..activity }, 5, 60_000), 0);
}

#[test]
fn unfamiliar_locations() {
    let from = |country| meets("unfamiliar-locations", &Activity { country, ..Activity::default() });
    assert!(from(Some("BR")));
    assert!(!from(Some("DE")));
    assert!(!from(None), "a country that is not known is not unfamiliar");
}
