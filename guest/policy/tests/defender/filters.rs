//! The filters: what each looks at, with each of its operators.

use activity_policy::{
    Activity, Filter,
    activity::{Actor, ActorKind, Entity, Outcome},
};
use serde_json::json;

use crate::{hold, meets, texts};

/// "Activity ID - Search only for specific activities by their ID." "Activity object ID - the ID of the object."
#[test]
fn identifiers_are_compared_to_the_letter() {
    let object = Entity { id: Some("uXjV"), ..Entity::default() };
    let activity =
        Activity { id: "Ab1", object, session: Some("S"), actor: Actor { id: Some("U1"), ..Actor::default() }, ..Activity::default() };
    hold(
        "activity.id",
        &activity,
        &[("equals", json!(["x", "Ab1"]), true), ("equals", json!("ab1"), false), ("does_not_equal", json!("x"), true)],
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
            ("does_not_equal", json!("interactive"), false),
        ],
    );
    hold(
        "activity.action",
        &activity,
        &[
            ("equals", json!("sign-in"), false),
            ("contains", json!("failed"), true),
            ("contains", json!("fail"), false),
            ("starts_with", json!("sign_"), true),
            ("ends_with", json!("_failed"), true),
            ("does_not_start_with", json!("board_"), true),
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
    hold("app", &activity, &[("equals", json!("Miro"), true), ("does_not_equal", json!(["box"]), true)]);
    hold("source", &activity, &[("equals", json!("miro-emea"), true), ("does_not_equal", json!("miro-emea"), false)]);
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
            ("ends_with", json!([".doc", ".pdf"]), true),
            ("starts_with", json!("falcon"), true),
            ("equals", json!("falcon plan.pdf"), true),
            ("ends_with", json!("plan"), false),
        ],
    );
    hold("object.kind", &activity, &[("equals", json!(["board", "team"]), true), ("does_not_equal", json!("user"), true)]);
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
            ("does_not_equal", json!("203.0.112.0/24"), true),
            ("does_not_equal", json!("203.0.113.0/24"), false),
            ("starts_with", json!("203.0."), true),
            ("starts_with", json!("203.1"), false),
            ("does_not_start_with", json!("10."), true),
            ("does_not_start_with", json!("203"), false),
            ("is", json!("set"), true),
        ],
    );
    let six = Activity { ip: Some("2001:db8::7"), ..Activity::default() };
    hold(
        "ip.address",
        &six,
        &[("equals", json!("2001:DB8:0::7"), true), ("equals", json!("2001:db8::/32"), true), ("starts_with", json!("2001:DB8:"), true)],
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
        hold("ip.category", &activity, &[("equals", json!(category), met), ("does_not_equal", json!(category), not)]);
    }
    hold(
        "ip.tag",
        &activity,
        &[("equals", json!("our office"), true), ("does_not_equal", json!(["botnet", "TOR"]), false), ("is", json!("set"), true)],
    );
    hold(
        "ip.asn",
        &activity,
        &[("equals", json!([1, "AS64496"]), true), ("does_not_equal", json!(64496), false), ("is", json!("set"), true)],
    );
}

/// "Location - The country/region": ISO code; eq, neq, isset, isnotset. "Registered ISP": eq, neq, isset, isnotset, contains.
#[test]
fn location_and_registered_isp() {
    let activity = Activity { country: Some("DE"), city: Some("Köln"), isp: Some("Example Telecom AG"), ..Activity::default() };
    hold(
        "location.country",
        &activity,
        &[("equals", json!(["fr", "de"]), true), ("does_not_equal", json!("FR"), true), ("is", json!("set"), true)],
    );
    hold("location.city", &activity, &[("equals", json!("KÖLN"), true), ("is", json!("not-set"), false)]);
    hold(
        "ip.isp",
        &activity,
        &[
            ("contains", json!("telecom"), true),
            ("contains", json!("tele"), false),
            ("equals", json!("example telecom ag"), true),
            ("does_not_equal", json!("Example"), true),
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
        &[("equals", json!("HOME.example"), true), ("does_not_equal", json!("home.example"), false), ("equals", json!("example"), false)],
    );
    hold(
        "user.group",
        &activity,
        &[("equals", json!("administrators"), true), ("starts_with", json!("emea_"), true), ("does_not_equal", json!(["x"]), true)],
    );
    for name in ["ann ex", "ANN@home.example", "7"] {
        hold("user.name", &activity, &[("equals", json!(name), true), ("does_not_equal", json!(name), false)]);
    }
    hold("user.name", &activity, &[("starts_with", json!("ann"), true), ("starts_with", json!("svc"), false)]);
    hold("user.email", &activity, &[("equals", json!("Ann@Home.Example"), true), ("does_not_start_with", json!("bob"), true)]);
    hold("user.kind", &activity, &[("equals", json!(["user"]), true), ("does_not_equal", json!("application"), true)]);
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
        &[("contains", json!("curl"), true), ("does_not_contain", json!("wget"), true), ("does_not_contain", json!("curl"), false)],
    );
}

