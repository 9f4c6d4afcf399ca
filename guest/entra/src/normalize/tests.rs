use proptest::prelude::*;
use serde_json::{Value, json};

use super::{event, records};
use crate::types::{ActorKind, Entity, Event, Outcome};

/// The example of <https://learn.microsoft.com/graph/api/signin-list>, cut short.
const DOCUMENTED: &str = r#"{
    "id": "66ea54eb-6301-4ee5-be62-ff5a759b0100",
    "createdDateTime": "2020-03-13T19:15:41.6195833Z",
    "userDisplayName": "Test Contoso",
    "userPrincipalName": "TestAccount1@contoso.com",
    "userId": "26be570a-ae82-4189-b4e2-a37c6808512d",
    "appId": "de8bc8b5-d9f9-48b1-a8ad-b748da725064",
    "appDisplayName": "Graph explorer",
    "ipAddress": "131.107.159.37",
    "clientAppUsed": "Browser",
    "correlationId": "d79f5bee-5860-4832-928f-3133e22ae912",
    "conditionalAccessStatus": "notApplied",
    "isInteractive": true,
    "riskLevelDuringSignIn": "none",
    "status": { "errorCode": 0, "failureReason": null, "additionalDetails": null },
    "deviceDetail": {
        "deviceId": "", "displayName": null, "operatingSystem": "Windows 10", "browser": "Edge 80.0.361",
        "isCompliant": true, "isManaged": null, "trustType": "Azure AD joined"
    },
    "location": { "city": "Redmond", "geoCoordinates": { "latitude": 47.68050003051758 } },
    "unheardOf": 12345678901234567890123
}"#;

fn read(raw: &Value) -> Event {
    event(&raw.to_string(), 7)
}

