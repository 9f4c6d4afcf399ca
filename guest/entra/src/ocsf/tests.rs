use ocsf_schema::faults;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::records;

fn ocsf(record: &str) -> Value {
    serde_json::from_str(&records(&[record.to_owned()]).remove(0).unwrap()).unwrap()
}

#[test]
fn a_sign_in_says_who_whence_to_what_and_how_it_ended() {
    let record = r#"{"id":"66ea54eb","createdDateTime":"2020-03-13T19:15:41.6195833Z","userDisplayName":"Test Contoso","userPrincipalName":"testaccount1@contoso.com","userId":"26be570a","appId":"de8bc8b5","appDisplayName":"Miro","ipAddress":"131.107.159.37","clientAppUsed":"Browser","correlationId":"d79f5bee","isInteractive":true,"status":{"errorCode":50126,"failureReason":"Invalid username or password."},"deviceDetail":{"operatingSystem":"Windows 10","isCompliant":true}}"#;
    let event = ocsf(record);
    assert_eq!(faults(&event), Vec::<String>::new());
    let user = json!({ "uid": "26be570a", "name": "Test Contoso", "email_addr": "testaccount1@contoso.com", "type_id": 1, "type": "User" });
    assert_eq!(
        event,
        json!({
            "activity_id": 1, "activity_name": "Logon", "category_uid": 3, "category_name": "Identity & Access Management",
            "class_uid": 3002, "class_name": "Authentication", "type_uid": 300_201, "type_name": "Authentication: Logon",
            "time": 1_584_126_941_619_u64, "severity_id": 1, "severity": "Informational", "status_id": 2, "status": "Failure",
            "status_code": "50126", "status_detail": "Invalid username or password.", "message": "sign in",
            "metadata": {
                "version": "1.8.0", "product": { "name": "Microsoft Entra ID", "vendor_name": "Microsoft", "uid": "entra" },
                "uid": "66ea54eb", "event_code": "sign-in", "log_name": "signIns", "correlation_uid": "d79f5bee",
                "original_time": "2020-03-13T19:15:41.6195833Z", "labels": ["sign-in", "interactive"],
            },
            "actor": { "user": user }, "src_endpoint": { "ip": "131.107.159.37" }, "user": user,
            "service": { "uid": "de8bc8b5", "name": "Miro" },
            "observables": [
                { "name": "src_endpoint.ip", "type_id": 2, "type": "IP Address", "value": "131.107.159.37" },
                { "name": "actor.user.email_addr", "type_id": 5, "type": "Email Address", "value": "testaccount1@contoso.com" },
            ],
            "unmapped": { "client": "Browser", "device.os": "Windows 10", "device.type": "pc", "device.tags": ["compliant"] },
            "raw_data": record,
        })
    );
}

#[test]
fn a_foreign_record_is_refused_alone() {
    let results = records(&["5".to_owned(), "{}".to_owned()]);
    assert!(results[0].is_err() && results[1].is_ok());
    let empty = ocsf("{}");
    assert_eq!((&empty["user"]["name"], &empty["service"]["name"]), (&json!("Unknown"), &json!("Microsoft Entra ID")));
}

proptest! {
    #[test]
    fn whatever_is_missing_every_event_is_valid(
        keep in proptest::collection::vec(any::<bool>(), 9),
        broken in proptest::sample::select(vec!["null", "[]", "\"x\"", "5", "\"\""]),
    ) {
        let members = [
            ("id", r#""a""#), ("createdDateTime", r#""2026-01-01T00:00:00Z""#), ("userId", r#""u""#), ("userDisplayName", r#""Ann""#),
            ("userPrincipalName", r#""ann@contoso.example""#), ("appId", r#""p""#), ("ipAddress", r#""::1""#),
            ("status", r#"{"errorCode":0}"#), ("userAgent", r#""Mozilla""#),
        ];
        let each: Vec<String> = members.iter().zip(&keep).map(|((name, value), &keep)| format!("\"{name}\":{}", if keep { value } else { broken })).collect();
        let event = ocsf(&format!("{{{}}}", each.join(",")));
        prop_assert_eq!(faults(&event), Vec::<String>::new(), "{}", event);
    }
}
