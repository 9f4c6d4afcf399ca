//! Events in the Open Cybersecurity Schema Framework, version 1.8.0, <https://schema.ocsf.io/1.8.0>.
//!
//! A stored record becomes an event (see [`normalize`]); a table (`table.rs`) gives it a class and an
//! activity. Where the event lacks what the class requires, the next of these that can be filled is taken:
//!
//! 1. the table's class;
//! 2. Entity Management, where the table's class is about identity, access or the API: it needs no more than a name;
//! 3. API Activity / Other, with an actor and an address;
//! 4. Web Resources Activity / Other, with an object;
//! 5. the base event.
//!
//! What always holds: every attribute that the class requires is there; `time` is in milliseconds; `metadata.uid` is Miro's
//! identifier and `raw_data` its whole record; what has no place in the class stands under `unmapped` by its dotted name.
//!
//! Two choices worth knowing. Web Resources Activity, Application Lifecycle and the base event say who acted only by the
//! profile `host`, so that is named where it is used. A sign-in that names nobody has the user `Unknown`, since the class
//! requires one and a failed sign-in is worth keeping in its class.

mod class;
mod object;
mod table;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use self::{
    class::Class,
    object::{Object, put},
    table::OTHER,
};
use crate::{
    normalize::{self, Traits, json as source},
    types::{Entity, Event, Outcome},
};

/// The version of the schema.
pub const VERSION: &str = "1.8.0";

/// Stored records as OCSF events, in order. A record that holds no time at all gets the time 0.
#[must_use]
pub fn records(traits: &Traits<'_>, records: &[String]) -> Vec<Result<String, String>> {
    records.iter().map(|record| normalize::stored(traits, record).map(|event| of(&event))).collect()
}

/// One event.
fn of(event: &Event) -> String {
    let (class, activity, own) = shape(event);
    let (category, category_name) = class.category();
    let activity_name = class.activity(activity).unwrap_or(&event.action);
    let (status, status_name) = match event.outcome {
        Outcome::Success => (1, "Success"),
        Outcome::Failure => (2, "Failure"),
        Outcome::Unknown => (0, "Unknown"),
    };
    let actor = object::actor(&event.actor);
    let by_profile = !class.has_actor() && actor.is_some();
    let source = object::source(event);

    let mut out = Object::new();
    put(&mut out, "activity_id", Some(activity));
    put(&mut out, "activity_name", Some(activity_name));
    put(&mut out, "category_uid", Some(category));
    put(&mut out, "category_name", Some(category_name));
    put(&mut out, "class_uid", Some(class.uid()));
    put(&mut out, "class_name", Some(class.name()));
    put(&mut out, "type_uid", Some(class.uid() * 100 + activity));
    put(&mut out, "type_name", Some(format!("{}: {}", class.name(), class.activity(activity).unwrap_or("Other"))));
    put(&mut out, "time", Some(event.time));
    put(&mut out, "severity_id", Some(1));
    put(&mut out, "severity", Some("Informational"));
    put(&mut out, "status_id", Some(status));
    put(&mut out, "status", Some(status_name));
    put(&mut out, "message", Some(normalize::words::words(&event.action).join(" ")));
    put(&mut out, "metadata", Some(metadata(event, by_profile)));
    put(&mut out, "actor", actor);
    let observables = observables(event, class, out.get("actor"), source.as_ref());
    let unmapped = unmapped(event, class, &own, source.is_some());
    if class.has_source() {
        put(&mut out, "src_endpoint", source);
    }
    out.extend(own);
    put(&mut out, "observables", observables);
    put(&mut out, "unmapped", unmapped);
    put(&mut out, "raw_data", Some(event.record.as_str()));
    Value::Object(out).to_string()
}

