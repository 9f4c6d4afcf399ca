use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::types::Outcome;

/// The only complete event that Miro publishes, <https://developers.miro.com/v1.0/reference/log-object> (its stray comma removed).
const BOARD_OPENED: &str = r#"{
  "type": "event", "event": "board_opened",
  "details": { "role": "OWNER" },
  "createdAt": "2018-10-19T23:59:45Z",
  "createdBy": { "type": "user", "name": "Test", "id": "3074457346235995512" },
  "object": { "id": "3074457346235995523", "name": "BoardName" },
  "context": {
    "organization": { "type": "organization", "name": "CompanyName", "id": "3074457345821140123" },
    "team": { "type": "team", "name": "TeamName", "id": "3074457345710755694" },
    "ip": "10.10.10.10"
  },
  "id": "450256789"
}"#;

/// From the example values at <https://developers.miro.com/reference/enterprise-get-audit-logs>.
const SIGN_IN: &str = r#"{"id":"2023-09-01T09:30:10.840687Z#1234567890123456789-DDB","context":{"ip":"0.0.0.0","team":{"id":"1234567890123456789","name":"Example Team"},"organization":{"id":"1234567890123456789","name":"Example Organization"}},"object":{"id":"1234567890123456789","name":"Example Object"},"createdAt":"2023-09-01T09:30:10.840+0000","details":{"authType":"SSO","mfaFactorType":"NONE"},"createdBy":{"type":"user","id":"1234567890123456789","name":"John Smith","email":"John.Smith@miro.com"},"event":"sign_in_succeeded","category":"authentication"}"#;

