//! Sign-ins in the Open Cybersecurity Schema Framework, version 1.8.0: class Authentication, activity Logon,
//! <https://schema.ocsf.io/1.8.0/classes/authentication>.
//!
//! What always holds: every attribute that the class requires is there; `time` is in milliseconds; `metadata.uid` is Entra's
//! identifier and `raw_data` its whole record; what has no place in the class stands under `unmapped` by its dotted name.
//!
//! A sign-in that names nobody has the user `Unknown`, since the class requires one and a failed sign-in is worth keeping in it.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use guest_source::json as source;
use serde_json::{Map, Value, json};

use crate::{
    normalize,
    types::{Actor, Event, Outcome},
};

/// The version of the schema.
pub const VERSION: &str = "1.8.0";

type Object = Map<String, Value>;

/// Stored records as OCSF events, in order. A record that holds no time at all gets the time 0.
#[must_use]
pub fn records(records: &[String]) -> Vec<Result<String, String>> {
    records.iter().map(|record| normalize::stored(record).map(|event| of(&event))).collect()
}

/// One event.
fn of(event: &Event) -> String {
    let (status, status_name) = match event.outcome {
        Outcome::Success => (1, "Success"),
        Outcome::Failure => (2, "Failure"),
        Outcome::Unknown => (0, "Unknown"),
    };
    let user = user(&event.actor);
    let source = event.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok()).map(|ip| json!({ "ip": ip.to_string() }));
    let mut out = Object::new();
    put(&mut out, "activity_id", Some(1));
    put(&mut out, "activity_name", Some("Logon"));
    put(&mut out, "category_uid", Some(3));
    put(&mut out, "category_name", Some("Identity & Access Management"));
    put(&mut out, "class_uid", Some(3002));
    put(&mut out, "class_name", Some("Authentication"));
    put(&mut out, "type_uid", Some(300_201));
    put(&mut out, "type_name", Some("Authentication: Logon"));
    put(&mut out, "time", Some(event.time));
    put(&mut out, "severity_id", Some(1));
    put(&mut out, "severity", Some("Informational"));
    put(&mut out, "status_id", Some(status));
    put(&mut out, "status", Some(status_name));
    put(&mut out, "status_code", fact(event, CODE).map(|code| text(&code)));
    put(&mut out, "status_detail", fact(event, REASON).map(|reason| text(&reason)));
    put(&mut out, "message", Some("sign in"));
    put(&mut out, "metadata", Some(metadata(event)));
    put(&mut out, "actor", user.clone().map(|user| json!({ "user": user })));
    let observables = observables(event, source.as_ref(), user.is_some());
    let unmapped = unmapped(event, source.is_some());
    put(&mut out, "src_endpoint", source);
    put(&mut out, "user", user.or_else(|| Some(json!({ "name": "Unknown", "type_id": 0, "type": "Unknown" }))));
    put(&mut out, "service", Some(service(event)));
    put(&mut out, "observables", observables);
    put(&mut out, "unmapped", unmapped);
    put(&mut out, "raw_data", Some(event.record.as_str()));
    Value::Object(out).to_string()
}

const CODE: &str = "status.error_code";
const REASON: &str = "status.reason";

/// Adds what is there.
fn put(object: &mut Object, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}

/// `user`. OCSF wants a `uid` or a `name`: an e-mail address alone is taken as the name.
fn user(actor: &Actor) -> Option<Value> {
    let mut user = Object::new();
    put(&mut user, "uid", actor.id.clone());
    put(&mut user, "name", actor.name.clone().or_else(|| if actor.id.is_none() { actor.email.clone() } else { None }));
    if user.is_empty() {
        return None;
    }
    put(&mut user, "email_addr", address(actor));
    put(&mut user, "type_id", Some(1));
    put(&mut user, "type", Some("User"));
    Some(user.into())
}

/// An e-mail address that OCSF takes for one: its `email_t` knows letters, digits and some signs around one `@`.
fn address(actor: &Actor) -> Option<&str> {
    let email = actor.email.as_deref()?;
    let (who, host) = email.rsplit_once('@')?;
    let (first, rest) = host.split_once('.')?;
    let name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+,-./=?^_`{|}~".contains(c);
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = who.chars().all(name) && first.chars().all(label) && rest.chars().all(|c| label(c) || c == '.');
    (fits && [who, first, rest].iter().all(|part| !part.is_empty())).then_some(email)
}

/// What was signed in to.
fn service(event: &Event) -> Object {
    let mut service = Object::new();
    let app = event.object.as_ref();
    put(&mut service, "uid", app.and_then(|app| app.id.clone()));
    put(&mut service, "name", app.map_or_else(|| Some("Microsoft Entra ID".to_owned()), |app| app.name.clone()));
    service
}

fn metadata(event: &Event) -> Object {
    let [created, correlation] = source::members(&event.record, &["createdDateTime", "correlationId"]).unwrap_or_default();
    let mut metadata = Object::new();
    put(&mut metadata, "version", Some(VERSION));
    put(&mut metadata, "product", Some(json!({ "name": "Microsoft Entra ID", "vendor_name": "Microsoft", "uid": "entra" })));
    put(&mut metadata, "uid", Some(event.id.as_str()));
    put(&mut metadata, "event_code", Some(event.action.as_str()));
    put(&mut metadata, "log_name", event.category.clone());
    put(&mut metadata, "correlation_uid", source::owned(correlation));
    put(&mut metadata, "original_time", source::owned(created));
    put(&mut metadata, "labels", Some(event.traits.clone()));
    metadata
}

/// What an analyst would search for, with the attribute that holds it.
fn observables(event: &Event, source: Option<&Value>, user: bool) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    if let Some(ip) = source.and_then(|source| source.get("ip")) {
        found.push(json!({ "name": "src_endpoint.ip", "type_id": 2, "type": "IP Address", "value": ip }));
    }
    if let Some(email) = address(&event.actor).filter(|_| user) {
        found.push(json!({ "name": "actor.user.email_addr", "type_id": 5, "type": "Email Address", "value": email }));
    }
    (!found.is_empty()).then_some(found)
}

/// What the class has no place for.
fn unmapped(event: &Event, has_source: bool) -> Option<Object> {
    let mut rest = Object::new();
    for (name, json) in event.extra.iter().filter(|(name, _)| ![CODE, REASON].contains(&name.as_str())) {
        rest.insert(name.clone(), value(json));
    }
    if !has_source {
        put(&mut rest, "ipAddress", event.ip.clone());
    }
    if address(&event.actor).is_none() {
        put(&mut rest, "userPrincipalName", event.actor.email.clone());
    }
    put(&mut rest, "userAgent", event.user_agent.clone());
    (!rest.is_empty()).then_some(rest)
}

fn fact(event: &Event, name: &str) -> Option<Value> {
    event.extra.iter().find(|(known, _)| known == name).map(|(_, json)| value(json))
}

/// A fact's JSON as a value. A number that would not survive is its text.
fn value(fact: &str) -> Value {
    match serde_json::from_str(fact) {
        Ok(Value::Number(number)) if number.to_string() != fact => fact.into(),
        Ok(value) => value,
        Err(_) => fact.into(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
