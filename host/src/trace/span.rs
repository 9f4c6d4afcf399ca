//! Every span there is, and every attribute that it may have.
//!
//! A step begins a trace ([`poll`], [`refresh`], [`delivery`], [`judgement`], [`response`]); [`call`], [`request`] and [`commit`] are
//! parts of one, and nothing where none is under way. Names of attributes are those of OpenTelemetry's semantic conventions where there
//! is one, `miro_source.*` otherwise. Nothing goes in that a vendor, a component or a user wrote.

use tracing::{Span, field::Empty};
use url::Url;

use super::TARGET;
use crate::{
    egress::TransportError,
    model::{DetectorName, Lane, ResponderName, Seq, SinkName, SourceName, Stream},
    runtime::{CallError, End, Generation},
    sink::{Batch, Outcome},
};

macro_rules! span {
    ($($rest:tt)*) => { tracing::info_span!(target: TARGET, $($rest)*) };
}

/// A page of a source: from the call that reads it to its commit.
pub fn poll(source: &SourceName, stream: Stream) -> Span {
    let stream = match stream {
        Stream::Live => "live",
        Stream::History(_) => "history",
    };
    span!(parent: None, "poll", "miro_source.source" = source.as_str(), "miro_source.stream" = stream,
        "miro_source.lane" = Empty, "error.type" = Empty, "otel.status_code" = Empty)
}

/// A refresh of a source's tokens.
pub fn refresh(source: &SourceName) -> Span {
    span!(parent: None, "refresh", "miro_source.source" = source.as_str(), "miro_source.outcome" = Empty, "otel.status_code" = Empty)
}

/// What became of a refresh, in a word.
pub fn refreshed(span: &Span, outcome: Result<&'static str, &'static str>) {
    span.record("miro_source.outcome", outcome.unwrap_or_else(|word| word));
    if outcome.is_err() {
        failed(span);
    }
}

/// One attempt to deliver a batch. It is linked to the commits that stored its events.
pub fn delivery(sink: &SinkName, batch: &Batch<'_>, bytes: usize, attempt: u64) -> Span {
    let (first, last) = (batch.events.first().map_or(0, |line| line.seq.0), batch.events.last().map_or(0, |line| line.seq.0));
    span!(parent: None, "deliver", "miro_source.sink" = sink.as_str(), "miro_source.source" = batch.source.as_str(),
        "miro_source.lane" = batch.lane.as_str(), "miro_source.log.first" = first, "miro_source.log.last" = last,
        "miro_source.events" = batch.events.len(), "miro_source.bytes" = bytes, "miro_source.attempt" = attempt,
        "miro_source.outcome" = Empty, "otel.status_code" = Empty)
}

/// A batch that a detector judges. It is linked to the commits that stored its events.
pub fn judgement(detector: &DetectorName, source: &SourceName, places: (Seq, Seq), events: usize) -> Span {
    span!(parent: None, "judge", "miro_source.detector" = detector.as_str(), "miro_source.source" = source.as_str(),
        "miro_source.log.first" = places.0.0, "miro_source.log.last" = places.1.0, "miro_source.events" = events,
        "miro_source.findings" = Empty, "otel.status_code" = Empty)
}

/// So many findings came of it.
pub fn found(findings: usize) {
    Span::current().record("miro_source.findings", findings);
}

/// A step of a response.
pub fn response(responder: &ResponderName, source: &SourceName, action: &str, attempt: u32) -> Span {
    span!(parent: None, "respond", "miro_source.responder" = responder.as_str(), "miro_source.source" = source.as_str(),
        "miro_source.action" = action, "miro_source.attempt" = attempt, "otel.status_code" = Empty)
}

/// A call of a component, `function` as the contract names it.
pub(crate) fn call(generation: &Generation, function: &'static str) -> Span {
    // Without a step, as in the look of a command, it would be a trace of its own that says nothing.
    if Span::current().is_none() {
        return Span::none();
    }
    let function = function.strip_prefix("call_").unwrap_or(function);
    let digest = generation.digest();
    span!(
        "call",
        "otel.name" = function,
        "code.function.name" = function,
        "miro_source.component.kind" = generation.kind().as_str(),
        "miro_source.component.digest" = digest.get(..12).unwrap_or(digest),
        "miro_source.outcome" = Empty,
        "miro_source.component.memory" = Empty,
        "otel.status_code" = Empty
    )
}

