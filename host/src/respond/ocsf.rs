//! A record of the governance log as an OCSF 1.8.0 Remediation Activity.
//!
//! <https://schema.ocsf.io/1.8.0/classes/remediation_activity>
//!
//! `raw_data` is the [`line`](Record::line) itself: whoever got the events of all records can check the chain. There is no
//! `metadata.uid`: searches take that for the identifier of an event of the vendor.

use serde_json::{Map, Value, json};

use super::{Action, Cause, Changed, Deed, Kind, Record, Response, Said, State, Switch, Switched};
use crate::{alert::Severity, model::Instant};

const CLASS: u64 = 7001;
/// What OCSF has no number for.
const OTHER: u64 = 99;

/// The activity. Where a record does not say what the host writes, its line alone.
pub fn ocsf(record: &Record) -> Value {
    match record.said() {
        Ok(Said::Response(changed)) => response(record, &changed),
        Ok(Said::Switch(switched)) => switch(record, &switched),
        Ok(Said::Deed(told)) => deed(record, &told),
        Err(_) => Value::Object(activity(record, (0, "Unknown"), "unknown", Instant::EPOCH)),
    }
}

fn response(record: &Record, changed: &Changed) -> Value {
    let Changed { at, who, after, .. } = changed;
    let whom = after.target.shown();
    let mut event = activity(record, done(after.action), &format!("{}/response/{}", after.source, after.id), *at);
    let (severity_id, severity) = match &after.cause {
        Cause::Policy { severity, .. } => graded(*severity),
        Cause::Person { .. } => (0, "Unknown"),
    };
    let (status_id, status) = match after.state {
        State::Succeeded => (1, "Success"),
        State::Failed => (2, "Failure"),
        _ => (OTHER, after.state.as_str()),
    };
    let asked = match &after.cause {
        Cause::Policy { policy, .. } => policy,
        Cause::Person { who, .. } => who,
    };
    let dry = if after.dry_run { " (dry run)" } else { "" };
    event.extend(object(json!({
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_detail": after.outcome,
        "message": format!("{} {whom} with {}{dry}: {}", after.action, after.responder, after.state.as_str()),
        "start_time": after.made,
        "remediation": { "desc": format!("{} {whom} with {}, asked for by {asked}", after.action, after.responder) },
        "observables": observables(after),
        "unmapped": {
            "hash": record.hash,
            "response": after.id,
            "action": after.action,
            "responder": after.responder,
            "state": after.state.as_str(),
            "dry_run": after.dry_run,
            "changed_by": who,
        },
    })));
    if let Some(Value::Object(metadata)) = event.get_mut("metadata") {
        metadata.insert("tenant_uid".to_owned(), json!(after.source));
        if let Some(alert) = after.cause.alert() {
            metadata.insert("correlation_uid".to_owned(), json!(format!("{}/{alert}", after.source)));
        }
    }
    pruned(event)
}

fn switch(record: &Record, switched: &Switched) -> Value {
    let Switched { at, who, switch, why } = switched;
    let (name, what) = match switch {
        Switch::Stop => ("Stop", "stopped"),
        Switch::Resume => ("Resume", "resumed"),
    };
    let mut event = activity(record, (OTHER, name), &format!("switch/{}", record.number), *at);
    event.extend(object(json!({
        "severity_id": 1,
        "severity": "Informational",
        "status_id": 1,
        "status": "Success",
        "status_detail": why,
        "message": format!("all actions are {what} by {who}"),
        "unmapped": { "hash": record.hash, "switch": switch, "changed_by": who },
    })));
    pruned(event)
}

fn deed(record: &Record, told: &Deed) -> Value {
    let Deed { at, who, deed, about, .. } = told;
    let (status_id, status) = if *deed == Kind::Failed { (2, "Failure") } else { (1, "Success") };
    let mut event = activity(record, (OTHER, deed.as_str()), &format!("deed/{}", record.number), *at);
    event.extend(object(json!({
        "severity_id": 1,
        "severity": "Informational",
        "status_id": status_id,
        "status": status,
        "message": format!("{}: {about}", deed.as_str()),
        "unmapped": { "hash": record.hash, "deed": deed, "changed_by": who },
    })));
    pruned(event)
}

/// What every one says.
fn activity(record: &Record, (activity_id, activity_name): (u64, &str), command: &str, at: Instant) -> Map<String, Value> {
    let kind = if activity_id == OTHER { "Other" } else { activity_name };
    object(json!({
        "activity_id": activity_id,
        "activity_name": activity_name,
        "category_uid": 7,
        "category_name": "Remediation",
        "class_uid": CLASS,
        "class_name": "Remediation Activity",
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("Remediation Activity: {kind}"),
        "time": at,
        "severity_id": 0,
        "severity": "Unknown",
        "command_uid": command,
        "metadata": {
            "version": "1.8.0",
            "product": { "name": "miro-source", "vendor_name": "miro-source", "version": env!("CARGO_PKG_VERSION") },
            "log_name": "governance",
            "sequence": record.number,
        },
        "raw_data": record.line(),
    }))
}

/// MITRE D3FEND, whose tactics these are: to lock an account and to end its sessions is to evict; to tell somebody is none of it.
fn done(action: Action) -> (u64, &'static str) {
    match action {
        Action::Suspend | Action::SignOut => (2, "Evict"),
        Action::Restore => (3, "Restore"),
        Action::Notify => (OTHER, "Notify"),
        Action::ConfirmCompromised => (OTHER, "Confirm Compromised"),
    }
}

fn graded(severity: Severity) -> (u64, &'static str) {
    match severity {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
    }
}

/// Whose account it is, as the alert or the person called them and as the vendor does.
fn observables(response: &Response) -> Vec<Value> {
    let (target, account) = (&response.target, response.account.as_ref());
    let email = target.email.as_ref().or_else(|| account?.emails.first());
    let id = target.id.as_ref().or_else(|| Some(&account?.id));
    let named = [("target", 4, "User Name", email), ("target", 31, "User Object: uid", id)];
    let each = named.into_iter().filter_map(|(name, type_id, kind, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(json!({ "name": name, "type_id": type_id, "type": kind, "value": value }))
    });
    each.collect()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// OCSF has no `null`: what is not known is left out.
fn pruned(mut event: Map<String, Value>) -> Value {
    event.retain(|_, value| {
        if let Value::Object(inner) = value {
            inner.retain(|_, value| !value.is_null());
        }
        !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty())
    });
    Value::Object(event)
}