/// "text": a word, a phrase or the beginning of any text of the activity.
#[test]
fn text_searches_all_names() {
    let actor = Actor { name: Some("Ann Ex"), email: Some("ann@home.example"), ..Actor::default() };
    let object = Entity { name: Some("Falcon"), ..Entity::default() };
    let activity = Activity { action: "board_opened", actor, object, city: Some("Rome"), ..Activity::default() };
    for word in ["opened", "ann", "FALCON", "rome"] {
        hold("text", &activity, &[("contains", json!(word), true), ("does_not_contain", json!(word), false)]);
    }
    hold("text", &activity, &[("starts_with", json!("board"), true), ("contains", json!("wren"), false)]);
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

/// "Device tag - Filter by Intune compliant, Microsoft Entra hybrid joined, or Valid client certificate. Device type - Filter only
/// for activities that were done using a specific device type. For example, all activities from mobile devices, PCs, or tablets."
#[test]
fn devices_by_type_and_tag() {
    let facts = |kind: &str, tags: &str| [("device.type".to_owned(), kind.to_owned()), ("device.tags".to_owned(), tags.to_owned())];
    let extra = facts("\"mobile\"", r#"["compliant", "Hybrid\u002djoined"]"#);
    let activity = Activity { extra: &extra, ..Activity::default() };
    hold(
        "device.type",
        &activity,
        &[
            ("equals", json!("Mobile"), true),
            ("equals", json!(["pc", "tablet"]), false),
            ("does_not_equal", json!("pc"), true),
            ("does_not_equal", json!("MOBILE"), false),
            ("is", json!("set"), true),
        ],
    );
    hold(
        "device.tag",
        &activity,
        &[
            ("equals", json!("Compliant"), true),
            ("equals", json!("hybrid-joined"), true),
            ("equals", json!("managed"), false),
            ("does_not_equal", json!(["managed", "compliant"]), false),
            ("is", json!("not-set"), false),
        ],
    );
    // Nothing said, nothing that is understood, and other facts of the event.
    let odd = [
        facts("5", "{}"),
        facts("\"\"", "[]"),
        facts("null", "[5, \"compliant\"]"),
        facts("mobile", ""),
        ["device.os", "client"].map(|it| (it.to_owned(), "\"mobile\"".to_owned())),
    ];
    for extra in odd.iter().map(|facts| facts.as_slice()).chain([&[][..]]) {
        for filter in ["device.type", "device.tag"] {
            let cases = [
                ("is", json!("not-set"), true),
                ("equals", json!(["mobile", "compliant"]), false),
                ("does_not_equal", json!("mobile"), true),
            ];
            hold(filter, &Activity { extra, ..Activity::default() }, &cases);
        }
    }
}

/// What no audit log answers is accepted, so that policies can be carried over, and is 'not set' everywhere.
#[test]
fn what_cannot_be_answered_is_not_set() {
    for filter in ["user-agent.tag", "applied-action", "matched-policy"] {
        assert!(!Filter::of(filter).unwrap().is_answered());
        let cases = [
            ("is", json!("not-set"), true),
            ("is", json!("set"), false),
            ("equals", json!("x"), false),
            ("does_not_equal", json!("x"), true),
        ];
        hold(filter, &Activity::default(), &cases);
    }
}
