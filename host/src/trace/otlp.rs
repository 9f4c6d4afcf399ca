//! OTLP in its JSON encoding: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>. Ids are hex, 64-bit numbers texts, enums
//! numbers.

use serde_json::{Value as Json, json};

use super::recorder::{Finished, Kind, Value};

/// `SPAN_KIND_INTERNAL` and `SPAN_KIND_CLIENT`.
const INTERNAL: u8 = 1;
const CLIENT: u8 = 3;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// What tells this host from others: `service.name` first.
pub(super) type Resource = [(String, String)];

/// An `ExportTraceServiceRequest` with these spans.
pub(super) fn request(resource: &Resource, spans: &[Finished]) -> String {
    if spans.is_empty() {
        return json!({ "resourceSpans": [] }).to_string();
    }
    let resource: Vec<Json> = resource.iter().map(|(key, value)| attribute(key, &Value::Text(value.clone()))).collect();
    let scope = json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
    let spans: Vec<Json> = spans.iter().map(span).collect();
    json!({ "resourceSpans": [{ "resource": { "attributes": resource }, "scopeSpans": [{ "scope": scope, "spans": spans }] }] }).to_string()
}

fn span(span: &Finished) -> Json {
    let mut json = json!({
        "traceId": hex::encode(span.place.trace),
        "spanId": hex::encode(span.place.span),
        "name": span.name,
        "kind": match span.kind { Kind::Internal => INTERNAL, Kind::Client => CLIENT },
        "startTimeUnixNano": span.start.as_nanos().to_string(),
        "endTimeUnixNano": span.end.as_nanos().to_string(),
        "attributes": span.attributes.iter().map(|(key, value)| attribute(key, value)).collect::<Vec<_>>(),
    });
    if let Some(fields) = json.as_object_mut() {
        if let Some(parent) = span.parent {
            fields.insert("parentSpanId".to_owned(), hex::encode(parent).into());
        }
        if span.failed {
            fields.insert("status".to_owned(), json!({ "code": ERROR }));
        }
        if !span.links.is_empty() {
            let link = |to: &super::recorder::Place| json!({ "traceId": hex::encode(to.trace), "spanId": hex::encode(to.span) });
            fields.insert("links".to_owned(), span.links.iter().map(link).collect());
        }
    }
    json
}

fn attribute(key: &str, value: &Value) -> Json {
    let value = match value {
        Value::Text(text) => json!({ "stringValue": text }),
        Value::Whole(number) => json!({ "intValue": number.to_string() }),
        Value::Yes(yes) => json!({ "boolValue": yes }),
    };
    json!({ "key": key, "value": value })
}

/// How many spans an answer says were not taken, and what it says of that. `None`: it is not the answer of a collector.
pub(super) fn rejected(body: &[u8]) -> Option<(u64, Option<String>)> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some((0, None));
    }
    let answer: Json = serde_json::from_slice(body).ok()?;
    let partial = answer.as_object()?.get("partialSuccess");
    let rejected = match partial.and_then(|partial| partial.get("rejectedSpans")) {
        Some(Json::String(text)) => text.parse().unwrap_or_default(),
        Some(number) => number.as_u64().unwrap_or_default(),
        None => 0,
    };
    let said = partial.and_then(|partial| partial.get("errorMessage")).and_then(Json::as_str).filter(|text| !text.is_empty());
    Some((rejected, said.map(str::to_owned)))
}
