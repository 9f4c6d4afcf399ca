use std::collections::BTreeMap;

use ocsf_schema::faults;
use proptest::prelude::*;

use super::*;

fn ocsf(record: &str) -> Value {
    serde_json::from_str(&records(&Traits::built_in(), &[record.to_owned()]).remove(0).unwrap()).unwrap()
}

/// A whole event of this name.
fn named(action: &str) -> String {
    format!(
        r#"{{"id":"e-1","event":"{action}","category":"c","createdAt":"2018-10-19T23:59:45.000+0000","details":{{"role":"OWNER"}},"createdBy":{{"type":"user","id":"1","name":"Ann","email":"Ann@example.com"}},"object":{{"id":"9","name":"Nine"}},"context":{{"ip":"203.0.113.7","team":{{"id":"5","name":"Five"}},"organization":{{"id":"3","name":"Three"}}}}}}"#
    )
}

#[test]
fn event_names_become_the_classes_of_the_table() {
    for (action, type_uid) in [
        ("sign_in_succeeded", 300_201),
        ("sign_in_failed", 300_201),
        ("sign_out_succeeded", 300_202),
        ("board_opened", 600_102),
        ("board_created", 600_101),
        ("board_updated", 600_103),
        ("board_deleted", 600_104),
        ("board_exported", 600_107),
        ("board_shared", 600_108),
        ("user_invited", 300_199),
        ("user_created", 300_101),
        ("user_deactivated", 300_105),
        ("user_reactivated", 300_102),
        ("account_deleted", 300_106),
        ("user_password_changed", 300_103),
        ("mfa_enabled", 300_110),
        ("user_role_changed", 300_501),
        ("admin_role_revoked", 300_502),
        ("team_created", 300_606),
        ("team_member_removed", 300_604),
        ("sso_settings_updated", 300_403),
        ("scim_enabled", 300_408),
        ("company_name_changed", 300_403),
        ("organization_user_deactivated", 300_105),
        ("app_installed", 600_201),
        ("scim_token_generated", 600_301),
        ("unheard_of", 600_399),
    ] {
        let event = ocsf(&named(action));
        assert_eq!((&event["type_uid"], faults(&event)), (&json!(type_uid), Vec::new()), "{action}");
    }
}

#[test]
fn every_activity_of_the_table_has_a_caption() {
    for (class, activity) in table::chosen() {
        assert!(activity == OTHER || class.activity(activity).is_some(), "{class:?} {activity}");
    }
}

#[test]
fn a_sign_in_says_who_whence_and_how() {
    // Example values from https://developers.miro.com/reference/enterprise-get-audit-logs
    let record = r#"{"id":"2023-09-01T09:30:10.840687Z#1234567890123456789-DDB","context":{"ip":"0.0.0.0","organization":{"id":"1234567890123456789","name":"Example Organization"}},"createdAt":"2023-09-01T09:30:10.840+0000","details":{"authType":"SSO","mfaFactorType":"NONE"},"createdBy":{"type":"user","id":"1234567890123456789","name":"John Smith","email":"john.smith@miro.com"},"event":"sign_in_succeeded","category":"authentication"}"#;
    assert_eq!(
        ocsf(record),
        json!({
            "activity_id": 1, "activity_name": "Logon", "category_uid": 3, "category_name": "Identity & Access Management",
            "class_uid": 3002, "class_name": "Authentication", "type_uid": 300_201, "type_name": "Authentication: Logon",
            "time": 1_693_560_610_840_u64, "severity_id": 1, "severity": "Informational", "status_id": 1, "status": "Success",
            "message": "sign in succeeded",
            "metadata": {
                "version": "1.8.0", "product": { "name": "Miro", "vendor_name": "Miro", "uid": "miro" },
                "uid": "2023-09-01T09:30:10.840687Z#1234567890123456789-DDB", "event_code": "sign_in_succeeded", "log_name": "authentication",
                "original_time": "2023-09-01T09:30:10.840+0000", "tenant_uid": "1234567890123456789", "labels": ["sign-in", "interactive"],
            },
            "actor": { "user": { "uid": "1234567890123456789", "name": "John Smith", "email_addr": "john.smith@miro.com", "type_id": 1, "type": "User" } },
            "src_endpoint": { "ip": "0.0.0.0" },
            "user": { "uid": "1234567890123456789", "name": "John Smith", "email_addr": "john.smith@miro.com", "type_id": 1, "type": "User" },
            "service": { "name": "Miro" }, "is_mfa": false, "auth_protocol_id": 99, "auth_protocol": "SSO",
            "observables": [
                { "name": "src_endpoint.ip", "type_id": 2, "type": "IP Address", "value": "0.0.0.0" },
                { "name": "actor.user.email_addr", "type_id": 5, "type": "Email Address", "value": "john.smith@miro.com" },
            ],
            "unmapped": { "details.mfaFactorType": "NONE", "context.organization.id": "1234567890123456789", "context.organization.name": "Example Organization" },
            "raw_data": record,
        })
    );
}

