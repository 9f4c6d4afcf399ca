//! A request with a token, and what Miro means by its answer (<https://developers.miro.com/docs/errors>, RFC 7644 section 3.12).

use crate::{
    collect::Pace,
    http::{Answer, Body, Method, Request, Response, TransportError},
    normalize::json,
    oauth::answer::{body, clean, is_web_page},
    responder::{Effect, Setback, Trace},
    types::Failure,
};

/// A request as the log calls it, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// `POST /v2/sessions/reset_all`.
    pub(super) words: &'static str,
    /// `end the sessions`.
    pub(super) tried: &'static str,
    /// What it does to the world.
    pub(super) effect: Effect,
    /// What a 403 may mean.
    pub(super) forbidden: &'static str,
    /// What a 404 may mean.
    pub(super) missing: &'static str,
}

/// The request with its token in it.
pub(super) fn request(method: Method, url: String, token: &str, scim: Option<String>) -> Result<Request, Failure> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::Invalid("the token is empty, or has a space or a line break in it; copy it again".to_owned()));
    }
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers =
        vec![header("authorization", &format!("Bearer {token}")), header("accept", "application/json, application/scim+json")];
    if scim.is_some() {
        headers.push(header("content-type", "application/scim+json"));
    }
    // A POST without a body says so: some proxies refuse one that does not.
    let body = scim.map(String::into_bytes).or_else(|| (method == Method::Post).then(Vec::new));
    Ok(Request { method, url, headers, body })
}

/// The body of an answer that is a success, with its trace.
pub(super) fn judge(asked: Asked, token: &str, answer: Answer, now: u64) -> Result<(Response, Trace), Setback> {
    let effect = asked.effect != Effect::None;
    let trace = |status, request_id, code| Trace { request: asked.words.to_owned(), status, request_id, code };
    let response = match answer {
        Ok(response) => response,
        Err(error) => {
            let (why, sent) = match error {
                TransportError::Unsent(why) => (why, false),
                TransportError::Unknown(why) => (why, true),
            };
            let failure = Failure::Unavailable(format!("cannot {}: {}", asked.tried, clean(&why, &[token])));
            return Err(Setback { failure, uncertain: effect && sent, trace: Some(trace(None, None, None)) });
        }
    };
    let trace = trace(Some(response.status), request_id(&response, token), code(&response, token));
    if (200..300).contains(&response.status) && !is_page(&response) {
        return Ok((response, trace));
    }
    let failure = refused(asked, token, &response, now);
    // A 503 says that nothing was done; after every other one of these it may have been.
    let lost = matches!(response.status, 200..300 | 408 | 500..=502 | 504..);
    Err(Setback { failure, uncertain: effect && lost, trace: Some(trace) })
}

/// What the far side said that breaks its own contract, after a request that may have had its effect.
pub(super) fn odd(asked: Asked, trace: Trace, why: &str) -> Setback {
    let failure = Failure::Protocol(format!("cannot {}: {why}", asked.tried));
    Setback { failure, uncertain: asked.effect != Effect::None, trace: Some(trace) }
}

fn refused(asked: Asked, token: &str, response: &Response, now: u64) -> Failure {
    let told = |why: &str| format!("cannot {}: {why} ({})", asked.tried, says(response, token));
    match response.status {
        401 | 403 | 404 if is_page(response) => {
            Failure::Unavailable(told("a web page answered, not Miro; check the proxy or firewall on the way"))
        }
        200..300 => Failure::Unavailable(told("a web page answered, not Miro; check the proxy or firewall on the way")),
        401 => Failure::Expired,
        403 | 451 => Failure::Forbidden(told(asked.forbidden)),
        404 => Failure::Invalid(told(asked.missing)),
        407 => Failure::Unavailable(told("a proxy on the way wants credentials; set them in the host's `network` section")),
        408 | 409 | 425 | 500.. => Failure::Unavailable(told("Miro is in trouble")),
        429 => Failure::Throttled(Pace::of(response, now).throttled()),
        300..400 => Failure::Protocol(told("a redirect, which is not followed; check the addresses in the configuration")),
        400..500 => Failure::Invalid(told("Miro does not accept the request")),
        _ => Failure::Protocol(told("Miro answered what it does not document")),
    }
}

fn is_page(response: &Response) -> bool {
    response.header("content-type").is_some_and(|kind| kind.contains("text/html")) || is_web_page(response)
}

/// Miro's code and message, or SCIM's, made fit to print.
fn says(response: &Response, token: &str) -> String {
    let members = body(response).and_then(|body| json::members(body, &["code", "scimType", "message", "detail"]));
    let [code, kind, message, detail] = members.unwrap_or_default();
    let said: Vec<_> = [code.or(kind), message.or(detail)].into_iter().filter_map(json::text).collect();
    let status = response.status;
    if said.is_empty() { format!("status {status}") } else { format!("status {status}, {}", clean(&said.join(": "), &[token])) }
}

/// Miro's word for what was wrong.
fn code(response: &Response, token: &str) -> Option<String> {
    if (200..300).contains(&response.status) {
        return None;
    }
    let [code, kind] = json::members(body(response)?, &["code", "scimType"])?;
    plain(&json::text(code.or(kind))?, token, 64)
}

/// Miro documents no identifier of a request; this header is what there would be one in.
fn request_id(response: &Response, token: &str) -> Option<String> {
    plain(response.header("x-request-id")?, token, 128)
}

/// A word that can be nothing but a word.
fn plain(text: &str, token: &str, longest: usize) -> Option<String> {
    let fits =
        !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:=".contains(&byte));
    (fits && !text.contains(token)).then(|| text.to_owned())
}

/// The whole of a body as text.
pub(super) fn text(response: &Response) -> Result<&str, &'static str> {
    match &response.body {
        Body::Whole(bytes) => std::str::from_utf8(bytes).map_err(|_| "the answer is not UTF-8"),
        Body::TooLarge => Err("the answer is larger than any of Miro's should be"),
    }
}
