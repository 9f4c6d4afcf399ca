//! The operator's own policies, beside the built-in rules. What they may say is tested where they are defined.

use serde_json::json;

use super::*;
use crate::detector::Severity;

fn exports(count: u64, policy: serde_json::Value) -> Log {
    let mut log = Log::with(&json!({"policies": [policy]}));
    for nth in 0..count {
        log.add("ana", START + nth * 5000, |sighting| does(sighting, "board_exported", &["exported"]));
    }
    log
}

#[test]
fn each_activity_that_matches_is_a_finding_of_its_own() {
    let policy =
        json!({"name": "any-export", "severity": "low", "category": "dlp", "match": [{"filter": "activity.type", "equals": ["exported"]}]});
    let found = exports(3, policy).findings();
    assert_eq!(policies(&found), ["any-export"; 3]);
    assert_eq!(found[0].severity, Severity::Low);
    assert_ne!(found[0].key, found[1].key);
}

/// "Repeated activity by a single user": at the least number, and then anew.
#[test]
fn a_repeated_activity_is_a_finding_at_its_count_wherever_a_batch_ends() {
    let policy = || {
        json!({"name": "export-spree", "severity": "high", "category": "dlp", "match": [{"filter": "activity.type", "equals": ["exported"]}],
            "repeated": {"count": 51, "minutes": 5}, "attacks": ["T1530"]})
    };
    assert!(exports(50, policy()).findings().is_empty());
    for batch in [1, 7, 1000] {
        let found = exports(110, policy()).findings_in(batch);
        assert_eq!(policies(&found), ["export-spree"; 2], "{batch}");
        assert_eq!((found[0].evidence.len(), found[0].attacks.as_slice()), (51, ["T1530".to_owned()].as_slice()));
        assert!(
            found[0].reasons[0].starts_with("51 downloads or exports within 4 min 10 s") || found[0].reasons[0].starts_with("51 "),
            "{}",
            found[0].reasons[0]
        );
    }
}

/// "App" and "Instance": the host says which.
#[test]
fn a_policy_asks_for_the_app_and_the_source_that_the_host_names() {
    let found = |row: serde_json::Value| {
        let policy = json!({"name": "any", "severity": "low", "category": "dlp", "match": [row]});
        let mut log = Log::with(&json!({"policies": [policy], "app": "miro", "source": "acme"}));
        log.add("ana", START, |_| {});
        log.findings().len()
    };
    assert_eq!(found(json!({"filter": "app", "equals": "miro"})), 1);
    assert_eq!(found(json!({"filter": "app", "equals": "entra"})), 0);
    assert_eq!(found(json!({"filter": "source", "does_not_equal": "acme"})), 0);
    assert_eq!(found(json!({"filter": "source", "does_not_equal": "other"})), 1);
}

#[test]
fn a_wrong_policy_is_refused_with_its_place() {
    let wrong =
        json!({"policies": [{"name": "x", "severity": "low", "category": "dlp", "match": [{"filter": "activty.type", "equals": ["a"]}]}]});
    let said = crate::config::Config::parse(&wrong.to_string()).unwrap_err();
    assert!(said.starts_with("policies[0].match[0].filter") && said.contains("`activity.type`"), "{said}");
}
