//! An alert as an OCSF 1.8.0 Detection Finding.
//!
//! <https://schema.ocsf.io/1.8.0/classes/detection_finding>

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::{Activity, Alert, Form, Kind, Severity, State, Story, Verdict, Who};

const CLASS: u64 = 2004;

/// The finding. Its texts are as the detector wrote them: whoever prints it makes them harmless first, as
/// [`render`](super::render) does.
pub fn ocsf(alert: &Alert, activity: Activity) -> Value {
    let (activity_id, activity_name) = match activity {
        Activity::Create => (1, "Create"),
        Activity::Update => (2, "Update"),
        Activity::Close => (3, "Close"),
    };
    let (severity_id, severity) = match alert.story.severity {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
    };
    let (status_id, status) = match alert.state {
        State::Open => (1, "New"),
        State::InProgress { .. } => (2, "In Progress"),
        State::Closed(_) => (4, "Resolved"),
    };
    let mut finding = json!({
        "activity_id": activity_id,
        "activity_name": activity_name,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("Detection Finding: {activity_name}"),
        "time": alert.changed,
        "start_time": alert.story.start,
        "end_time": alert.story.end,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "is_alert": true,
        "count": alert.count,
        "message": alert.story.title,
        "metadata": {
            "version": "1.8.0",
            "product": { "name": "miro-source", "vendor_name": "miro-source", "version": env!("CARGO_PKG_VERSION") },
            "profiles": ["incident"],
            "log_name": alert.source,
            "tenant_uid": alert.source,
            "correlation_uid": alert.incident.map(|incident| uid(alert, incident.0)),
        },
        "finding_info": info(alert),
        "evidences": evidences(&alert.story),
        "anomaly_analyses": analyses(alert),
    });
    if let Value::Object(finding) = &mut finding {
        people(alert, finding);
        prune(finding);
    }
    finding
}

fn uid(alert: &Alert, id: i64) -> String {
    format!("{}/{id}", alert.source)
}

/// Who works on it, and what came of it: the profile `incident`.
fn people(alert: &Alert, finding: &mut Map<String, Value>) {
    match &alert.state {
        State::Open => {}
        State::InProgress { who } => {
            finding.insert("assignee".to_owned(), json!({ "name": who }));
        }
        State::Closed(closure) => {
            let (verdict_id, verdict) = match closure.verdict {
                Verdict::FalsePositive => (1, "False Positive"),
                Verdict::TruePositive => (2, "True Positive"),
                Verdict::Benign => (5, "Benign"),
            };
            finding.insert("verdict_id".to_owned(), json!(verdict_id));
            finding.insert("verdict".to_owned(), json!(verdict));
            finding.insert("assignee".to_owned(), json!({ "name": closure.who }));
            finding.insert("status_detail".to_owned(), json!(closure.reason.map(super::Reason::as_str)));
            finding.insert("comment".to_owned(), json!(closure.comment));
        }
    }
}

fn info(alert: &Alert) -> Value {
    let (type_id, kind) = match alert.kind {
        Kind::Activity => (1, "Rule"),
        Kind::Anomaly => (2, "Behavioral"),
    };
    let related: Vec<Value> = match alert.form {
        Form::Incident(_) => {
            alert.members.iter().map(|member| json!({ "uid": uid(alert, member.0), "type_uid": CLASS * 100 + 1 })).collect()
        }
        _ => alert.story.events.iter().map(|event| json!({ "uid": event })).collect(),
    };
    let mut info = json!({
        "uid": uid(alert, alert.id.0),
        "title": alert.story.title,
        "desc": alert.story.reasons.join("\n"),
        "types": ["Threat Detection"],
        "analytic": { "name": alert.policy, "uid": format!("{}/{}", alert.detector, alert.policy), "type_id": type_id, "type": kind },
        "attacks": alert.story.attacks.iter().filter_map(|id| attack(id)).collect::<Vec<_>>(),
        "created_time": alert.raised,
        "modified_time": alert.changed,
        "first_seen_time": alert.story.start,
        "last_seen_time": alert.story.end,
        "data_sources": [alert.source],
        "related_events": related,
        "related_events_count": alert.count,
    });
    if let Value::Object(info) = &mut info {
        prune(info);
    }
    info
}

