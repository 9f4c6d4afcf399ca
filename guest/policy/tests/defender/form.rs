//! The form of a policy: its fields, its defaults, when it is a match.

use activity_policy::{
    Activity, Compiled, Tally,
    activity::{Actor, Entity, Outcome},
    check_all,
    policy::{Category, Repeated, Severity},
};
use serde_json::{Value, json};

use crate::{hold, meets, meets_all, one, texts};

/// How many matches a policy with this repetition has for activities at these seconds.
fn matches(repeated: &Value, seconds: &[u64]) -> usize {
    let rows = json!([{ "filter": "activity.type", "equals": "sign-in" }, { "filter": "activity.outcome", "equals": "failure" }]);
    let policy = json!({ "name": "a", "severity": "low", "category": "dlp", "match": rows, "repeated": repeated });
    let policies = check_all(&json!([policy])).unwrap();
    let (rules, traits, mut tally) = (Compiled::new(&policies, &[]), texts(&["sign-in"]), Tally::default());
    (0..)
        .zip(seconds)
        .filter(|(seq, second)| {
            let activity = Activity { seq: *seq, time: *second * 1000, traits: &traits, outcome: Outcome::Failure, ..Activity::default() };
            rules.matching(&activity).any(|rule| tally.observe(rule, &activity).is_some())
        })
        .count()
}

#[test]
fn severity_is_low_medium_or_high_and_categories_are_eight() {
    assert_eq!(Severity::ALL.iter().map(|it| it.word()).collect::<Vec<_>>(), ["low", "medium", "high"]);
    let categories = [
        "access-control",
        "compliance",
        "configuration-control",
        "cloud-discovery",
        "dlp",
        "privileged-accounts",
        "sharing-control",
        "threat-detection",
    ];
    assert_eq!(Category::ALL.iter().map(|it| it.word()).collect::<Vec<_>>(), categories);
}

#[test]
fn policy_name_severity_and_category_are_required() {
    let wrong = check_all(&json!([{ "match": [{ "filter": "team", "is": "set" }] }])).unwrap_err();
    assert_eq!(
        wrong.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["[0].name: it is missing", "[0].severity: it is missing", "[0].category: it is missing"]
    );
}

/// "Single activity: every activity that matches the filters", the default.
#[test]
fn without_repetition_every_activity_that_matches_the_filters_is_a_match() {
    let policies = one(&json!([{ "filter": "activity.type", "equals": "x" }]));
    assert_eq!(policies[0].repeated, None);
    let (rules, activity) = (Compiled::new(&policies, &[]), Activity { action: "x", ..Activity::default() });
    for _ in 0..3 {
        assert_eq!(rules.matching(&activity).count(), 1);
    }
}

/// "Minimum repeated activities": 5; "Within timeframe": 30 minutes.
#[test]
fn repeated_activities_are_five_within_thirty_minutes_unless_said_otherwise() {
    assert_eq!(matches(&json!({}), &[0, 10, 20, 30]), 0);
    assert_eq!(matches(&json!({}), &[0, 10, 20, 30, 1800]), 1);
    assert_eq!(matches(&json!({}), &[0, 10, 20, 30, 1801]), 0);
}

/// "A user tries to sign in and fails 70 times in one minute"; "10 unsuccessful login attempts in a 2-minute time frame".
#[test]
fn the_documented_examples_fire() {
    let every_half_second: Vec<u64> = (0..70).map(|n| n / 2).collect();
    assert_eq!(matches(&json!({ "count": 70, "minutes": 1 }), &every_half_second), 1);
    assert_eq!(matches(&json!({ "count": 70, "minutes": 1 }), &every_half_second[..69]), 0);
    assert_eq!(matches(&json!({ "count": 10, "minutes": 2 }), &[0, 13, 26, 39, 52, 65, 78, 91, 104, 117]), 1);
    assert_eq!(matches(&json!({ "count": 10, "minutes": 2 }), &[0, 14, 28, 42, 56, 70, 84, 98, 112, 126]), 0);
}

/// "This setting will trigger a policy match only when the repeated activities occur in the same app. For example, five downloads
/// in 30 minutes from Box trigger a policy match."
#[test]
fn in_a_single_app_five_downloads_in_thirty_minutes_from_box_are_a_match() {
    let mut policies = one(&json!([{ "filter": "activity.type", "equals": "downloaded" }]));
    policies[0].repeated = Some(Repeated { single_app: true, ..Default::default() });
    let (rules, traits) = (Compiled::new(&policies, &[]), texts(&["downloaded"]));
    for (apps, expected) in [(["box"; 5], 1), (["box", "box", "miro", "box", "box"], 0)] {
        let mut tally = Tally::default();
        let seen = (0..).zip(apps).map(|(seq, app)| Activity { seq, app: Some(app), traits: &traits, ..Activity::default() });
        let fired: Vec<_> = seen.filter_map(|it| rules.matching(&it).find_map(|rule| tally.observe(rule, &it))).collect();
        assert_eq!(fired.len(), expected);
    }
}

