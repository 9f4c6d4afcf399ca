use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    activity::{Actor, Entity, Outcome},
    check_all,
};

/// The names of the policies that an activity matches. Each is written as its rows, and called by its place.
fn matching(policies: &Value, activity: &Activity<'_>) -> Vec<String> {
    let policies = check_all(policies).unwrap();
    Compiled::new(&policies, &[]).matching(activity).map(|rule| rule.policy().name.clone()).collect()
}

fn policy(name: &str, rows: &Value, more: &Value) -> Value {
    let mut json = json!({ "name": name, "severity": "low", "category": "dlp", "match": rows });
    for (key, value) in more.as_object().unwrap() {
        json[key] = value.clone();
    }
    json
}

fn meets(rows: &Value, activity: &Activity<'_>) -> bool {
    !matching(&json!([policy("a", rows, &json!({}))]), activity).is_empty()
}

#[test]
fn rules_come_in_the_order_of_the_policies_and_disabled_ones_never() {
    let row = json!([{ "filter": "activity.type", "equals": "x" }]);
    let all = json!([
        policy("z", &row, &json!({})),
        policy("off", &row, &json!({ "enabled": false })),
        policy("other", &json!([{ "filter": "activity.type", "equals": "y" }]), &json!({})),
        policy("a", &json!([{ "filter": "team", "is": "not-set" }]), &json!({})),
    ]);
    assert_eq!(matching(&all, &Activity { action: "x", ..Activity::default() }), ["z", "a"]);
}

#[test]
fn more_actions_than_there_are_bits_are_matched_all_the_same() {
    let all: Vec<Value> = (0..300)
        .map(|n| policy(&format!("p{n}"), &json!([{ "filter": "activity.type", "equals": format!("Action-{n:03}") }]), &json!({})))
        .collect();
    for n in [0, 127, 128, 299] {
        let action = format!("action-{n:03}");
        assert_eq!(matching(&Value::from(all.clone()), &Activity { action: &action, ..Activity::default() }), [format!("p{n}")]);
    }
}

#[test]
fn long_lists_of_values_are_searched_like_short_ones() {
    let names: Vec<String> = (0..500).map(|n| format!("Board-{n}")).collect();
    for (filter, name, met) in [("object.name", "bOARD-77", true), ("object.id", "bOARD-77", false), ("object.id", "Board-77", true)] {
        let object = Entity { name: Some(name), id: Some(name), ..Entity::default() };
        assert_eq!(meets(&json!([{ "filter": filter, "equals": names }]), &Activity { object, ..Activity::default() }), met, "{filter}");
    }
}

#[test]
fn exclusion_wins() {
    let actor = Actor { email: Some("ann@home.example"), id: Some("7"), ..Actor::default() };
    let groups = ["Staff".to_owned()];
    let activity = Activity { id: "e", actor, groups: &groups, ..Activity::default() };
    for (scope, met) in [
        (json!({}), true),
        (json!({ "include": { "users": ["ANN@home.example"] } }), true),
        (json!({ "include": { "users": ["7"] } }), true),
        (json!({ "include": { "users": ["bob@home.example"] } }), false),
        (json!({ "include": { "users": ["bob@home.example"], "groups": ["staff"] } }), true),
        (json!({ "include": { "users": ["ann@home.example"] }, "exclude": { "groups": ["staff"] } }), false),
        (json!({ "include": { "groups": ["Staff"] }, "exclude": { "users": ["ann@home.example"] } }), false),
        (json!({ "exclude": { "groups": ["Admins"] } }), true),
    ] {
        let all = json!([policy("a", &json!([{ "filter": "activity.id", "equals": "e" }]), &json!({ "scope": scope }))]);
        assert_eq!(!matching(&all, &activity).is_empty(), met, "{scope}");
    }
}

#[test]
fn a_changed_policy_has_another_fingerprint_and_a_renamed_title_has_not() {
    let print = |more: Value| {
        let policies = check_all(&json!([policy("a", &json!([{ "filter": "team", "is": "set" }]), &more)])).unwrap();
        Compiled::new(&policies, &[]).rules()[0].fingerprint()
    };
    let usual = print(json!({}));
    assert_eq!(print(json!({ "title": "T", "severity": "high", "daily_alert_limit": 9 })), usual);
    assert_ne!(print(json!({ "repeated": {} })), usual);
    assert_ne!(print(json!({ "scope": { "include": { "users": ["x"] } } })), usual);
    assert_ne!(print(json!({ "scope": { "exclude": { "users": ["x"] } } })), print(json!({ "scope": { "include": { "users": ["x"] } } })));
    assert_ne!(print(json!({ "match": [{ "filter": "team", "is": "not-set" }] })), usual);
}

