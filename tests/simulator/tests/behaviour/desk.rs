//! A client as plain as can be: it builds requests and reads answers, and decides nothing.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::Request;
use serde_json::Value;
use simulator::{Answer, Key, Organization, Settings, Spec, World};

/// Start and end of the default span, and a moment after everything has happened and become visible.
pub(crate) const FROM: u64 = 1_767_225_600_000;
pub(crate) const TO: u64 = FROM + 86_400_000;
pub(crate) const LATER: u64 = TO + 86_400_000;

pub(crate) fn world(events: usize) -> World {
    world_of(Spec { events, ..Spec::default() })
}

pub(crate) fn world_of(spec: Spec) -> World {
    World::new(Organization::generate(7, spec), Settings::default())
}

/// Milliseconds as the API wants its bounds.
pub(crate) fn bound(ms: u64) -> String {
    let id = Key { micros: ms * 1000, serial: 0 }.id();
    format!("{}Z", id.split_at("2023-09-01T09:30:10.840".len()).0)
}

pub(crate) fn query(after: u64, before: u64, limit: usize, cursor: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("createdAfter", &bound(after)).append_pair("createdBefore", &bound(before));
    query.append_pair("limit", &limit.to_string()).append_pair("sorting", "ASC");
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    query.finish()
}

pub(crate) fn get(world: &World, path: &str, token: &str, now: u64) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {token}")).body(Bytes::new()).unwrap();
    world.miro(&request, now)
}

pub(crate) fn audit(world: &World, token: &str, query: &str, now: u64) -> Answer {
    get(world, &format!("/v2/audit/logs?{query}"), token, now)
}

pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

pub(crate) fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Every event of a window as records, page by page until there is no cursor.
pub(crate) fn drain(world: &World, token: &str, (after, before): (u64, u64), limit: usize, now: u64) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let answer = audit(world, token, &query(after, before, limit, cursor.as_deref()), now);
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let mut page = json(&answer);
        cursor = page["cursor"].as_str().filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        all.append(page["data"].as_array_mut().unwrap());
        if cursor.is_none() {
            return all;
        }
    }
}

pub(crate) fn form(world: &World, body: &str, now: u64) -> Answer {
    let request = Request::post("/v1/oauth/token").header("content-type", "application/x-www-form-urlencoded");
    world.miro(&request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap(), now)
}

pub(crate) fn refresh(world: &World, token: &str, now: u64) -> Answer {
    let (id, secret) = (world.client_id(), world.client_secret());
    form(world, &format!("grant_type=refresh_token&client_id={id}&client_secret={secret}&refresh_token={token}"), now)
}

pub(crate) fn gzip(text: &str) -> Bytes {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap().into()
}

/// A POST as a good sender sends it.
pub(crate) fn post(world: &World, text: &str, now: u64) -> Answer {
    post_with(world, &[("content-encoding", "gzip"), ("x-sumo-category", "miro"), ("x-sumo-name", "acme")], gzip(text), now)
}

pub(crate) fn post_with(world: &World, headers: &[(&str, &str)], body: Bytes, now: u64) -> Answer {
    let mut request = Request::post(world.sumo_path());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.sumo(&request.body(body).unwrap(), now)
}

pub(crate) fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}
