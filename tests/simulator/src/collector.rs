//! A collector of OpenTelemetry that takes OTLP over HTTP in JSON, stricter than the real ones: what they would pass over is refused and
//! noted. <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::{Map, Value, json};

use crate::{
    answer::Answer,
    fault::{Call, Endpoint},
    miro::{bent, unprocessed},
    world::State,
};

/// A span as it was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced {
    /// 32 hexadecimal digits.
    pub trace: String,
    /// 16 of them.
    pub span: String,
    /// The one that it is a part of, likewise.
    pub parent: Option<String>,
    /// Its name.
    pub name: String,
    /// 1 internal, 3 client.
    pub kind: u64,
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Likewise.
    pub end: u64,
    /// Whether its status is an error.
    pub failed: bool,
    /// Attributes, and those of its resource.
    pub attributes: BTreeMap<String, Value>,
    /// The traces and spans that it is linked to.
    pub links: Vec<(String, String)>,
}

/// What a collector got.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// Every span, in the order of their arrival.
    pub spans: Vec<Traced>,
    /// Requests with no span in them: somebody tries whether it is there.
    pub empty: u64,
    /// What was wrong with what it refused.
    pub wrong: Vec<String>,
    /// The bodies, as they came.
    pub bodies: String,
}

impl Collected {
    /// What does not fit together of what was taken: a parent that never came, or that does not enclose its part; a link to nothing.
    pub fn broken(&self) -> Vec<String> {
        let known: BTreeMap<(&str, &str), &Traced> =
            self.spans.iter().map(|span| ((span.trace.as_str(), span.span.as_str()), span)).collect();
        let mut broken = Vec::new();
        if known.len() != self.spans.len() {
            broken.push("an id came twice".to_owned());
        }
        for span in &self.spans {
            let called = format!("{} {}", span.name, span.span);
            match span.parent.as_deref().map(|parent| known.get(&(span.trace.as_str(), parent))) {
                Some(None) => broken.push(format!("{called}: its parent never came")),
                Some(Some(parent)) if span.start < parent.start || span.end > parent.end => {
                    broken.push(format!("{called}: its parent does not enclose it"));
                }
                _ => {}
            }
            if span.links.iter().any(|(trace, of)| !known.contains_key(&(trace.as_str(), of.as_str()))) {
                broken.push(format!("{called}: it is linked to what never came"));
            }
        }
        broken
    }
}

impl State {
    pub(crate) fn collector(&mut self, request: &Request<Bytes>, now: u64) -> Answer {
        let fault = self.faults.strike(Call { endpoint: Endpoint::Traces, now, page: 1, path: request.uri().path() });
        let plain = |status| Answer::json(status, &json!({ "code": 14, "message": "a fault on demand" }));
        match fault {
            Some(fault) => unprocessed(&fault, plain).unwrap_or_else(|| bent(self.export(request), &fault)),
            None => self.export(request),
        }
    }

    fn export(&mut self, request: &Request<Bytes>) -> Answer {
        if request.uri().path() != "/v1/traces" || request.uri().query().is_some() {
            return Answer::text(404, "text/plain", "404 page not found");
        }
        if request.method() != Method::POST {
            return Answer::text(405, "text/plain", "405 method not allowed, supported: [POST]");
        }
        if request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) != Some("application/json") {
            self.collected.wrong.push("its content type is neither application/json nor anything else that is taken".to_owned());
            return Answer::text(415, "text/plain", "415 unsupported media type, supported: [application/json]");
        }
        match read(request.body()) {
            Ok(spans) => {
                self.collected.empty += u64::from(spans.is_empty());
                self.collected.spans.extend(spans);
                self.collected.bodies.push_str(&String::from_utf8_lossy(request.body()));
                Answer::json(200, &json!({ "partialSuccess": {} }))
            }
            Err(why) => {
                self.collected.wrong.push(why.clone());
                Answer::json(400, &json!({ "code": 3, "message": why }))
            }
        }
    }
}

type Read<T> = Result<T, String>;

fn read(body: &[u8]) -> Read<Vec<Traced>> {
    let request: Value = serde_json::from_slice(body).map_err(|why| why.to_string())?;
    let mut spans = Vec::new();
    for resource in list(only(&request, &["resourceSpans"])?, "resourceSpans")? {
        let fields = only(resource, &["resource", "scopeSpans"])?;
        let of_resource = fields.get("resource").ok_or("there is no resource")?;
        let of_resource = attributes(only(of_resource, &["attributes"])?)?;
        if of_resource.get("service.name").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err("the resource has no service.name".to_owned());
        }
        for scope in list(fields, "scopeSpans")? {
            let fields = only(scope, &["scope", "spans"])?;
            only(fields.get("scope").ok_or("there is no scope")?, &["name", "version"])?;
            for each in list(fields, "spans")? {
                spans.push(span(each, &of_resource)?);
            }
        }
    }
    Ok(spans)
}

