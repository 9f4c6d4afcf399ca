//! The parts of an OCSF event, each only where it satisfies its object's own constraints.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use crate::{
    normalize::words,
    types::{Actor, ActorKind, Entity, Event},
};

/// An object under construction.
pub(super) type Object = Map<String, Value>;

/// Adds what is there.
pub(super) fn put(object: &mut Object, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}

/// `user` of whoever acted. OCSF wants a `uid` or a `name`: an e-mail address alone is taken as the name.
pub(super) fn acting_user(actor: &Actor) -> Option<Value> {
    let mut user = Object::new();
    put(&mut user, "uid", actor.id.clone());
    put(&mut user, "name", actor.name.clone().or_else(|| if actor.id.is_none() { actor.email.clone() } else { None }));
    if user.is_empty() {
        return None;
    }
    put(&mut user, "email_addr", address(actor));
    let (kind, name) = match actor.kind {
        ActorKind::User => (1, "User"),
        ActorKind::Automation => (3, "System"),
        ActorKind::Application | ActorKind::Provisioner => (4, "Service"),
        ActorKind::Unknown => (0, "Unknown"),
    };
    put(&mut user, "type_id", Some(kind));
    put(&mut user, "type", Some(name));
    Some(user.into())
}

/// An e-mail address that OCSF takes for one: its `email_t` knows letters, digits and some signs around one `@`.
pub(super) fn address(actor: &Actor) -> Option<&str> {
    let email = actor.email.as_deref()?;
    let (who, host) = email.rsplit_once('@')?;
    let (first, rest) = host.split_once('.')?;
    let name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+,-./=?^_`{|}~".contains(c);
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = who.chars().all(name) && first.chars().all(label) && rest.chars().all(|c| label(c) || c == '.');
    (fits && [who, first, rest].iter().all(|part| !part.is_empty())).then_some(email)
}

/// `actor`.
pub(super) fn actor(actor: &Actor) -> Option<Value> {
    acting_user(actor).map(|user| json!({ "user": user }))
}

/// `src_endpoint`, where the address is one.
pub(super) fn source(event: &Event) -> Option<Value> {
    let ip: IpAddr = event.ip.as_deref()?.parse().ok()?;
    Some(json!({ "ip": ip.to_string() }))
}

/// A user who was acted upon.
pub(super) fn target_user(entity: &Entity) -> Value {
    let mut user = named(entity);
    put(&mut user, "type_id", Some(1));
    put(&mut user, "type", Some("User"));
    user.into()
}

/// `web_resource`, `group`, `product`: whatever has a `uid` and a `name`, at least one of them.
pub(super) fn named(entity: &Entity) -> Object {
    let mut object = Object::new();
    put(&mut object, "uid", entity.id.clone());
    put(&mut object, "name", entity.name.clone());
    object
}

/// `managed_entity`: the event's object, else the thing that its name speaks of.
pub(super) fn managed(event: &Event) -> Value {
    let kind = event.object.as_ref().and_then(|object| object.kind.as_deref()).or_else(|| words::kind(&words::words(&event.action)));
    let mut entity = event.object.as_ref().map_or_else(|| Object::from_iter([("name".to_owned(), event.action.clone().into())]), named);
    let (type_id, name) = match kind {
        Some("user" | "account" | "role" | "license") => (2, "User"),
        Some("team" | "group") => (3, "Group"),
        Some("organization") => (4, "Organization"),
        Some("setting" | "domain") => (5, "Policy"),
        other => (99, other.unwrap_or("other")),
    };
    put(&mut entity, "type_id", Some(type_id));
    put(&mut entity, "type", Some(name));
    entity.into()
}

/// A fact's JSON as a value. A number that would not survive is its text.
pub(super) fn value(fact: &str) -> Value {
    match serde_json::from_str(fact) {
        Ok(Value::Number(number)) if number.to_string() != fact => fact.into(),
        Ok(value) => value,
        Err(_) => fact.into(),
    }
}

/// A fact as text, by the first of its possible names.
pub(super) fn fact(event: &Event, names: &[&str]) -> Option<String> {
    let (_, json) = names.iter().find_map(|name| event.extra.iter().find(|(known, _)| known == name))?;
    match value(json) {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}