/// The class, the activity, and the attributes that only this class has.
fn shape(event: &Event) -> (Class, u32, Object) {
    let chosen = table::find(&event.action);
    if let Some((class, activity)) = chosen {
        if let Some(own) = fill(event, class, activity) {
            return (class, activity, own);
        }
        if class.category().0 == 3 || class == Class::ApiActivity {
            let activity = of_entity(class, activity);
            return (Class::EntityManagement, activity, Object::from_iter([("entity".to_owned(), object::managed(event))]));
        }
    }
    let others = [Class::ApiActivity, Class::WebResources];
    let other = others.into_iter().find_map(|class| fill(event, class, OTHER).map(|own| (class, OTHER, own)));
    other.unwrap_or_else(|| (Class::Base, OTHER, Object::new()))
}

/// What Entity Management calls an activity of another class.
fn of_entity(class: Class, activity: u32) -> u32 {
    match (class, activity) {
        (Class::ApiActivity, activity) => activity,
        // Created, enabled, disabled, deleted.
        (Class::AccountChange, 1) | (Class::GroupManagement, 6) => 1,
        (Class::AccountChange, 2) => 8,
        (Class::AccountChange, 5) => 9,
        (Class::AccountChange, 6) | (Class::GroupManagement, 5) => 4,
        _ => 3,
    }
}

/// The attributes that the class requires beyond the base event, and those of its own that the event has a value for.
/// `None` where one that is required has none.
fn fill(event: &Event, class: Class, activity: u32) -> Option<Object> {
    let mut own = Object::new();
    let target = event.object.as_ref();
    match class {
        Class::Base => {}
        Class::Authentication => {
            put(
                &mut own,
                "user",
                object::acting_user(&event.actor).or_else(|| Some(json!({ "name": "Unknown", "type_id": 0, "type": "Unknown" }))),
            );
            put(&mut own, "service", Some(json!({ "name": "Miro" })));
            put(&mut own, "is_mfa", object::fact(event, &[MFA]).map(|factor| !factor.eq_ignore_ascii_case("none")));
            if let Some(protocol) = object::fact(event, &[PROTOCOL]) {
                put(&mut own, "auth_protocol_id", Some(protocol_id(&protocol)));
                put(&mut own, "auth_protocol", Some(protocol));
            }
        }
        Class::AccountChange => {
            // A person changes their own password and factors, and then there may be no object.
            let own_user = matches!(activity, 3 | 4 | 10 | 11).then(|| object::acting_user(&event.actor)).flatten();
            own.insert("user".to_owned(), target.map(object::target_user).or(own_user)?);
        }
        Class::UserAccess => {
            own.insert("user".to_owned(), object::target_user(target?));
            own.insert("privileges".to_owned(), json!([object::fact(event, RIGHTS)?]));
        }
        Class::GroupManagement => {
            let (group, user) = group(event, activity)?;
            own.insert("group".to_owned(), object::named(group).into());
            put(&mut own, "user", user.map(object::target_user));
        }
        Class::EntityManagement => {
            own.insert("entity".to_owned(), object::managed(event));
        }
        Class::WebResources => {
            let mut resource = object::named(target?);
            put(&mut resource, "type", target.and_then(|target| target.kind.clone()));
            own.insert("web_resources".to_owned(), json!([resource]));
        }
        Class::ApplicationLifecycle => {
            own.insert("app".to_owned(), object::named(target?).into());
        }
        Class::ApiActivity => {
            (object::actor(&event.actor).is_some() && object::source(event).is_some()).then_some(())?;
            own.insert("api".to_owned(), json!({ "operation": event.action, "service": { "name": "Miro" } }));
            if let Some(target) = target {
                let mut resource = object::named(target);
                put(&mut resource, "type", target.kind.clone());
                own.insert("resources".to_owned(), json!([resource]));
            }
        }
    }
    Some(own)
}

const MFA: &str = "details.mfaFactorType";
const PROTOCOL: &str = "details.authType";
const RIGHTS: &[&str] = &["details.role", "details.newRole", "details.effectiveRole", "details.permission", "details.license"];

