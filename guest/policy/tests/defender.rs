//! What Microsoft documents of activity policies in Defender for Cloud Apps, sentence by sentence. `README.md` lists the same
//! sentences, with the test of each or why it does not apply.
//!
//! Pages: "Create activity policies", "Filter and query activities", "Investigate activities using the API", "Organize the data
//! according to your needs" (IP ranges and tags).

use activity_policy::{
    Activity, Compiled, Policy, Tally,
    activity::{Actor, ActorKind, Entity, Outcome},
    check_all,
    policy::{Category, Severity},
};
use serde_json::{Value, json};

fn one(rows: &Value) -> Vec<Policy> {
    check_all(&json!([{ "name": "a", "severity": "low", "category": "dlp", "match": rows }])).unwrap()
}

fn meets(row: &Value, activity: &Activity<'_>) -> bool {
    meets_all(&json!([row]), activity)
}

fn meets_all(rows: &Value, activity: &Activity<'_>) -> bool {
    Compiled::new(&one(rows), &["home.example".to_owned()]).matching(activity).next().is_some()
}

/// Holds one filter against one activity: each operator with its values, and whether that is met.
fn hold(filter: &str, activity: &Activity<'_>, cases: &[(&str, Value, bool)]) {
    for (operator, values, met) in cases {
        assert_eq!(meets(&json!({ "filter": filter, *operator: values }), activity), *met, "{filter} {operator} {values}");
    }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// How many matches a policy with this repetition has for activities at these seconds.
fn matches(repeated: &Value, seconds: &[u64]) -> usize {
    let mut policies =
        one(&json!([{ "filter": "activity.type", "equals": "sign-in" }, { "filter": "activity.outcome", "equals": "failure" }]));
    policies[0].repeated = check_all(&json!([{ "name": "a", "severity": "low", "category": "dlp", "repeated": repeated,
        "match": [{ "filter": "team", "is": "set" }] }]))
    .unwrap()[0]
        .repeated;
    let (rules, traits, mut tally) = (Compiled::new(&policies, &[]), texts(&["sign-in"]), Tally::default());
    (0..)
        .zip(seconds)
        .filter(|(seq, second)| {
            let activity = Activity { seq: *seq, time: *second * 1000, traits: &traits, outcome: Outcome::Failure, ..Activity::default() };
            rules.matching(&activity).any(|rule| tally.observe(rule, &activity).is_some())
        })
        .count()
}

// The form.

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
    policies[0].repeated = Some(activity_policy::policy::Repeated { single_app: true, ..Default::default() });
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
    policies[0].repeated = Some(activity_policy::policy::Repeated { unique_objects: true, ..Default::default() });
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
        hold(filter, &Activity::default(), &[("does-not-equal", value.clone(), true), ("equals", value, false)]);
    }
    for (filter, operator) in
        [("ip.address", "does-not-start-with"), ("user-agent", "does-not-contain"), ("object.name", "does-not-contain")]
    {
        hold(filter, &Activity::default(), &[(operator, json!("10"), true)]);
    }
}

/// "When filtering by **Location** *does not equal* a specified list of countries/regions, also add a filter for **Location** *is set*."
#[test]
fn a_second_row_is_set_leaves_them_out() {
    let rows = json!([{ "filter": "location.country", "does-not-equal": ["DE"] }, { "filter": "location.country", "is": "set" }]);
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
        hold("user.group", &activity, &[("does-not-equal", json!(["External users"]), !external)]);
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
            ("does-not-contain", json!("falcon"), false),
            ("equals", json!("Q3_plan"), false),
            ("equals", json!("q3_PLAN, project-falcon v2.final"), true),
        ],
    );
}

/// "Activity-Policy's **Activity object Item** filter supports the **Equals** operator only."
#[test]
fn item_has_equals_only_and_looks_at_name_and_id() {
    let row = json!([{ "name": "a", "severity": "low", "category": "dlp", "match": [{ "filter": "object.item", "starts-with": "x" }] }]);
    assert!(check_all(&row).is_err());
    let object = Entity { id: Some("uXjV"), name: Some("Plan"), ..Entity::default() };
    hold(
        "object.item",
        &Activity { object, ..Activity::default() },
        &[("equals", json!("plan"), true), ("equals", json!("uXjV"), true), ("equals", json!("Pla"), false)],
    );
}

// The filters.

