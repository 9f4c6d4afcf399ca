//! The control door: what [`World`] can be told and asked in Rust, as JSON over HTTP. The README lists it.

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    answer::Answer,
    directory::{Departure, Part, Person},
    entra::App,
    fault::Rule,
    sign_in::SignIn,
    world::World,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewEvent {
    /// Milliseconds; now where absent.
    created: Option<u64>,
    /// Milliseconds; `created` where absent.
    visible_from: Option<u64>,
    /// A realistic event of that name …
    name: Option<String>,
    /// … or exactly this record.
    record: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scoped {
    scope: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leaving {
    departure: Departure,
    /// Milliseconds; now where absent.
    at: Option<u64>,
}

/// One call. Everything it can say is in the status and the JSON.
pub(crate) fn answer(world: &World, request: &Request<Bytes>, now: u64) -> Answer {
    let path: Vec<&str> = request.uri().path().split('/').filter(|part| !part.is_empty()).collect();
    let done = match (request.method().as_str(), path.as_slice()) {
        ("GET", []) => Ok(
            json!({ "see": "/account /lost /calls /effects /records /visible /settings /rules /events /tokens /people /members /apps /sign-ins" }),
        ),
        ("GET", ["account"]) => Ok(json!(world.account(now))),
        ("GET", ["lost"]) => Ok(json!(world.lost(now))),
        ("GET", ["calls"]) => Ok(json!(world.calls())),
        ("GET", ["effects"]) => Ok(json!(world.effects())),
        ("GET", ["people"]) => Ok(json!(world.people(now))),
        ("GET", ["played", part]) => read(json!(part).to_string().as_bytes()).map(|part: Part| json!(world.played(part))),
        ("POST", ["people"]) => read::<Person>(request.body()).map(|person| json!({ "id": world.add_person(person) })),
        ("POST", ["people", id]) => change(world, id, request.body(), now),
        ("POST", ["people", id, "depart"]) => read::<Leaving>(request.body()).map(|it| {
            world.depart(id, it.departure, it.at.unwrap_or(now));
            Value::Null
        }),
        ("POST", ["sign-ins"]) => read::<SignIn>(request.body()).map(|it| {
            let at = if it.at == 0 { now } else { it.at };
            json!({ "id": world.sign_in(SignIn { at, ..it }) })
        }),
        ("GET", ["groups"]) => Ok(json!(world.groups())),
        ("GET", ["members"]) => Ok(json!(world.members())),
        ("GET", ["apps"]) => Ok(json!({ "tenant": world.tenant(), "apps": world.apps() })),
        ("POST", ["apps"]) => read::<App>(request.body()).map(|app| {
            world.register(app);
            Value::Null
        }),
        ("GET", ["records"]) => return records(world, request),
        ("GET", ["visible"]) => return lines(world.visible(now).into_iter()),
        ("GET", ["settings"]) => Ok(json!(world.settings())),
        ("POST", ["settings"]) => set(world, request.body()),
        ("GET", ["rules"]) => Ok(rules(world)),
        ("POST", ["rules"]) => read::<Rule>(request.body()).map(|rule| json!({ "id": world.add_rule(rule) })),
        ("DELETE", ["rules"]) => {
            world.clear_rules();
            Ok(Value::Null)
        }
        ("DELETE", ["rules", id]) => match id.parse().is_ok_and(|id| world.remove_rule(id)) {
            true => Ok(Value::Null),
            false => return Answer::json(404, &json!({ "error": "no rule of that id" })),
        },
        ("POST", ["events"]) => read::<NewEvent>(request.body()).map(|event| add(world, event, now)),
        ("POST", ["tokens", "static"]) => match request.body().is_empty() {
            true => Ok(json!({ "access_token": world.issue_static() })),
            false => read::<Scoped>(request.body()).map(|it| json!({ "access_token": world.issue_static_with(&it.scope) })),
        },
        ("GET", ["tokens", "scim"]) => Ok(json!({ "token": world.scim_token() })),
        ("POST", ["tokens", "pair"]) => {
            let pair = world.issue(now);
            Ok(json!({ "access_token": pair.access, "refresh_token": pair.refresh }))
        }
        ("POST", ["tokens", "revoke"]) => read::<Named>(request.body()).map(|it| json!({ "revoked": world.revoke(&it.token) })),
        ("POST", ["tokens", "expire"]) => read::<Named>(request.body()).map(|it| json!({ "expired": world.expire(&it.token) })),
        ("POST", ["sumo", "regenerate"]) => Ok(json!({ "token": world.regenerate_sumo(), "path": world.sumo_path() })),
        _ => return Answer::json(404, &json!({ "error": "no such call; see /" })),
    };
    match done {
        Ok(body) => Answer::json(200, &body),
        Err(wrong) => Answer::json(400, &json!({ "error": wrong })),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|wrong| wrong.to_string())
}

fn rules(world: &World) -> Value {
    world.lock().faults.list().map(|(id, rule, struck)| json!({ "id": id, "struck": struck, "rule": rule })).collect()
}

/// Lays a partial object over the settings; what it does not name stays.
fn set(world: &World, body: &[u8]) -> Result<Value, String> {
    let change: Value = read(body)?;
    let mut all = json!(world.settings());
    lay(&mut all, change);
    let settings = serde_json::from_value(all.clone()).map_err(|wrong| wrong.to_string())?;
    world.set(|current| *current = settings);
    Ok(all)
}

/// Lays a partial person over somebody, by object id or UPN.
fn change(world: &World, key: &str, body: &[u8], now: u64) -> Result<Value, String> {
    let change: Value = read(body)?;
    let people = world.people(now);
    let mut all = json!(people.iter().find(|person| person.answers_to(key)).ok_or("nobody of that id")?);
    lay(&mut all, change);
    let changed: Person = serde_json::from_value(all.clone()).map_err(|wrong| wrong.to_string())?;
    world.change_person(key, |person| *person = changed);
    Ok(all)
}

fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                lay(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

fn add(world: &World, event: NewEvent, now: u64) -> Value {
    let created = event.created.unwrap_or(now);
    let visible_from = event.visible_from.unwrap_or(created);
    match event.record {
        Some(record) => {
            world.insert(created, visible_from, &record);
            json!({ "id": record.get("id") })
        }
        None => json!({ "id": world.add_event(created, visible_from, event.name.as_deref().unwrap_or("board_opened")) }),
    }
}

/// `?skip=` and `?limit=`; one line of JSON for each record.
fn records(world: &World, request: &Request<Bytes>) -> Answer {
    let query = request.uri().query().unwrap_or_default();
    let number =
        |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok());
    let records = world.records().into_iter().skip(number("skip").unwrap_or(0)).take(number("limit").unwrap_or(1000));
    lines(records.map(|record| {
        let line = String::from_utf8_lossy(&record.line);
        json!({ "id": record.id, "received": record.received, "metadata": *record.metadata, "line": line }).to_string()
    }))
}

fn lines(lines: impl Iterator<Item = String>) -> Answer {
    Answer::text(200, "application/x-ndjson", lines.map(|line| line + "\n").collect::<String>())
}