/// `TA0001`, `T1078` or `T1078.004`.
fn attack(id: &str) -> Option<Value> {
    let version = "v16";
    if id.starts_with("TA") {
        return Some(json!({ "tactic": { "uid": id }, "version": version }));
    }
    let technique = id.split('.').next().filter(|id| id.starts_with('T'))?;
    Some(match id == technique {
        true => json!({ "technique": { "uid": id }, "version": version }),
        false => json!({ "technique": { "uid": technique }, "sub_technique": { "uid": id }, "version": version }),
    })
}

/// One for each address, all of the same actor.
fn evidences(story: &Story) -> Vec<Value> {
    let user = user(&story.who);
    let evidence = |address: Option<&String>| {
        let mut evidence = Map::new();
        if let Some(user) = &user {
            evidence.insert("actor".to_owned(), json!({ "user": user }));
        }
        if let Some(address) = address {
            // What is no address is at least a name.
            let is_one = address.parse::<IpAddr>().is_ok();
            evidence.insert("src_endpoint".to_owned(), json!({ (if is_one { "ip" } else { "name" }): address }));
        }
        Value::Object(evidence)
    };
    match (story.addresses.is_empty(), &user) {
        (true, None) => Vec::new(),
        (true, Some(_)) => vec![evidence(None)],
        (false, _) => story.addresses.iter().map(|address| evidence(Some(address))).collect(),
    }
}

/// A user has an identifier or a name: an e-mail address alone is taken as the name.
fn user(who: &Who) -> Option<Value> {
    let name = who.name.as_ref().or(who.email.as_ref().filter(|_| who.id.is_none()));
    let email = who.email.as_deref().filter(|text| is_email(text));
    let mut user = Map::new();
    for (key, value) in [("uid", who.id.as_deref()), ("name", name.map(String::as_str)), ("email_addr", email)] {
        user.extend(value.filter(|text| !text.is_empty()).map(|text| (key.to_owned(), text.into())));
    }
    (user.contains_key("uid") || user.contains_key("name")).then_some(Value::Object(user))
}

/// Whether OCSF takes a text for an e-mail address: its `email_t` knows letters, digits and some signs around one `@`.
fn is_email(text: &str) -> bool {
    let Some((who, host)) = text.rsplit_once('@') else { return false };
    let Some((first, rest)) = host.split_once('.') else { return false };
    let name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+,-./=?^_`{|}~".contains(c);
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = who.chars().all(name) && first.chars().all(label) && rest.chars().all(|c| label(c) || c == '.');
    fits && [who, first, rest].iter().all(|part| !part.is_empty())
}

/// What was observed, beside what it was compared with.
fn analyses(alert: &Alert) -> Value {
    let Some(baseline) = alert.story.baseline.as_object().filter(|baseline| !baseline.is_empty()) else { return Value::Null };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values = |value: &Value| match value {
        Value::Array(all) => all.iter().map(|each| json!({ "value": text(each) })).collect(),
        one => vec![json!({ "value": text(one) })],
    };
    let seen = if alert.story.reasons.is_empty() { std::slice::from_ref(&alert.story.title) } else { &alert.story.reasons };
    let observed: Vec<Value> = seen.iter().map(|seen| json!({ "value": seen })).collect();
    let compared: Vec<Value> =
        baseline.iter().map(|(name, value)| json!({ "observation_parameter": name, "observations": values(value) })).collect();
    let target = alert.story.who.shown();
    json!([{
        "analysis_targets": [{ "name": if target.is_empty() { alert.source.as_str() } else { target } }],
        "anomalies": [{ "observation_parameter": alert.policy, "observations": observed }],
        "baselines": compared,
    }])
}

/// OCSF has no `null`: what is not known is left out.
fn prune(object: &mut Map<String, Value>) {
    object.retain(|_, value| {
        if let Value::Object(inner) = value {
            prune(inner);
        }
        !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty())
    });
}