/// The group, and who joined or left it. A Miro team is a group. Of a membership the object may be either side.
fn group(event: &Event, activity: u32) -> Option<(&Entity, Option<&Entity>)> {
    let (object, team) = (event.object.as_ref(), event.team.as_ref());
    if matches!(activity, 5 | 6) {
        return object.or(team).map(|group| (group, None));
    }
    match (object, team) {
        (Some(object), Some(team)) if object.id != team.id => Some((team, Some(object))),
        (object, team) => team.or(object).map(|group| (group, None)),
    }
}

fn protocol_id(protocol: &str) -> u32 {
    match protocol.to_ascii_lowercase().as_str() {
        "openid" | "oidc" | "openid_connect" => 4,
        "saml" | "saml2" => 5,
        "oauth" | "oauth2" | "oauth_2" => 6,
        _ => 99,
    }
}

fn metadata(event: &Event, host_profile: bool) -> Object {
    let [created_at] = source::members(&event.record, &["createdAt"]).unwrap_or_default();
    let mut metadata = Object::new();
    put(&mut metadata, "version", Some(VERSION));
    put(&mut metadata, "product", Some(json!({ "name": "Miro", "vendor_name": "Miro", "uid": "miro" })));
    put(&mut metadata, "uid", Some(event.id.as_str()));
    put(&mut metadata, "event_code", Some(event.action.as_str()));
    put(&mut metadata, "log_name", event.category.clone());
    put(&mut metadata, "original_time", source::owned(created_at));
    put(&mut metadata, "tenant_uid", event.organization.as_ref().and_then(|organization| organization.id.clone()));
    put(&mut metadata, "labels", (!event.traits.is_empty()).then(|| event.traits.clone()));
    put(&mut metadata, "profiles", host_profile.then(|| vec!["host"]));
    metadata
}

/// What an analyst would search for, with the attribute that holds it.
fn observables(event: &Event, class: Class, actor: Option<&Value>, source: Option<&Value>) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    if let Some(ip) = source.and_then(|source| source.get("ip")) {
        let name = if class.has_source() { "src_endpoint.ip" } else { IP };
        found.push(json!({ "name": name, "type_id": 2, "type": "IP Address", "value": ip }));
    }
    if let Some(email) = object::address(&event.actor).filter(|_| actor.is_some()) {
        found.push(json!({ "name": "actor.user.email_addr", "type_id": 5, "type": "Email Address", "value": email }));
    }
    (!found.is_empty()).then_some(found)
}

const IP: &str = "unmapped.context_ip";

/// What the class has no place for.
fn unmapped(event: &Event, class: Class, own: &Object, has_source: bool) -> Option<Object> {
    let mut rest = Object::new();
    for (name, fact) in &event.extra {
        let placed = own.contains_key("auth_protocol") && name == PROTOCOL;
        if !placed {
            rest.insert(name.clone(), object::value(fact));
        }
    }
    if !(class.has_source() && has_source) {
        put(&mut rest, "context_ip", event.ip.clone());
    }
    if object::address(&event.actor).is_none() {
        put(&mut rest, "createdBy.email", event.actor.email.clone());
    }
    let placed = ["web_resources", "app", "resources", "entity"].iter().any(|name| own.contains_key(*name));
    let as_user_or_group = matches!(class, Class::AccountChange | Class::UserAccess | Class::GroupManagement);
    let entities = [
        ("object", event.object.as_ref().filter(|_| !placed && !as_user_or_group)),
        ("context.team", event.team.as_ref()),
        ("context.organization", event.organization.as_ref()),
    ];
    for (name, entity) in entities {
        let Some(entity) = entity else { continue };
        put(&mut rest, &format!("{name}.id"), entity.id.clone());
        put(&mut rest, &format!("{name}.name"), entity.name.clone());
    }
    (!rest.is_empty()).then_some(rest)
}