#[test]
fn the_host_profile_is_named_where_it_carries_the_actor() {
    for action in ["board_opened", "app_installed"] {
        let event = ocsf(&named(action));
        assert_eq!((&event["metadata"]["profiles"], &event["actor"]["user"]["uid"]), (&json!(["host"]), &json!("1")), "{action}");
    }
    assert_eq!(ocsf(&named("board_opened"))["web_resources"], json!([{ "uid": "9", "name": "Nine", "type": "board" }]));
    let app = ocsf(&named("app_installed"));
    assert_eq!((&app["unmapped"]["context_ip"], app.get("src_endpoint")), (&json!("203.0.113.7"), None));
    assert_eq!(ocsf(&named("user_created"))["metadata"].get("profiles"), None);
}

#[test]
fn an_event_that_lacks_what_its_class_requires_takes_the_next_one() {
    for (record, type_uid) in [
        (r#"{"event":"sign_in_failed"}"#, 300_201),
        (r#"{"event":"user_created"}"#, 300_401),
        (r#"{"event":"user_deleted"}"#, 300_404),
        (r#"{"event":"user_reactivated"}"#, 300_408),
        (r#"{"event":"user_deactivated"}"#, 300_409),
        (r#"{"event":"team_created"}"#, 300_401),
        (r#"{"event":"team_deleted"}"#, 300_404),
        (r#"{"event":"team_member_added"}"#, 300_403),
        (r#"{"event":"user_role_changed","object":{"id":"9"}}"#, 300_403),
        (r#"{"event":"scim_token_generated"}"#, 300_401),
        (r#"{"event":"board_opened"}"#, 99),
        (r#"{"event":"board_opened","createdBy":{"email":"a@b"},"context":{"ip":"::1"}}"#, 600_399),
        (r#"{"event":"app_installed","context":{"ip":"::1"}}"#, 99),
        (r#"{"event":"unheard_of","object":{"name":"x"},"context":{"ip":"no address"}}"#, 600_199),
        ("{}", 99),
    ] {
        let event = ocsf(record);
        assert_eq!((&event["type_uid"], faults(&event)), (&json!(type_uid), Vec::new()), "{record}");
    }
}

#[test]
fn teams_are_groups_and_members_are_users() {
    let joined = ocsf(&named("team_member_added"));
    assert_eq!((&joined["group"], &joined["user"]["uid"]), (&json!({ "uid": "5", "name": "Five" }), &json!("9")));
    assert_eq!(ocsf(&named("team_created"))["group"], json!({ "uid": "9", "name": "Nine" }));
}

#[test]
fn numbers_keep_their_digits_and_a_foreign_record_is_refused_alone() {
    let event = ocsf(r#"{"event":"x","details":{"a":1234567890123456789012,"b":1.50,"c":7}}"#);
    assert_eq!(event["unmapped"], json!({ "details.a": "1234567890123456789012", "details.b": "1.50", "details.c": 7 }));
    let results = records(&Traits::new(&BTreeMap::new()), &["5".to_owned(), "{}".to_owned()]);
    assert!(results[0].is_err() && results[1].is_ok());
}

proptest! {
    #[test]
    fn whatever_is_missing_every_event_is_valid(
        action in "(board|user|team|app|role|token|sso|mfa|password|sign_in|sign_out|thing)_(created|opened|deleted|changed|added|invited|enabled|shared|failed|seen)",
        keep in proptest::collection::vec(any::<bool>(), 6),
        broken in proptest::sample::select(vec!["null", "[]", "\"x\"", "5"]),
    ) {
        let members = [
            (r#""id""#, r#""e-1""#), (r#""createdAt""#, r#""2018-10-19T23:59:45Z""#), (r#""createdBy""#, r#"{"email":"a@b"}"#),
            (r#""object""#, r#"{"name":"n"}"#), (r#""context""#, r#"{"ip":"203.0.113.7","team":{"id":"5"}}"#), (r#""details""#, r#"{"role":"r"}"#),
        ];
        let rest: String = members.iter().zip(&keep).map(|((name, value), &keep)| format!(",{name}:{}", if keep { value } else { broken })).collect();
        let event = ocsf(&format!(r#"{{"event":"{action}"{rest}}}"#));
        prop_assert_eq!(faults(&event), Vec::<String>::new(), "{}", event);
    }
}