/// "Activity ID - Search only for specific activities by their ID." "Activity object ID - the ID of the object."
#[test]
fn identifiers_are_compared_to_the_letter() {
    let object = Entity { id: Some("uXjV"), ..Entity::default() };
    let activity =
        Activity { id: "Ab1", object, session: Some("S"), actor: Actor { id: Some("U1"), ..Actor::default() }, ..Activity::default() };
    hold(
        "activity.id",
        &activity,
        &[("equals", json!(["x", "Ab1"]), true), ("equals", json!("ab1"), false), ("does-not-equal", json!("x"), true)],
    );
    hold("object.id", &activity, &[("equals", json!("uXjV"), true), ("equals", json!("uxjv"), false), ("is", json!("set"), true)]);
    hold("user.id", &activity, &[("equals", json!("U1"), true), ("equals", json!("u1"), false), ("is", json!("not-set"), false)]);
    hold("session", &activity, &[("equals", json!("S"), true), ("equals", json!("s"), false)]);
}

/// "Activity type - Search for the app activity." "Action type - Search for a more specific action performed in an app."
#[test]
fn the_activity_type_is_a_trait_or_the_verb_and_the_action_type_the_verb() {
    let traits = texts(&["sign-in", "interactive"]);
    let activity = Activity { action: "sign_in_failed", traits: &traits, category: Some("Auth"), ..Activity::default() };
    hold(
        "activity.type",
        &activity,
        &[
            ("equals", json!("sign-in"), true),
            ("equals", json!("sign_in_failed"), true),
            ("equals", json!("sign"), false),
            ("does-not-equal", json!("interactive"), false),
        ],
    );
    hold(
        "activity.action",
        &activity,
        &[
            ("equals", json!("sign-in"), false),
            ("contains", json!("failed"), true),
            ("contains", json!("fail"), false),
            ("starts-with", json!("sign_"), true),
            ("ends-with", json!("_failed"), true),
            ("does-not-start-with", json!("board_"), true),
            ("is", json!("set"), true),
        ],
    );
    hold("activity.trait", &activity, &[("equals", json!("sign_in_failed"), false), ("equals", json!("interactive"), true)]);
    hold("activity.category", &activity, &[("equals", json!("auth"), true), ("is", json!("not-set"), false)]);
}

/// "Administrative activity - Search only for administrative activities." "Impersonated activity - ... performed in the name of
/// another user." "If set to true, returns only impersonated events, if set to false, returns nonimpersonated events".
#[test]
fn administrative_and_impersonated_are_true_or_false() {
    for (traits, administrative, impersonated) in [
        (texts(&["administrative"]), true, Some(false)),
        (texts(&["impersonated"]), false, Some(true)),
        (texts(&["unmapped"]), false, None),
        (texts(&[]), false, Some(false)),
    ] {
        let activity = Activity { traits: &traits, ..Activity::default() };
        hold("administrative", &activity, &[("equals", json!(true), administrative), ("equals", json!(false), !administrative)]);
        let says = |what| ("equals", json!(what), impersonated == Some(what));
        hold("impersonated", &activity, &[says(true), says(false)]);
    }
}

/// "App - Search only for activities within specific apps." "Instance - The app instance where the activity was or wasn't performed."
#[test]
fn app_and_instance_are_the_vendor_and_the_source() {
    let activity = Activity { app: Some("miro"), source: Some("miro-emea"), ..Activity::default() };
    hold("app", &activity, &[("equals", json!("Miro"), true), ("does-not-equal", json!(["box"]), true)]);
    hold("source", &activity, &[("equals", json!("miro-emea"), true), ("does-not-equal", json!("miro-emea"), false)]);
}

/// "Files and folders: File ID; Name: **ends with**, **equals**, or **starts with** your search value".
#[test]
fn names_of_objects_end_with_equal_or_start_with_a_value() {
    let object = Entity { kind: Some("board"), name: Some("Falcon Plan.PDF"), ..Entity::default() };
    let activity = Activity { object, ..Activity::default() };
    hold(
        "object.name",
        &activity,
        &[
            ("ends-with", json!([".doc", ".pdf"]), true),
            ("starts-with", json!("falcon"), true),
            ("equals", json!("falcon plan.pdf"), true),
            ("ends-with", json!("plan"), false),
        ],
    );
    hold("object.kind", &activity, &[("equals", json!(["board", "team"]), true), ("does-not-equal", json!("user"), true)]);
}

