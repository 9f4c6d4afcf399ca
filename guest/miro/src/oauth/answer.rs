//! What an answer says, whichever request it answers.

use crate::{
    http::{Body, Response, TransportError},
    normalize::json,
    types::Failure,
};

/// The longest part of Miro's own words that is passed on.
const LONGEST: usize = 200;
/// A word this long may be a token, whoever wrote it.
const SUSPICIOUS: usize = 20;

/// The text of the body; `None` where it was too large or is no UTF-8.
pub(crate) fn body(response: &Response) -> Option<&str> {
    match &response.body {
        Body::Whole(bytes) => std::str::from_utf8(bytes).ok(),
        Body::TooLarge => None,
    }
}

/// Miro's own words about an error, for a person to read, in either of two shapes: Miro's
/// `{"status", "code", "message", "type"}` and RFC 6749's `{"error", "error_description"}`.
/// `hide` and everything else that might be a secret is blotted out.
pub(super) fn words(response: &Response, hide: &[&str]) -> String {
    let members = body(response).and_then(|body| json::members(body, &["code", "message", "error", "error_description"]));
    let [code, message, error, description] = members.unwrap_or_default();
    let said: Vec<_> = [code.or(error), message.or(description)].into_iter().filter_map(json::text).collect();
    if said.is_empty() {
        return format!("status {}", response.status);
    }
    format!("status {}, {}", response.status, clean(&said.join(": "), hide))
}

/// RFC 6749's `error`, or Miro's `code`.
pub(super) fn code(response: &Response) -> Option<String> {
    let [error, code] = json::members(body(response)?, &["error", "code"])?;
    json::owned(error).or_else(|| json::owned(code))
}

/// Whether this is a web page: something between here and Miro answered, not Miro.
pub(crate) fn is_web_page(response: &Response) -> bool {
    body(response).is_some_and(|body| body.trim_start().starts_with('<'))
}

/// `Retry-After` in milliseconds, where it is a number of seconds.
pub(super) fn retry_after(response: &Response) -> Option<u64> {
    let (_, value) = response.headers.iter().find(|(name, _)| name == "retry-after")?;
    value.trim().parse::<u64>().ok()?.checked_mul(1000)
}

/// Why there is no answer at all.
pub(super) fn no_answer(tried: &str, error: &TransportError) -> Failure {
    let (TransportError::Unsent(cause) | TransportError::Unknown(cause)) = error;
    Failure::Unavailable(format!("cannot {tried}: {cause}"))
}

/// What a status means that has no meaning of its own for this request.
pub(super) fn otherwise(tried: &str, response: &Response, hide: &[&str]) -> Failure {
    let said = words(response, hide);
    match response.status {
        429 => Failure::Throttled(retry_after(response)),
        300..=399 | 404 | 405 => Failure::Invalid(format!("cannot {tried}: nothing answers there ({said}); check `api_url`")),
        407 => Failure::Unavailable(format!("cannot {tried}: the proxy wants a login ({said}); check the proxy's settings")),
        408 | 500..=599 => Failure::Unavailable(format!("cannot {tried}: Miro is in trouble ({said})")),
        _ => Failure::Protocol(format!("cannot {tried}: Miro answered what it does not document ({said})")),
    }
}

/// Foreign words made fit to print: one line, short, no control characters, nothing that looks like a secret.
pub(crate) fn clean(said: &str, hide: &[&str]) -> String {
    let mut said = said.to_owned();
    for secret in hide.iter().filter(|secret| !secret.is_empty()) {
        said = said.replace(secret, "[hidden]");
    }
    let words = said.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let hidden = words.map(|word| if could_be_a_secret(word) { "[hidden]" } else { word });
    hidden.collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
}

/// A long word with a digit or an underscore in it.
fn could_be_a_secret(word: &str) -> bool {
    word.len() >= SUSPICIOUS && word.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_')
}
