//! What leaves, and that nothing in it is more than text.

use proptest::prelude::*;

use super::*;

fn closed() -> Alert {
    let closing = Closing::new(Verdict::Benign, Some(Reason::Test), Some("pentest".into()), Suppress::Usual).unwrap();
    let state = after(&State::Open, &Step::Close(closing), "ann", NOON).unwrap();
    Alert { state, ..alert() }
}

#[test]
fn an_alert_is_an_ocsf_detection_finding() {
    let told = ocsf(&alert(), Activity::Create);
    let at = |pointer: &str| told.pointer(pointer).cloned().unwrap_or_default();
    for (pointer, value) in [
        ("/class_uid", serde_json::json!(2004)),
        ("/type_uid", serde_json::json!(200_401)),
        ("/severity_id", serde_json::json!(3)),
        ("/status_id", serde_json::json!(1)),
        ("/time", serde_json::json!(NOON.0)),
        ("/metadata/version", serde_json::json!("1.8.0")),
        ("/metadata/product/name", serde_json::json!("miro-source")),
        ("/finding_info/uid", serde_json::json!("acme/7")),
        ("/finding_info/analytic/type_id", serde_json::json!(2)),
        ("/finding_info/attacks/0/technique/uid", serde_json::json!("T1078")),
        ("/finding_info/attacks/0/sub_technique/uid", serde_json::json!("T1078.004")),
        ("/finding_info/attacks/1/tactic/uid", serde_json::json!("TA0001")),
        ("/finding_info/related_events/1/uid", serde_json::json!("e2")),
        ("/evidences/0/actor/user/email_addr", serde_json::json!("eve@example.com")),
        ("/evidences/0/src_endpoint/ip", serde_json::json!("203.0.113.7")),
        ("/anomaly_analyses/0/analysis_targets/0/name", serde_json::json!("eve@example.com")),
        ("/anomaly_analyses/0/baselines/0/observation_parameter", serde_json::json!("usual countries")),
        ("/anomaly_analyses/0/baselines/0/observations/1/value", serde_json::json!("FR")),
    ] {
        assert_eq!(at(pointer), value, "{pointer} of {told:#}");
    }
    assert!(!told.to_string().contains("null"), "{told:#}");
}

/// The whole life of an alert, of an incident, and of what little may be known.
#[test]
fn whatever_is_told_is_what_the_published_schema_says() {
    let in_progress = Alert { state: State::InProgress { who: "ann".into() }, ..alert() };
    let incident = Alert::incident(&Cause::Place("203.0.113.7".into()), &[alert(), alert()], NOON).unwrap();
    let held = Alert { incident: Some(AlertId(9)), kind: Kind::Activity, ..alert() };
    let bare = Alert { story: Story { title: "t".into(), ..Story::default() }, ..alert() };
    let known = |who: Who| Alert { story: Story { who, addresses: Vec::new(), ..alert().story }, ..alert() };
    let only_email = known(Who { email: Some("eve@example.com".into()), ..Who::default() });
    let only_name = known(Who { name: Some("Eve".into()), ..Who::default() });
    for alert in [alert(), in_progress, closed(), incident, held, bare, only_email, only_name] {
        for activity in [Activity::Create, Activity::Update, Activity::Close] {
            let told = ocsf(&alert, activity);
            assert_eq!(ocsf_schema::faults(&told), Vec::<String>::new(), "{told:#}");
        }
    }
}

#[test]
fn closing_says_what_it_was() {
    let told = ocsf(&closed(), Activity::Close);
    let at = |name: &str| told[name].clone();
    assert_eq!((at("activity_id"), at("type_uid"), at("status_id"), at("verdict_id")), (3.into(), 200_403.into(), 4.into(), 5.into()));
    assert_eq!((at("comment"), at("status_detail")), ("pentest".into(), "test".into()));
    let taken = ocsf(&Alert { state: State::InProgress { who: "ann".into() }, ..alert() }, Activity::Update);
    assert_eq!((taken["status_id"].clone(), taken["assignee"]["name"].clone()), (2.into(), "ann".into()));
}

#[test]
fn an_incident_relates_the_alerts_it_lists() {
    let incident = Alert::incident(&Cause::Policy("travel".into()), &[alert(), alert()], NOON).unwrap();
    let told = ocsf(&incident, Activity::Create);
    assert_eq!(
        told["finding_info"]["related_events"],
        serde_json::json!([{"uid": "acme/7", "type_uid": 200_401}, {"uid": "acme/7", "type_uid": 200_401}])
    );
    assert_eq!((told["count"].clone(), told.get("anomaly_analyses")), (2.into(), None));
}