/// "The raw IPs can equal, don't equal, start with, or don't start with a particular sequence."
#[test]
fn raw_addresses_equal_start_with_and_neither() {
    let activity = Activity { ip: Some("203.0.113.7"), ..Activity::default() };
    hold(
        "ip.address",
        &activity,
        &[
            ("equals", json!("203.0.113.7"), true),
            ("equals", json!(["198.51.100.0/24", "203.0.113.0/24"]), true),
            ("equals", json!("203.0.113.70"), false),
            ("does-not-equal", json!("203.0.112.0/24"), true),
            ("does-not-equal", json!("203.0.113.0/24"), false),
            ("starts-with", json!("203.0."), true),
            ("starts-with", json!("203.1"), false),
            ("does-not-start-with", json!("10."), true),
            ("does-not-start-with", json!("203"), false),
            ("is", json!("set"), true),
        ],
    );
    let six = Activity { ip: Some("2001:db8::7"), ..Activity::default() };
    hold(
        "ip.address",
        &six,
        &[("equals", json!("2001:DB8:0::7"), true), ("equals", json!("2001:db8::/32"), true), ("starts-with", json!("2001:DB8:"), true)],
    );
    hold("ip.address", &Activity::default(), &[("is", json!("not-set"), true), ("equals", json!("0.0.0.0/0"), false)]);
    hold("ip.address", &Activity { ip: Some("unknown"), ..Activity::default() }, &[("equals", json!("::/0"), false)]);
}

/// "IP category - The category of the IP address ...: Corporate, Administrative, Risky, VPN, Cloud provider, Other." "IP tag".
#[test]
fn categories_and_tags_of_addresses() {
    let tags = texts(&["tor", "Our Office"]);
    let activity =
        Activity { ip: Some("203.0.113.7"), ip_category: Some("risky"), ip_tags: &tags, asn: Some(64496), ..Activity::default() };
    for category in ["corporate", "administrative", "risky", "vpn", "cloud-provider", "other"] {
        let (met, not) = (category == "risky", category != "risky");
        hold("ip.category", &activity, &[("equals", json!(category), met), ("does-not-equal", json!(category), not)]);
    }
    hold(
        "ip.tag",
        &activity,
        &[("equals", json!("our office"), true), ("does-not-equal", json!(["botnet", "TOR"]), false), ("is", json!("set"), true)],
    );
    hold(
        "ip.asn",
        &activity,
        &[("equals", json!([1, "AS64496"]), true), ("does-not-equal", json!(64496), false), ("is", json!("set"), true)],
    );
}

/// "Location - The country/region": ISO code; eq, neq, isset, isnotset. "Registered ISP": eq, neq, isset, isnotset, contains.
#[test]
fn location_and_registered_isp() {
    let activity = Activity { country: Some("DE"), city: Some("Köln"), isp: Some("Example Telecom AG"), ..Activity::default() };
    hold(
        "location.country",
        &activity,
        &[("equals", json!(["fr", "de"]), true), ("does-not-equal", json!("FR"), true), ("is", json!("set"), true)],
    );
    hold("location.city", &activity, &[("equals", json!("KÖLN"), true), ("is", json!("not-set"), false)]);
    hold(
        "ip.isp",
        &activity,
        &[
            ("contains", json!("telecom"), true),
            ("contains", json!("tele"), false),
            ("equals", json!("example telecom ag"), true),
            ("does-not-equal", json!("Example"), true),
            ("is", json!("set"), true),
        ],
    );
    hold("ip.isp", &Activity::default(), &[("is", json!("not-set"), true), ("contains", json!("telecom"), false)]);
}

/// "User - The user who performed the activity, which can be filtered into domain, group, name, or organization."
#[test]
fn users_by_domain_group_name_and_organization() {
    let groups = texts(&["Administrators", "EMEA_marketing"]);
    let actor = Actor { kind: ActorKind::User, id: Some("7"), name: Some("Ann Ex"), email: Some("ann@home.example") };
    let organization = Entity { id: Some("30744"), name: Some("Home"), ..Entity::default() };
    let activity = Activity { actor, groups: &groups, organization, team: organization, ..Activity::default() };
    hold(
        "user.domain",
        &activity,
        &[("equals", json!("HOME.example"), true), ("does-not-equal", json!("home.example"), false), ("equals", json!("example"), false)],
    );
    hold(
        "user.group",
        &activity,
        &[("equals", json!("administrators"), true), ("starts-with", json!("emea_"), true), ("does-not-equal", json!(["x"]), true)],
    );
    for name in ["ann ex", "ANN@home.example", "7"] {
        hold("user.name", &activity, &[("equals", json!(name), true), ("does-not-equal", json!(name), false)]);
    }
    hold("user.name", &activity, &[("starts-with", json!("ann"), true), ("starts-with", json!("svc"), false)]);
    hold("user.email", &activity, &[("equals", json!("Ann@Home.Example"), true), ("does-not-start-with", json!("bob"), true)]);
    hold("user.kind", &activity, &[("equals", json!(["user"]), true), ("does-not-equal", json!("application"), true)]);
    for filter in ["organization", "team"] {
        hold(filter, &activity, &[("equals", json!("home"), true), ("equals", json!("30744"), true), ("is", json!("set"), true)]);
    }
}