fn span(value: &Value, resource: &BTreeMap<String, Value>) -> Read<Traced> {
    const FIELDS: &[&str] =
        &["traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes", "links", "status"];
    let fields = only(value, FIELDS)?;
    let (start, end) = (nanoseconds(fields, "startTimeUnixNano")?, nanoseconds(fields, "endTimeUnixNano")?);
    if start == 0 || start > end {
        return Err(format!("a span from {start} to {end}"));
    }
    let name = text(fields, "name")?;
    let kind = fields.get("kind").and_then(Value::as_u64).filter(|kind| (1..=5).contains(kind)).ok_or("a kind that is none")?;
    if name.is_empty() {
        return Err("a span without a name".to_owned());
    }
    let status = match fields.get("status") {
        None => 0,
        Some(status) => {
            only(status, &["code"])?.get("code").and_then(Value::as_u64).filter(|code| *code <= 2).ok_or("a status that is none")?
        }
    };
    let parent = fields.contains_key("parentSpanId").then(|| id(fields, "parentSpanId", 16)).transpose()?;
    let link = |link: &Value| {
        let fields = only(link, &["traceId", "spanId"])?;
        Ok((id(fields, "traceId", 32)?, id(fields, "spanId", 16)?))
    };
    let links = if fields.contains_key("links") { list(fields, "links")?.iter().map(link).collect::<Read<_>>()? } else { Vec::new() };
    let mut attributes = attributes(fields)?;
    attributes.extend(resource.clone());
    let (trace, span) = (id(fields, "traceId", 32)?, id(fields, "spanId", 16)?);
    Ok(Traced { trace, span, parent, name: name.to_owned(), kind, start, end, failed: status == 2, attributes, links })
}

/// An object that has these fields and no others.
fn only<'a>(value: &'a Value, allowed: &[&str]) -> Read<&'a Map<String, Value>> {
    let fields = value.as_object().ok_or_else(|| format!("not an object: {value}"))?;
    match fields.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(odd) => Err(format!("a field that OTLP does not have here: {odd}")),
        None => Ok(fields),
    }
}

fn list<'a>(fields: &'a Map<String, Value>, key: &str) -> Read<&'a Vec<Value>> {
    fields.get(key).and_then(Value::as_array).ok_or_else(|| format!("{key} is no list"))
}

fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> Read<&'a str> {
    fields.get(key).and_then(Value::as_str).ok_or_else(|| format!("{key} is no text"))
}

/// 64-bit numbers are texts in JSON.
fn nanoseconds(fields: &Map<String, Value>, key: &str) -> Read<u64> {
    text(fields, key)?.parse().map_err(|_| format!("{key} is no number in a text"))
}

/// Hexadecimal, and not all zeros, which means none.
fn id(fields: &Map<String, Value>, key: &str, digits: usize) -> Read<String> {
    let id = text(fields, key)?;
    let hex = id.len() == digits && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hex && id.bytes().any(|byte| byte != b'0') { Ok(id.to_owned()) } else { Err(format!("{key} {id:?} has not {digits} digits")) }
}

fn attributes(fields: &Map<String, Value>) -> Read<BTreeMap<String, Value>> {
    let (mut all, mut keys) = (BTreeMap::new(), BTreeSet::new());
    for each in list(fields, "attributes")? {
        let fields = only(each, &["key", "value"])?;
        let (key, value) = (text(fields, "key")?, fields.get("value").ok_or("an attribute without a value")?);
        if key.is_empty() || !keys.insert(key) {
            return Err(format!("the attribute {key:?} is there twice, or has no name"));
        }
        let value = match only(value, &["stringValue", "intValue", "boolValue", "doubleValue"])?.iter().collect::<Vec<_>>().as_slice() {
            [(kind, value)] if *kind == "stringValue" && value.is_string() => (*value).clone(),
            [(kind, Value::String(text))] if *kind == "intValue" => {
                text.parse::<i64>().map(Value::from).map_err(|_| format!("{key} is no number"))?
            }
            [(kind, value)] if *kind == "boolValue" && value.is_boolean() => (*value).clone(),
            [(kind, value)] if *kind == "doubleValue" && value.is_f64() => (*value).clone(),
            _ => return Err(format!("{key} has a value that is none")),
        };
        all.insert(key.to_owned(), value);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(change: impl FnOnce(&mut Value)) -> Read<Vec<Traced>> {
        let mut request = json!({ "resourceSpans": [{
            "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "x" } }] },
            "scopeSpans": [{ "scope": { "name": "x", "version": "1" }, "spans": [{
                "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "n", "kind": 1,
                "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": "1544712661000000000",
                "attributes": [{ "key": "n", "value": { "intValue": "7" } }],
            }] }],
        }] });
        change(&mut request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]);
        read(request.to_string().as_bytes())
    }

    #[test]
    fn a_request_as_the_specification_has_it_is_taken_and_others_are_refused() {
        assert_eq!(taken(|_| {}).unwrap()[0].attributes["n"], 7);
        assert_eq!(read(br#"{"resourceSpans":[]}"#), Ok(Vec::new()));
        let wrong: [fn(&mut Value); 7] = [
            |span| span["traceId"] = "W47/95gDgQPSabYzgT/GDA==".into(),
            |span| span["spanId"] = "0000000000000000".into(),
            |span| span["startTimeUnixNano"] = 1_544_712_660_000_000_000_u64.into(),
            |span| span["endTimeUnixNano"] = "1".into(),
            |span| span["start_time_unix_nano"] = "1".into(),
            |span| span["attributes"][0]["value"] = json!({ "intValue": 7 }),
            |span| span["kind"] = "SPAN_KIND_CLIENT".into(),
        ];
        for (at, wrong) in wrong.into_iter().enumerate() {
            assert!(taken(wrong).is_err(), "{at}");
        }
    }
}