/// "Count only unique target files or folders per user".
#[test]
fn only_unique_targets_are_counted_where_the_policy_says_so() {
    let mut policies = one(&json!([{ "filter": "activity.type", "equals": "x" }]));
    policies[0].repeated = Some(Repeated { unique_objects: true, ..Default::default() });
    let rules = Compiled::new(&policies, &[]);
    for (boards, expected) in [(["1", "2", "3", "4", "5"], 1), (["1", "2", "3", "4", "4"], 0)] {
        let mut tally = Tally::default();
        let object = |id| Entity { id: Some(id), ..Entity::default() };
        let seen = (0..).zip(boards).map(|(seq, id)| Activity { seq, action: "x", object: object(id), ..Activity::default() });
        let fired: Vec<_> = seen.filter_map(|it| rules.matching(&it).find_map(|rule| tally.observe(rule, &it))).collect();
        assert_eq!(fired.len(), expected);
    }
}

/// "Activities matching all of the following": AND between rows, OR between values.
#[test]
fn activities_match_all_rows_and_any_value_of_each() {
    let rows = json!([{ "filter": "activity.type", "equals": ["x", "y"] }, { "filter": "team", "equals": ["One", "Two"] }]);
    let activity = |action, team| Activity { action, team: Entity { name: Some(team), ..Entity::default() }, ..Activity::default() };
    assert!(meets_all(&rows, &activity("y", "one")));
    assert!(!meets_all(&rows, &activity("y", "three")));
    assert!(!meets_all(&rows, &activity("z", "two")));
}

#[test]
fn the_daily_alert_limit_is_five_unless_said_otherwise() {
    assert_eq!(one(&json!([{ "filter": "team", "is": "set" }]))[0].daily_alert_limit, 5);
}

/// "When a filter is set to *does not equal* and the attribute does not exist on the event, the event will not be filtered out."
#[test]
fn does_not_equal_keeps_events_where_the_attribute_is_missing() {
    for filter in ["location.country", "ip.category", "ip.tag", "ip.asn", "device.tag", "user.domain", "user.group", "object.id", "team"] {
        let value = match filter {
            "location.country" => json!("DE"),
            "ip.category" => json!("corporate"),
            "ip.asn" => json!(64496),
            _ => json!("x"),
        };
        hold(filter, &Activity::default(), &[("does_not_equal", value.clone(), true), ("equals", value, false)]);
    }
    for (filter, operator) in
        [("ip.address", "does_not_start_with"), ("user-agent", "does_not_contain"), ("object.name", "does_not_contain")]
    {
        hold(filter, &Activity::default(), &[(operator, json!("10"), true)]);
    }
}

/// "When filtering by **Location** *does not equal* a specified list of countries/regions, also add a filter for **Location** *is set*."
#[test]
fn a_second_row_is_set_leaves_them_out() {
    let rows = json!([{ "filter": "location.country", "does_not_equal": ["DE"] }, { "filter": "location.country", "is": "set" }]);
    assert!(!meets_all(&rows, &Activity::default()));
    assert!(!meets_all(&rows, &Activity { country: Some("DE"), ..Activity::default() }));
    assert!(meets_all(&rows, &Activity { country: Some("BR"), ..Activity::default() }));
}

/// "There may be cases where the **User From Group** filter doesn't recognize the account by its domain. To make sure all guest
/// users are included, use the **External users** as the group."
#[test]
fn external_users_is_the_group_of_all_guests() {
    let row = json!({ "filter": "user.group", "equals": "External users" });
    let (by_directory, nobody) = (texts(&["External users"]), texts(&[]));
    for (email, groups, external) in [
        ("ann@home.example", &nobody, false),
        ("ann@eu.home.example", &nobody, false),
        ("ann@nothome.example", &nobody, true),
        ("ann@elsewhere.example", &nobody, true),
        ("ann_elsewhere.example#EXT#@home.example", &nobody, true),
        ("ann@home.example", &by_directory, true),
    ] {
        let activity = Activity { actor: Actor { email: Some(email), ..Actor::default() }, groups, ..Activity::default() };
        assert_eq!(meets(&row, &activity), external, "{email}");
        hold("user.group", &activity, &[("does_not_equal", json!(["External users"]), !external)]);
    }
    assert!(!meets(&row, &Activity::default()), "nobody is no guest");
}

/// "**Contains** will search only for full words"; the examples of the page stand beside the code, in `src/text.rs`.
#[test]
fn contains_is_whole_words_and_equals_is_the_full_string() {
    let object = Entity { name: Some("Q3_plan, Project-Falcon v2.final"), ..Entity::default() };
    hold(
        "object.name",
        &Activity { object, ..Activity::default() },
        &[
            ("contains", json!("falcon"), true),
            ("contains", json!("plan"), true),
            ("contains", json!("fal"), false),
            ("contains", json!(["nothing", "v2"]), true),
            ("contains", json!("\"project-falcon v2\""), true),
            ("contains", json!("\"falcon project\""), false),
            ("does_not_contain", json!("falcon"), false),
            ("equals", json!("Q3_plan"), false),
            ("equals", json!("q3_PLAN, project-falcon v2.final"), true),
        ],
    );
}

/// "Activity-Policy's **Activity object Item** filter supports the **Equals** operator only."
#[test]
fn item_has_equals_only_and_looks_at_name_and_id() {
    let row = json!([{ "name": "a", "severity": "low", "category": "dlp", "match": [{ "filter": "object.item", "starts_with": "x" }] }]);
    assert!(check_all(&row).is_err());
    let object = Entity { id: Some("uXjV"), name: Some("Plan"), ..Entity::default() };
    hold(
        "object.item",
        &Activity { object, ..Activity::default() },
        &[("equals", json!("plan"), true), ("equals", json!("uXjV"), true), ("equals", json!("Pla"), false)],
    );
}
