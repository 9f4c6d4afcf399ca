//! What a request gets.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;

use super::{exposition::CONTENT_TYPE, metrics, readiness, sight::Sight};

const TEXT: &str = "text/plain; charset=utf-8";

/// Answers a request by its method and path.
pub(super) async fn answer(method: &Method, path: &str, sight: &Sight) -> Response<Full<Bytes>> {
    if !matches!(path, "/metrics" | "/healthz" | "/readyz") {
        return text(StatusCode::NOT_FOUND, "nothing here: there are /metrics, /healthz and /readyz\n");
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match path {
        "/metrics" => match sight.stored().await {
            Ok(stored) => respond(StatusCode::OK, CONTENT_TYPE, metrics::write(&sight.seen(), &stored, &sight.calls())),
            Err(why) => {
                tracing::warn!("metrics cannot be shown: {why}");
                text(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be read: see the log\n")
            }
        },
        "/healthz" if sight.alive() => text(StatusCode::OK, "ok\n"),
        "/healthz" => text(StatusCode::SERVICE_UNAVAILABLE, "a task of the host failed: it stops, see its log\n"),
        _ => match readiness::reasons(&sight.seen()) {
            reasons if reasons.is_empty() => text(StatusCode::OK, "ready\n"),
            reasons => text(StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n") + "\n"),
        },
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    respond(status, TEXT, body)
}

fn respond(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