/// A filter, its values and an activity, all made of few words, so that they meet.
const FILTERS: [&str; 9] =
    ["activity.type", "activity.action", "activity.trait", "object.name", "object.id", "user.name", "user.group", "team", "location.city"];

#[derive(Clone, Debug)]
struct Seen {
    action: String,
    traits: Vec<String>,
    groups: Vec<String>,
    texts: Vec<String>,
}

impl Seen {
    fn activity(&self) -> Activity<'_> {
        let text = |at: usize| self.texts.get(at).map(String::as_str);
        Activity {
            id: "e",
            action: &self.action,
            traits: &self.traits,
            groups: &self.groups,
            actor: Actor { name: text(0), email: text(1), ..Actor::default() },
            object: Entity { id: text(2), name: text(3), kind: text(4) },
            team: Entity { name: text(5), ..Entity::default() },
            city: text(6),
            ip: text(7),
            isp: text(8),
            user_agent: text(9),
            category: text(10),
            outcome: Outcome::Success,
            ..Activity::default()
        }
    }
}

fn seen(word: &'static str) -> impl Strategy<Value = Seen> {
    let words = || prop::collection::vec(word, 0..4);
    (word, words(), words(), prop::collection::vec(word, 0..12)).prop_map(|(action, traits, groups, texts)| Seen {
        action,
        traits,
        groups,
        texts,
    })
}

fn row(filter: &str, operator: &str, values: &[String]) -> Value {
    json!({ "filter": filter, operator: values })
}

proptest! {
    #[test]
    fn rows_are_and_and_values_are_or(
        seen in seen("[a-cA-C]{1,2}"),
        rows in prop::collection::vec((prop::sample::select(&FILTERS[..]), prop::collection::vec("[a-c]{1,2}", 1..4)), 1..4),
    ) {
        let activity = seen.activity();
        let each: Vec<bool> = rows.iter().map(|(filter, values)| meets(&json!([row(filter, "equals", values)]), &activity)).collect();
        let all: Vec<Value> = rows.iter().map(|(filter, values)| row(filter, "equals", values)).collect();
        prop_assert_eq!(meets(&Value::from(all), &activity), each.iter().all(|met| *met));
        for ((filter, values), met) in rows.iter().zip(each) {
            let any = values.iter().any(|value| meets(&json!([row(filter, "equals", std::slice::from_ref(value))]), &activity));
            prop_assert_eq!(any, met);
            prop_assert_eq!(meets(&json!([row(filter, "does_not_equal", values)]), &activity), !met);
        }
    }

    #[test]
    fn no_text_makes_matching_panic(seen in seen("\\PC{0,12}|[\"@:./,\\[\\]0-9]{0,12}"), value in "\\PC{1,8}|[\"@a]{1,5}") {
        let activity = seen.activity();
        for filter in Filter::ALL {
            for operator in filter.operators() {
                let json = policy("a", &json!([{ "filter": filter.word(), operator.word(): value }]), &json!({}));
                let Ok(policy) = crate::check(&json) else { continue };
                let policies = [policy];
                let compiled = Compiled::new(&policies, &["home.example".to_owned()]);
                let _ = compiled.matching(&activity).count();
                prop_assert_eq!(compiled.reasons(&compiled.rules()[0], &activity).len(), 1);
            }
        }
    }

    #[test]
    fn who_is_excluded_never_matches(mut seen in seen("[a-c]{1,2}"), names in prop::collection::vec("[a-c]{1,2}", 0..3)) {
        seen.groups.push("a".to_owned());
        let activity = seen.activity();
        let groups: Vec<&String> = seen.groups.iter().chain(&names).collect();
        let scope = json!({ "include": { "groups": groups }, "exclude": { "groups": [seen.groups[0]] } });
        let all = json!([policy("a", &json!([{ "filter": "activity.id", "equals": "e" }]), &json!({ "scope": scope }))]);
        prop_assert!(matching(&all, &activity).is_empty());
    }
}