fn read(raw: &str) -> Event {
    event(&Traits::built_in(), raw, 7)
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn a_canonical_object_is_its_own_record() {
    let event = read(SIGN_IN);
    assert_eq!(event.record, SIGN_IN);
    assert_eq!(event.id, "2023-09-01T09:30:10.840687Z#1234567890123456789-DDB");
    assert_eq!(
        (event.time, event.action.as_str(), event.category.as_deref()),
        (1_693_560_610_840, "sign_in_succeeded", Some("authentication"))
    );
    assert_eq!((event.outcome, event.traits), (Outcome::Success, vec!["sign-in".to_owned(), "interactive".to_owned()]));
    assert_eq!((event.actor.kind, event.actor.email.as_deref()), (ActorKind::User, Some("john.smith@miro.com")));
    assert_eq!(event.object.unwrap().kind, None, "nothing says what kind of thing it is");
    assert_eq!(event.team.unwrap().name.as_deref(), Some("Example Team"));
    assert_eq!(event.organization.unwrap().kind.as_deref(), Some("organization"));
    assert_eq!(event.ip.as_deref(), Some("0.0.0.0"));
    assert_eq!(event.extra, owned(&[("details.authType", "\"SSO\""), ("details.mfaFactorType", "\"NONE\"")]));
}

#[test]
fn the_published_event_comes_out_on_one_line_with_its_time_in_the_delivered_form() {
    let event = read(BOARD_OPENED);
    assert_eq!(
        event.record,
        r#"{"type":"event","event":"board_opened","details":{"role":"OWNER"},"createdAt":"2018-10-19T23:59:45.000+0000","createdBy":{"type":"user","name":"Test","id":"3074457346235995512"},"object":{"id":"3074457346235995523","name":"BoardName"},"context":{"organization":{"type":"organization","name":"CompanyName","id":"3074457345821140123"},"team":{"type":"team","name":"TeamName","id":"3074457345710755694"},"ip":"10.10.10.10"},"id":"450256789"}"#
    );
    assert_eq!((event.id.as_str(), event.time), ("450256789", 1_539_993_585_000));
    assert_eq!(event.object.unwrap().kind.as_deref(), Some("board"));
    assert_eq!(event.actor.email, None);
}

#[test]
fn only_the_time_is_rewritten() {
    let raw = r#"{ "z" : 1.50, "createdAt":"2023-09-01T11:30:10.840687+02:00" ,"n":1234567890123456789012, "e":"\u00e9\ud800", "a":{"createdAt":"2018-10-19T23:59:45Z"}}"#;
    assert_eq!(read(raw).record, raw.replace("2023-09-01T11:30:10.840687+02:00", "2023-09-01T09:30:10.840+0000"));
    for (sent, delivered) in [
        (r#"{"createdAt":1693560610840}"#, r#"{"createdAt":"2023-09-01T09:30:10.840+0000"}"#),
        (r#"{"createdAt":"2023-02-30T00:00:00Z"}"#, r#"{"createdAt":"2023-02-30T00:00:00Z"}"#),
        (r#"{"created\u0041t":"2018-10-19T23:59:45Z"}"#, r#"{"created\u0041t":"2018-10-19T23:59:45.000+0000"}"#),
        ("\t{\"a\":\r\n \"x \\\" \\\\\" }\n", r#"{"a":"x \" \\"}"#),
    ] {
        assert_eq!(read(sent).record, delivered);
    }
}

#[test]
fn a_numeric_id_keeps_its_digits() {
    assert_eq!(read(r#"{"id":1234567890123456789}"#).id, "1234567890123456789");
    assert_eq!(read(r#"{"id":12345678901234567890123}"#).id, "12345678901234567890123");
    assert_eq!(read(r#"{"createdBy":{"id":3074457346235995512}}"#).actor.id.as_deref(), Some("3074457346235995512"));
}

#[test]
fn without_an_id_one_is_made_from_the_record() {
    let first = read(r#"{"event":"board_opened","createdAt":"2018-10-19T23:59:45Z"}"#);
    let again = read(r#"{"event":"board_opened","createdAt":"2018-10-19T23:59:45.000+0000"}"#);
    assert_eq!(first.id, again.id);
    assert!(first.id.starts_with("sha256:") && first.id.len() == 71, "{}", first.id);
    assert_eq!(first.traits, ["read", "id-made"]);
    for none in [r#"{"id":null}"#, r#"{"id":""}"#, r#"{"id":{}}"#, r#"{"id":true}"#] {
        assert_eq!(read(none).id, record::made_id(none));
    }
    // Python: hashlib.sha256(b'{}').hexdigest()
    assert_eq!(read("{}").id, "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

#[test]
fn without_a_time_the_id_says_else_the_window() {
    let from_id = read(r##"{"id":"2023-09-01T09:30:10.840687Z#1-DDB","createdAt":null}"##);
    assert_eq!((from_id.time, from_id.traits), (1_693_560_610_840, vec!["unmapped".to_owned(), "time-guessed".to_owned()]));
    let from_window = read(r#"{"id":"450256789","createdAt":"soon"}"#);
    assert_eq!((from_window.time, from_window.traits.contains(&TIME_GUESSED.to_owned())), (7, true));
}

#[test]
fn what_is_no_object_is_kept() {
    for (sent, kept) in [
        ("[1,\n2]", r#"{"raw":[1,2]}"#),
        ("null", r#"{"raw":null}"#),
        ("12345678901234567890123", r#"{"raw":12345678901234567890123}"#),
        ("", r#"{"raw":""}"#),
        ("{\"a\":", r#"{"raw":"{\"a\":"}"#),
        ("{\"a\nb\":1}", r#"{"raw":"{\"a\nb\":1}"}"#),
        ("{} {}", r#"{"raw":"{} {}"}"#),
    ] {
        let event = read(sent);
        assert_eq!(event.record, kept);
        assert_eq!((event.action.as_str(), event.time, event.outcome), ("unknown", 7, Outcome::Unknown));
        assert_eq!(event.traits, ["unmapped", "time-guessed", "id-made"]);
    }
}

#[test]
fn null_or_wrong_types_everywhere_pass_through() {
    for value in ["null", "[]", "{}", "\"\"", "true", "[[{}]]", "-1e999"] {
        let raw = format!(
            r#"{{"id":"1","event":{value},"category":{value},"createdBy":{value},"object":{value},"context":{value},"details":null,"createdAt":{value}}}"#
        );
        let event = read(&raw);
        assert_eq!((event.record.as_str(), event.id.as_str()), (raw.as_str(), "1"));
        assert_eq!((event.actor.kind, event.object.is_none(), event.team.is_none(), event.ip), (ActorKind::Unknown, true, true, None));
    }
    let raw = r#"{"id":"1","context":{"ip":null,"team":null,"organization":[]},"createdBy":{"type":5,"email":null,"name":{}}}"#;
    assert_eq!(read(raw).record, raw);
}

#[test]
fn every_kind_of_actor_is_told_apart() {
    for (sent, kind) in [
        ("user", ActorKind::User),
        ("application", ActorKind::Application),
        ("scim_provisioner", ActorKind::Provisioner),
        ("miro_automation", ActorKind::Automation),
        ("robot", ActorKind::Unknown),
    ] {
        assert_eq!(read(&format!(r#"{{"createdBy":{{"type":"{sent}"}}}}"#)).actor.kind, kind);
    }
}

#[test]
fn details_are_read_as_an_object_or_as_a_string_that_contains_one() {
    for (details, extra) in [
        (
            r#"{"role":"OWNER","n":1.50,"x":null,"a":{"b":[true,{"c":2}]}}"#,
            &[("details.role", "\"OWNER\""), ("details.n", "1.50"), ("details.a.b.0", "true"), ("details.a.b.1.c", "2")][..],
        ),
        (
            r#""{ \"authType\": \"SSO\", \"mfaFactorType\": \"NONE\" }""#,
            &[("details.authType", "\"SSO\""), ("details.mfaFactorType", "\"NONE\"")],
        ),
        (r#""{ broken""#, &[("details", r#""{ broken""#)]),
        (r#""words""#, &[("details", "\"words\"")]),
        (r#"{"a":1,"a":2}"#, &[("details.a", "2")]),
        (r#"["a"]"#, &[("details.0", "\"a\"")]),
        ("null", &[]),
        ("{}", &[]),
    ] {
        assert_eq!(read(&format!(r#"{{"details":{details}}}"#)).extra, owned(extra), "{details}");
    }
}

#[test]
fn the_last_of_repeated_keys_counts_and_both_are_kept() {
    let raw =
        r#"{"id":"1","event":"a","event":"board_opened","id":"2","createdAt":"2018-10-19T23:59:45Z","createdAt":"2018-10-19T23:59:46Z"}"#;
    let event = read(raw);
    assert_eq!((event.id.as_str(), event.action.as_str(), event.time), ("2", "board_opened", 1_539_993_586_000));
    assert_eq!(event.record, raw.replace("45Z", "45.000+0000").replace("46Z", "46.000+0000"));
}

#[test]
fn deep_nesting_lone_surrogates_and_long_strings_are_no_trouble() {
    let deep = format!(
        r#"{{"id":"1","details":{}{},"x":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000),
        r#"{"a":"#.repeat(50_000),
        format_args!("1{}", "}".repeat(50_000))
    );
    let read_deep = read(&deep);
    assert_eq!((read_deep.id.as_str(), read_deep.traits), ("1", ["unmapped", "flattened", "time-guessed"].map(str::to_owned).to_vec()));
    let kept: serde_json::Value = serde_json::from_str(&read_deep.record).unwrap();
    assert!(kept["details"][0].is_array() && read_deep.record.len() > deep.len() && kept["x"]["a"].is_object(), "as a text, whole");
    let (one, other) = (read(r#"{"id":"\ud800","event":"\udfff"}"#), read(r#"{"id":"\ud801"}"#));
    assert_eq!((one.id.as_str(), other.id.as_str(), one.action.as_str()), ("\\ud800", "\\ud801", "\\udfff"));
    assert_eq!(read(r#"{"\ud800":1,"details":{"\ud800":1}}"#).extra.len(), 1);
    let long = format!(r#"{{"id":"1","details":{{"text":"{}","role":"OWNER"}}}}"#, "x".repeat(2_000_000));
    assert_eq!((read(&long).record == long, read(&long).extra), (true, owned(&[("details.role", "\"OWNER\"")])));
}

#[test]
fn a_stored_record_that_is_no_object_is_refused_alone() {
    let told = BTreeMap::from([("board_opened".to_owned(), vec!["seen".to_owned()])]);
    let results = records(&Traits::new(&told), &["[]".to_owned(), r#"{"event":"board_opened"}"#.to_owned()]);
    assert!(results[0].as_ref().unwrap_err().contains("not one JSON object"));
    assert_eq!(results[1].as_ref().unwrap().traits[0], "seen");
}

/// Arbitrary JSON, with Miro's own keys among the keys.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
        Just("2018-10-19T23:59:45Z".into()),
        Just(r#"{"a":{"b":1}}"#.into()),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = prop_oneof![
            ".{0,6}",
            proptest::sample::select(vec![
                "id",
                "createdAt",
                "event",
                "createdBy",
                "context",
                "team",
                "details",
                "object",
                "type",
                "name",
                "email",
                "ip"
            ])
            .prop_map(str::to_owned)
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::vec((key, inner), 0..8).prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn every_field_is_kept_and_a_record_is_the_same_event_again(sent in any_json(), pretty: bool) {
        let raw = if pretty { serde_json::to_string_pretty(&sent) } else { serde_json::to_string(&sent) }.unwrap();
        let first = read(&raw);
        prop_assert!(!first.record.contains(['\n', '\r']) && !first.id.is_empty());
        if sent.as_object().is_some_and(|sent| !pretty && !sent.contains_key("createdAt")) {
            prop_assert_eq!(&first.record, &raw, "not a byte is touched without need");
        }
        let mut kept: serde_json::Value = serde_json::from_str(&first.record).unwrap();
        if let (Some(sent), Some(kept)) = (sent.as_object(), kept.as_object_mut()) {
            prop_assert!(kept.keys().eq(sent.keys()));
            if let Some(at) = sent.get("createdAt") {
                kept.insert("createdAt".to_owned(), at.clone());
            }
            prop_assert_eq!(&*kept, sent);
        } else {
            prop_assert_eq!(&kept["raw"], &sent);
        }
        let mut again = records(&Traits::built_in(), std::slice::from_ref(&first.record)).remove(0).unwrap();
        if again.time == 0 {
            again.time = first.time;
        }
        prop_assert_eq!(format!("{first:?}"), format!("{again:?}"));
    }

    #[test]
    fn no_text_panics_and_every_record_is_an_object(raw in any::<String>(), json in "[\\[\\]{}\",:0-9a-f\\\\ \n]{0,40}") {
        for raw in [raw, json] {
            let event = read(&raw);
            prop_assert!(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&event.record).is_ok() || event.record.contains("\\u"));
        }
    }
}

#[test]
fn what_is_longer_than_a_host_takes_fails_no_page() {
    let long = "x".repeat(70_000);
    let odd = read(&format!(
        r#"{{"id":"{long}","event":"{long}","category":"{long}","createdBy":{{"id":"{long}","name":"{long}","email":"{long}"}},"object":{{"id":"1","name":"{long}"}},"context":{{"ip":"{long}"}}}}"#
    ));
    assert!(odd.id.starts_with("sha256:") && odd.traits.iter().any(|name| name == ID_MADE), "{}", odd.id);
    assert_eq!((odd.action.as_str(), odd.category, odd.ip), (UNKNOWN_ACTION, None, None));
    assert_eq!((odd.actor.id, odd.actor.name, odd.actor.email), (None, None, None));
    assert_eq!(odd.object.map(|object| (object.id, object.name)), Some((Some("1".to_owned()), None)));
    assert!(odd.record.contains(&long));
    // The name of a fact is the path to it.
    let key = "k".repeat(300);
    let deep = format!(r#"{{"details":{{"near":1,"{key}":{{"{key}":{{"{key}":{{"{key}":2}}}}}}}}}}"#);
    assert_eq!(read(&deep).extra, owned(&[("details.near", "1")]));
}
