//! What the component exports, as plain functions over values; the one request of a call goes to `send`.

use std::collections::BTreeMap;

use guest_http::{Answer, Body, Method, Request, Response, TransportError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    event::event,
    paging::{self, Checkpoint},
    source::{Allowance, Identity, Page, RefreshFailure, Span},
    types::{Description, Entity, Event, Failure, Secret},
};

/// The most of an answer that is read, in bytes: a hundred events are a tenth of it.
const CAP: u64 = 4 << 20;

/// What an operator sets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API is.
    pub api_url: String,
    /// How far the first reading reaches back.
    #[serde(default = "one")]
    pub since_days: u16,
    /// Traits by event type, over the built-in ones.
    #[serde(default)]
    pub traits: BTreeMap<String, Vec<String>>,
}

fn one() -> u16 {
    1
}

impl Config {
    fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |why: &dyn std::fmt::Display| Failure::Invalid(format!("the configuration of the Tidemark source: {why}"));
        let config: Self = serde_json::from_str(text).map_err(|why| wrong(&why))?;
        match config.api_url.split_once("://") {
            Some(("https" | "http", host)) if !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']) => Ok(config),
            _ => Err(wrong(&"`api_url` is no origin; write it like \"https://api.tidemark.example\"")),
        }
    }

    /// What an event means to a detection: the vocabulary stands in `wit/types.wit`.
    pub fn traits_of(&self, action: &str) -> Vec<String> {
        let built_in: &[&str] = match action {
            "session.started" => &["sign-in", "interactive"],
            "session.ended" => &["sign-out"],
            "document.shared" => &["shared"],
            "document.exported" => &["exported"],
            "document.deleted" => &["deleted"],
            "member.added" | "member.removed" => &["membership", "administrative"],
            "token.created" => &["credential"],
            _ => &["unmapped"],
        };
        self.traits.get(action).cloned().unwrap_or_else(|| built_in.iter().map(|&name| name.to_owned()).collect())
    }
}

/// About this component.
pub fn describe() -> Description {
    let schema = json!({
        "type": "object",
        "required": ["api_url"],
        "additionalProperties": false,
        "properties": {
            "api_url": { "type": "string", "description": "the origin of the API" },
            "since_days": { "type": "integer", "minimum": 0, "default": 1 },
            "traits": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } } },
        },
    });
    let purpose = "a token with the scope events:read, from Settings, API tokens".to_owned();
    let secrets = vec![Secret { name: "access_token".to_owned(), purpose, required: true }];
    Description { name: "tidemark".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), config_schema: schema.to_string(), secrets }
}

/// How Tidemark meters requests.
pub fn metering(config: &str) -> Result<Allowance, Failure> {
    Config::parse(config).map(|_| Allowance { events: 100, cost: 1, budget: 600, unit: "requests".to_owned() })
}

/// The origins it must reach.
pub fn origins(config: &str) -> Result<Vec<String>, Failure> {
    Config::parse(config).map(|config| vec![config.api_url])
}