/// The layout is that of a published example: <https://learn.microsoft.com/en-us/defender-cloud-apps/siem>
#[test]
fn an_alert_of_an_activity_policy_is_the_agents_line() {
    let mut alert = Alert { kind: Kind::Activity, policy: "myPolicy".into(), ..alert() };
    alert.story.addresses.push("2001:db8::1".into());
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        cef(&alert),
        format!(
            "2026-03-01T12:00:00.000Z CEF:0|MCAS|SIEM_Agent|{version}|ALERT_CABINET_EVENT_MATCH_AUDIT|myPolicy|5|externalId=7 \
             start=1772366399000 end=1772366400000 msg=Activity policy ''myPolicy'' was triggered by ''eve@example.com'' \
             suser=eve@example.com destinationServiceName=acme src=203.0.113.7 cn1Label=riskScore cn1= cs1Label=portalURL cs1= \
             cs2Label=uniqueServiceAppIds cs2=APPID_ACME cs3Label=relatedAudits cs3=e1,e2 cs4Label=policyIDs cs4=myPolicy \
             c6a1Label=\"Device IPv6 Address\" c6a1=2001:db8::1"
        )
    );
    let travel = Alert { kind: Kind::Anomaly, policy: "impossible-travel".into(), ..alert };
    assert!(cef(&travel).contains("|MCAS_ALERT_ANUBIS_DETECTION_VELOCITY|impossible-travel|5|"));
}

#[test]
fn what_means_something_to_cef_is_escaped() {
    let mut alert = alert();
    alert.policy = "a|b\\c\nd".into();
    alert.story.title = "x=1 y\\z\r\nCEF:0|evil".into();
    let line = cef(&alert);
    assert!(line.contains("|a\\|b\\\\c d|5|"), "{line}");
    assert!(line.contains("msg=x\\=1 y\\\\z\\r\\nCEF:0|evil suser="), "{line}");
}

/// What an attacker may call a board, or himself.
fn hostile() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "|",
        "\\",
        "=",
        "\n",
        "\r\n",
        "\u{1b}[2J",
        "\u{1b}]0;root\u{7}",
        "\u{202e}",
        "\u{2066}",
        "\u{feff}",
        "<script>alert(1)</script>",
        "\"",
        "'",
        ",",
        "=cmd|' /C calc'!A0",
        "+1",
        "@SUM(1)",
        "suser=",
        "CEF:0|",
        "\u{e0041}",
        "\u{9b}31m",
        "\0",
        "\u{2028}",
        "日本",
        "é",
    ]);
    prop::collection::vec(prop_oneof![4 => nasty.prop_map(str::to_owned), 1 => any::<String>()], 0..8).prop_map(|parts| parts.concat())
}

fn deceives(line: &str) -> bool {
    crate::neutral::visible(line) != line
}

/// The header's fields and the extension, as a reader of CEF takes a line apart.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '|' if fields.len() < 8 => fields.push(String::new()),
            '\\' if fields.len() < 8 => fields.last_mut().unwrap().extend(chars.next()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

/// The keys of an extension: words before an `=` that nothing escapes.
fn keys(extension: &str) -> Vec<String> {
    let (mut keys, mut word, mut escaped) = (Vec::new(), String::new(), false);
    for c in extension.chars() {
        match (escaped, c) {
            (true, _) => (escaped, word) = (false, String::new()),
            (false, '\\') => escaped = true,
            (false, '=') => keys.push(std::mem::take(&mut word)),
            (false, c) if c.is_ascii_alphanumeric() => word.push(c),
            (false, _) => word.clear(),
        }
    }
    keys
}

proptest! {
    #[test]
    fn names_that_an_attacker_wrote_forge_no_field_no_line_and_nothing_on_screen(
        title in hostile(), name in hostile(), policy in hostile(), reason in hostile(), address in hostile(), event in hostile(),
    ) {
        let mut alert = closed();
        alert.policy = policy;
        alert.story = Story {
            title: title.clone(),
            reasons: vec![reason.clone()],
            who: Who { id: None, email: None, name: Some(name.clone()) },
            addresses: vec![address],
            events: vec![event],
            baseline: serde_json::json!({ name.clone(): reason.clone() }),
            ..alert.story
        };

        let line = render(&alert, Activity::Close, AlertFormat::Ocsf);
        prop_assert!(!deceives(&line), "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(read["message"].as_str().unwrap(), title.as_str());
        prop_assert_eq!(&read["class_uid"], 2004);
        prop_assert_eq!(ocsf_schema::faults(&read), Vec::<String>::new(), "{}", line);

        let line = render(&alert, Activity::Close, AlertFormat::Cef);
        prop_assert!(!deceives(&line), "{line}");
        let parts = fields(&line);
        prop_assert_eq!(parts.len(), 8, "{}", line);
        prop_assert_eq!(&parts[6], "5", "{}", line);
        let own = [
            "externalId", "start", "end", "msg", "suser", "destinationServiceName", "src", "cn1Label", "cn1", "cs1Label", "cs1", "cs2Label",
            "cs2", "cs3Label", "cs3", "cs4Label", "cs4", "c6a1Label", "c6a1",
        ];
        prop_assert_eq!(keys(&parts[7]), own, "{}", line);
    }
}