/// "In order to filter activities with no specific user, you can use the 'is not set' operator."
#[test]
fn is_not_set_finds_activities_with_no_user() {
    hold("user.name", &Activity::default(), &[("is", json!("not-set"), true), ("is", json!("set"), false)]);
    let activity = Activity { actor: Actor { id: Some("7"), ..Actor::default() }, ..Activity::default() };
    hold("user.name", &activity, &[("is", json!("not-set"), false), ("is", json!("set"), true)]);
    hold("user.email", &activity, &[("is", json!("not-set"), true)]);
}

/// "As ... Activity object only - ...they were the object of the activity. Actor only - ...performed the activity. Any role".
#[test]
fn as_actor_as_object_and_in_any_role() {
    let actor = Actor { email: Some("ann@home.example"), ..Actor::default() };
    let object = Entity { kind: Some("user"), id: Some("8"), name: Some("bob@away.example") };
    let activity = Activity { actor, object, ..Activity::default() };
    for (user, domain, as_actor, as_object) in [
        ("ann@home.example", "home.example", true, false),
        ("bob@away.example", "away.example", false, true),
        ("x", "x.example", false, false),
    ] {
        for (role, met) in [("actor", as_actor), ("object", as_object), ("any", as_actor || as_object)] {
            for (filter, value) in [("user.name", user), ("user.email", user), ("user.domain", domain)] {
                assert_eq!(meets(&json!({ "filter": filter, "as": role, "equals": value }), &activity), met, "{filter} {value} as {role}");
            }
        }
        assert_eq!(meets(&json!({ "filter": "user.name", "equals": user }), &activity), as_actor, "the actor unless said otherwise");
    }
    assert!(meets(&json!({ "filter": "user.id", "as": "object", "equals": "8" }), &activity));
    let board = Activity { object: Entity { kind: Some("board"), name: Some("ann"), ..Entity::default() }, ..activity };
    assert!(meets(&json!({ "filter": "user.name", "as": "object", "is": "not-set" }), &board), "a board is no user");
    let groups = texts(&["Administrators"]);
    let grouped = Activity { groups: &groups, ..activity };
    assert!(!meets(&json!({ "filter": "user.group", "as": "object", "equals": "Administrators" }), &grouped), "groups are the actor's");
}

/// "User agent": contains, ncontains.
#[test]
fn user_agents_contain_words() {
    let activity = Activity { user_agent: Some("Mozilla/5.0 curl"), ..Activity::default() };
    hold(
        "user-agent",
        &activity,
        &[("contains", json!("curl"), true), ("does-not-contain", json!("wget"), true), ("does-not-contain", json!("curl"), false)],
    );
}

/// "text": a word, a phrase or the beginning of any text of the activity.
#[test]
fn text_searches_all_names() {
    let actor = Actor { name: Some("Ann Ex"), email: Some("ann@home.example"), ..Actor::default() };
    let object = Entity { name: Some("Falcon"), ..Entity::default() };
    let activity = Activity { action: "board_opened", actor, object, city: Some("Rome"), ..Activity::default() };
    for word in ["opened", "ann", "FALCON", "rome"] {
        hold("text", &activity, &[("contains", json!(word), true), ("does-not-contain", json!(word), false)]);
    }
    hold("text", &activity, &[("starts-with", json!("board"), true), ("contains", json!("wren"), false)]);
}

#[test]
fn the_outcome_that_the_vendor_does_not_say_is_not_set() {
    for (outcome, success, failure, unknown) in
        [(Outcome::Success, true, false, false), (Outcome::Failure, false, true, false), (Outcome::Unknown, false, false, true)]
    {
        let cases = [("equals", json!("success"), success), ("equals", json!("failure"), failure), ("is", json!("not-set"), unknown)];
        hold("activity.outcome", &Activity { outcome, ..Activity::default() }, &cases);
    }
}

/// What no audit log answers is accepted, so that policies can be carried over, and is 'not set' everywhere.
#[test]
fn what_cannot_be_answered_is_not_set() {
    for filter in ["user-agent.tag", "device.type", "device.tag", "applied-action", "matched-policy"] {
        assert!(!activity_policy::Filter::of(filter).unwrap().is_answered());
        let cases = [
            ("is", json!("not-set"), true),
            ("is", json!("set"), false),
            ("equals", json!("x"), false),
            ("does-not-equal", json!("x"), true),
        ];
        hold(filter, &Activity::default(), &cases);
    }
}