/// The call ended so, with that much memory at most.
pub(crate) fn called(span: &Span, end: End, memory: usize) {
    span.record("miro_source.outcome", end.as_str());
    span.record("miro_source.component.memory", memory);
    if end != End::Answered {
        failed(span);
    }
}

/// A request that leaves.
pub fn request(method: &http::Method, url: &Url) -> Span {
    if Span::current().is_none() {
        return Span::none();
    }
    // As OpenTelemetry wants it: what is not known is `_OTHER`, since a component could make up any.
    let method = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "_OTHER",
    };
    span!(
        "request",
        "otel.kind" = "client",
        "otel.name" = method,
        "http.request.method" = method,
        "url.scheme" = url.scheme(),
        "server.address" = url.host_str().unwrap_or_default(),
        "server.port" = url.port_or_known_default().unwrap_or_default(),
        "http.response.status_code" = Empty,
        "error.type" = Empty,
        "otel.status_code" = Empty
    )
}

/// The request was answered.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 400 {
        span.record("error.type", status.to_string());
        failed(span);
    }
}

/// It was not, and why, in a word.
pub fn unanswered(span: &Span, why: &'static str) {
    span.record("error.type", why);
    failed(span);
}

/// Why there is no answer, in a word.
pub fn lost(why: &TransportError) -> &'static str {
    match why {
        TransportError::Invalid(_) => "invalid",
        TransportError::Unresolved(_) => "unresolved",
        TransportError::Prohibited(_) => "prohibited",
        TransportError::Unreachable(_) => "unreachable",
        TransportError::Tls(_) => "tls",
        TransportError::TimedOut => "timeout",
        _ => "lost",
    }
}

/// A page being stored.
pub fn commit(source: &SourceName, lane: Lane) -> Span {
    Span::current().record("miro_source.lane", lane.as_str());
    if Span::current().is_none() {
        return Span::none();
    }
    span!(
        "commit",
        "miro_source.source" = source.as_str(),
        "miro_source.lane" = lane.as_str(),
        "miro_source.events" = Empty,
        "miro_source.duplicates" = Empty,
        "miro_source.log.first" = Empty,
        "miro_source.log.last" = Empty,
        "otel.status_code" = Empty
    )
}

/// The page is stored: so many events, and so many that were there; where the new ones stand.
pub fn committed(span: &Span, new: u64, known: u64, last: Option<Seq>) {
    span.record("miro_source.events", new);
    span.record("miro_source.duplicates", known);
    if let Some(Seq(last)) = last {
        span.record("miro_source.log.first", last.saturating_sub(i64::try_from(new).unwrap_or(i64::MAX)).saturating_add(1));
        span.record("miro_source.log.last", last);
    }
}

/// What became of a delivery.
pub fn delivered(span: &Span, outcome: &Outcome) {
    let word = match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Retry { .. } => "retry",
        Outcome::Paused { .. } => "paused",
        Outcome::TooLarge => "too_large",
        Outcome::Refused { .. } => "refused",
    };
    span.record("miro_source.outcome", word);
    if word != "accepted" {
        failed(span);
    }
}

/// A page that could not be read, and why, in a word.
pub fn unread(span: &Span, why: &CallError) {
    use audit_pipeline::types::Failure;
    let word = match why {
        CallError::Failed(failure) => match failure {
            Failure::Throttled(_) => "throttled",
            Failure::Unavailable(_) => "unavailable",
            Failure::Expired => "expired",
            Failure::Unauthorized(_) => "unauthorized",
            Failure::Forbidden(_) => "forbidden",
            Failure::Invalid(_) => "invalid",
            Failure::Protocol(_) => "protocol",
        },
        CallError::Broken(_) => "broken",
        CallError::Trapped(_) => "trapped",
        CallError::TimedOut => "timed_out",
        CallError::OutOfMemory => "out_of_memory",
        CallError::OutputTooLarge => "output_too_large",
    };
    span.record("error.type", word);
    failed(span);
}

/// It did not work.
pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}