fn fact<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event.extra.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[test]
fn the_documented_example_is_read_whole() {
    let event = event(DOCUMENTED, 7);
    assert_eq!((event.id.as_str(), event.time), ("66ea54eb-6301-4ee5-be62-ff5a759b0100", 1_584_126_941_619));
    assert_eq!((event.action.as_str(), event.category.as_deref()), ("sign-in", Some("signIns")));
    assert_eq!((event.traits.as_slice(), event.outcome), (&["sign-in".to_owned(), "interactive".to_owned()][..], Outcome::Success));
    let actor = &event.actor;
    assert_eq!((actor.kind, actor.id.as_deref()), (ActorKind::User, Some("26be570a-ae82-4189-b4e2-a37c6808512d")));
    assert_eq!((actor.name.as_deref(), actor.email.as_deref()), (Some("Test Contoso"), Some("testaccount1@contoso.com")));
    let app = ["application", "de8bc8b5-d9f9-48b1-a8ad-b748da725064", "Graph explorer"].map(|text| Some(text.to_owned()));
    let [kind, id, name] = app;
    assert_eq!(event.object, Some(Entity { kind, id, name }));
    assert_eq!((event.ip.as_deref(), event.user_agent.as_deref(), event.session.as_deref()), (Some("131.107.159.37"), None, None));
    let facts: Vec<(&str, &str)> = event.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        facts,
        [
            ("status.error_code", "0"),
            ("client", "\"Browser\""),
            ("conditional_access", "\"notApplied\""),
            ("risk", "\"none\""),
            ("device.os", "\"Windows 10\""),
            ("device.browser", "\"Edge 80.0.361\""),
            ("device.type", "\"pc\""),
            ("device.tags", r#"["compliant","azure-ad-joined"]"#),
        ]
    );
    // One line, in order, every digit and every field.
    assert!(event.record.starts_with(r#"{"id":"66ea54eb-6301-4ee5-be62-ff5a759b0100","createdDateTime":"2020-03-13T19:15:41.6195833Z","#));
    assert!(event.record.ends_with(r#""unheardOf":12345678901234567890123}"#) && !event.record.contains('\n'), "{}", event.record);
    assert_eq!(records(std::slice::from_ref(&event.record)), [Ok(event)]);
}

#[test]
fn a_refused_sign_in_says_why() {
    let status = json!({ "errorCode": 50126, "failureReason": "Error validating credentials due to invalid username or password." });
    let event = read(&json!({ "id": "a", "createdDateTime": "2026-01-01T00:00:00Z", "isInteractive": "true", "status": status }));
    assert_eq!((event.outcome, event.traits.as_slice()), (Outcome::Failure, &["sign-in".to_owned()][..]));
    assert_eq!(fact(&event, "status.error_code"), Some("50126"));
    assert_eq!(fact(&event, "status.reason"), Some("\"Error validating credentials due to invalid username or password.\""));
    assert!(fact(&event, "device.tags").is_none() && fact(&event, "device.type").is_none());
}

#[test]
fn who_is_not_in_the_tenant_is_not_all_the_others_who_are_not() {
    let unknown = json!({ "userId": "00000000-0000-0000-0000-000000000000", "userPrincipalName": "Stranger@Elsewhere.example" });
    let event = read(&unknown);
    assert_eq!((event.actor.id.as_deref(), event.actor.email.as_deref()), (None, Some("stranger@elsewhere.example")));
    // What somebody typed is not always an address.
    assert_eq!(read(&json!({ "userPrincipalName": "live.com#not an address" })).actor.kind, ActorKind::Unknown);
}

#[test]
fn an_odd_sign_in_is_an_event_all_the_same() {
    for (raw, record) in [
        ("5", r#"{"raw":5}"#),
        ("\"x\"", r#"{"raw":"x"}"#),
        ("{}", "{}"),
        (
            r#"{"id":null,"createdDateTime":"soon","status":5,"deviceDetail":[]}"#,
            r#"{"id":null,"createdDateTime":"soon","status":5,"deviceDetail":[]}"#,
        ),
    ] {
        let event = event(raw, 7);
        assert_eq!((event.record.as_str(), event.time, event.outcome), (record, 7, Outcome::Unknown));
        assert_eq!(event.traits, ["sign-in", "time-guessed", "id-made"]);
        assert!(event.id.starts_with("sha256:") && event.object.is_none() && event.extra.is_empty());
    }
    assert!(records(&["5".to_owned()])[0].as_ref().unwrap_err().contains("not one JSON object"));
}

#[test]
fn a_fact_that_is_too_long_stays_in_the_record() {
    let event = read(&json!({ "id": "x".repeat(2000), "clientAppUsed": "x".repeat(5000), "ipAddress": "x".repeat(70_000) }));
    assert!(event.id.starts_with("sha256:") && fact(&event, "client").is_none() && event.ip.is_none());
    assert!(event.record.len() > 77_000);
}

#[test]
fn what_is_nested_too_deep_is_a_text_and_the_same_event_again() {
    let deep = format!(r#"{{"id":"7","createdDateTime":"2020-03-13T19:15:41Z","x":{}{}}}"#, "[".repeat(130), "]".repeat(130));
    let first = event(&deep, 7);
    assert_eq!((first.id.as_str(), first.traits.as_slice()), ("7", ["sign-in".to_owned(), "flattened".to_owned()].as_slice()));
    assert!(serde_json::from_str::<Value>(&first.record).is_ok());
    assert_eq!(format!("{:?}", records(std::slice::from_ref(&first.record))[0].as_ref().unwrap()), format!("{first:?}"));
}

proptest! {
    #[test]
    fn no_text_panics_and_a_record_is_the_record_of_itself(raw in any::<String>(), os in any::<String>(), code in any::<i64>()) {
        for raw in [raw.clone(), json!({ "id": raw, "deviceDetail": { "operatingSystem": os, "trustType": raw }, "status": { "errorCode": code } }).to_string()] {
            let first = event(&raw, 7);
            prop_assert_eq!(&event(&first.record, 7), &first);
            for (_, value) in &first.extra {
                prop_assert!(serde_json::from_str::<Value>(value).is_ok());
            }
        }
    }
}