/// Who the token belongs to.
pub fn check(config: &str, token: &str, send: impl FnOnce(Request, u64) -> Answer) -> Result<Identity, Failure> {
    let (_, body) = get(&Config::parse(config)?, token, "/v1/me", send)?;
    let me: Value =
        serde_json::from_str(&body).map_err(|_| Failure::Protocol("Tidemark said who the token is, but not in JSON".to_owned()))?;
    let word = |at: &str| me.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let entity = |kind: &str| {
        word(&format!("/{kind}/id")).map(|id| Entity { kind: Some(kind.to_owned()), id: Some(id), name: word(&format!("/{kind}/name")) })
    };
    let scopes: Vec<String> =
        me.get("scopes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let missing = if scopes.iter().any(|scope| scope == "events:read") { Vec::new() } else { vec!["events:read".to_owned()] };
    Ok(Identity { organization: entity("organization"), user: entity("user"), scopes, missing })
}

/// What every call about OAuth answers: Tidemark has none.
pub fn no_oauth() -> Failure {
    Failure::Invalid("Tidemark has no OAuth: make a token under Settings, API tokens, and set the secret `access_token`".to_owned())
}

/// The same, for a refresh: nothing was sent.
pub fn no_refresh() -> RefreshFailure {
    RefreshFailure::Unsent(no_oauth())
}

/// The first checkpoint of a span.
pub fn begin(config: &str, span: Span) -> Result<String, Failure> {
    written(&paging::begin(&Config::parse(config)?, span))
}

/// The next page of a span.
pub fn collect(config: &str, token: &str, checkpoint: &str, now: u64, send: impl FnOnce(Request, u64) -> Answer) -> Result<Page, Failure> {
    let config = Config::parse(config)?;
    let at: Checkpoint = match serde_json::from_str(checkpoint) {
        Ok(at @ Checkpoint { v: 1, .. }) => at,
        _ => return Err(Failure::Invalid("the checkpoint is not one of this source, or of a newer version of it".to_owned())),
    };
    let (response, body) = get(&config, token, &paging::path(&at), send)?;
    paging::page(&config, at, &response, &body, now)
}

/// Stored records to events again.
pub fn normalize(config: &str, records: &[String]) -> Vec<Result<Event, String>> {
    let config = Config::parse(config).map_err(|failure| failure.to_string());
    records.iter().map(|record| config.as_ref().map(|config| event(config, record, 0)).map_err(Clone::clone)).collect()
}

/// Stored records as OCSF 1.8.0: the base event, which every consumer reads. A product would choose a class by `action`.
pub fn ocsf(config: &str, records: &[String]) -> Vec<Result<String, String>> {
    let base = |event: Event| {
        json!({
            "activity_id": 99, "activity_name": event.action, "category_uid": 0, "class_uid": 0, "type_uid": 99, "severity_id": 1,
            "time": event.time,
            "metadata": { "version": "1.8.0", "uid": event.id, "product": { "name": "Tidemark", "vendor_name": "Tidemark" } },
            "raw_data": event.record,
        })
        .to_string()
    };
    normalize(config, records).into_iter().map(|event| event.map(base)).collect()
}

/// One request with the token, and the body of an answer that is 200; what any other means for the next step.
fn get(config: &Config, token: &str, path: &str, send: impl FnOnce(Request, u64) -> Answer) -> Result<(Response, String), Failure> {
    let url = format!("{}{path}", config.api_url);
    let request = Request { method: Method::Get, url, headers: vec![("authorization".to_owned(), format!("Bearer {token}"))], body: None };
    let response = send(request, CAP).map_err(|(TransportError::Unsent(why) | TransportError::Unknown(why))| {
        Failure::Unavailable(format!("could not ask Tidemark: {why}"))
    })?;
    let said = |what: &str| format!("Tidemark answered {}: {what}", response.status);
    match (response.status, &response.body) {
        (200, Body::Whole(body)) => match String::from_utf8(body.clone()) {
            Ok(body) => Ok((response, body)),
            Err(_) => Err(Failure::Protocol(said("no UTF-8"))),
        },
        (200, Body::TooLarge) => Err(Failure::Protocol(said("more than 4 MiB"))),
        (401, _) => Err(Failure::Unauthorized(said("it knows no such token; make a new one under Settings, API tokens"))),
        (403, _) => Err(Failure::Forbidden(said("give the token the scope events:read"))),
        (429, _) => Err(Failure::Throttled(response.header("retry-after").and_then(|wait| wait.parse::<u64>().ok()?.checked_mul(1000)))),
        (408 | 500.., _) => Err(Failure::Unavailable(said("it is in trouble"))),
        (400 | 404, _) => Err(Failure::Invalid(said("check `api_url`"))),
        _ => Err(Failure::Protocol(said("which it does not document"))),
    }
}

fn written(at: &Checkpoint) -> Result<String, Failure> {
    serde_json::to_string(at).map_err(|why| Failure::Invalid(format!("the checkpoint cannot be written: {why}")))
}

#[cfg(test)]
mod tests;
