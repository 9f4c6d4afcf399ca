//! That what is wrong is refused: a check that accepts everything would let everything pass.

use serde_json::{Value, json};

use crate::faults;

fn finding() -> Value {
    json!({
        "activity_id": 1, "activity_name": "Create", "category_uid": 2, "category_name": "Findings",
        "class_uid": 2004, "class_name": "Detection Finding", "type_uid": 200_401, "type_name": "Detection Finding: Create",
        "time": 1_772_366_400_000_u64, "severity_id": 3, "severity": "Medium", "is_alert": true,
        "metadata": { "version": "1.8.0", "product": { "name": "x" }, "profiles": ["incident"] },
        "finding_info": { "uid": "7", "title": "t", "attacks": [{ "technique": { "uid": "T1078" } }] },
        "evidences": [{ "actor": { "user": { "name": "eve", "email_addr": "eve@example.com" } }, "src_endpoint": { "ip": "2001:db8::1" } }],
        "verdict_id": 99, "verdict": "in our own words", "unmapped": { "whatever": [null] },
    })
}

#[test]
fn what_is_right_has_no_fault() {
    assert_eq!(faults(&finding()), Vec::<String>::new());
}

#[test]
fn each_fault_is_named_where_it_is() {
    let wrong: &[(&str, Value, &str)] = &[
        ("/time", Value::Null, "time: null is no long_t"),
        ("/time", json!("2026-03-01"), "time: \"2026-03-01\" is no long_t"),
        ("/time", json!(-1), "time: -1 is no timestamp_t"),
        ("/severity_id", json!(7), "severity_id: 7 is not one of"),
        ("/severity", json!("High"), "severity_id: 3 is called \"Medium\", not \"High\""),
        ("/type_uid", json!(200_402), "type_uid: 200402 is not 2004 * 100 + 1"),
        ("/type_name", json!("Detection Finding: New"), "type_uid: 200401 is called \"Detection Finding: Create\""),
        ("/class_uid", json!(2003), "class_uid: 2003 is no class of this cut"),
        ("/is_alert", json!("true"), "is_alert: \"true\" is no boolean_t"),
        ("/surprise", json!(1), "surprise: there is no such attribute"),
        ("/metadata/version", json!("1.7.0"), "metadata.version: Some(\"1.7.0\") is not 1.8.0"),
        ("/metadata/product", json!({ "vendor_name": "x" }), "metadata.product: at_least_one of"),
        ("/metadata/profiles", json!(["datetimes"]), "metadata.profiles: the class has no profile datetimes"),
        ("/metadata/profiles", json!(["host"]), "verdict: it needs one of the profiles [\"incident\"]"),
        ("/finding_info", json!({ "title": "t" }), "finding_info.uid: it is missing"),
        ("/finding_info/attacks", json!([]), "finding_info.attacks: an empty list says nothing"),
        ("/finding_info/attacks", json!({}), "finding_info.attacks: it is no list"),
        ("/finding_info/attacks/0", json!({ "version": "v16" }), "finding_info.attacks[0]: at_least_one of"),
        ("/finding_info/related_events", json!([{ "title": "x" }]), "finding_info.related_events[0].uid: it is missing"),
        ("/evidences/0/actor/user", json!({ "email_addr": "eve@example.com" }), "evidences[0].actor.user: at_least_one of"),
        ("/evidences/0/actor/user/email_addr", json!("eve"), "evidences[0].actor.user.email_addr: \"eve\" is no email_t"),
        ("/evidences/0/src_endpoint/ip", json!("1.2.3"), "evidences[0].src_endpoint.ip: \"1.2.3\" is no ip_t"),
        ("/evidences/0/src_endpoint/port", json!(70_000), "evidences[0].src_endpoint.port: 70000 is no port_t"),
        ("/evidences/0/src_endpoint", json!("1.2.3.4"), "evidences[0].src_endpoint: it is no object"),
        ("/unmapped", json!("text"), "unmapped: object is not in this cut of the schema"),
    ];
    for (way, value, what) in wrong {
        let mut event = finding();
        let (holder, name) = way.rsplit_once('/').unwrap();
        let holder = event.pointer_mut(holder).unwrap();
        match name.parse::<usize>() {
            Ok(place) => holder[place] = value.clone(),
            Err(_) => holder[name] = value.clone(),
        }
        let found = faults(&event);
        assert!(found.iter().any(|fault| fault.starts_with(what)), "{way} {value}: {found:#?}");
    }
}

#[test]
fn whatever_is_required_is_missed() {
    for name in ["activity_id", "category_uid", "finding_info", "metadata", "severity_id", "time", "type_uid"] {
        let mut event = finding();
        event.as_object_mut().unwrap().remove(name);
        assert!(faults(&event).contains(&format!("{name}: it is missing")), "{name}: {:#?}", faults(&event));
    }
    assert_eq!(faults(&json!([])), ["it is no object"]);
}

/// Where none of two is there, and no event of this class says which service it was about.
#[test]
fn a_class_has_constraints_too() {
    let mut event = finding();
    for (name, value) in [("class_uid", json!(3002)), ("class_name", json!("Authentication")), ("type_uid", json!(300_201))] {
        event[name] = value;
    }
    assert!(faults(&event).contains(&"event: at_least_one of [\"service\", \"dst_endpoint\"] does not hold".to_owned()));
}
