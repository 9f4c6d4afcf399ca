//! What Miro means by an answer that is no page (<https://developers.miro.com/reference/enterprise-get-audit-logs>).

use serde_json::Value;

use super::pace::Pace;
use crate::{
    http::{Body, Response, TransportError},
    types::Failure,
};

/// The three things that a 403 or 404 can mean; the status tells them apart no further.
const CAUSES: &str = "the organization is not on the Enterprise plan, or the person who authorized the app is no Company Admin, \
                      or the app lacks the scope auditlogs:read";

/// What stands in the way of a page.
pub(super) enum Refusal {
    /// A 400, in Miro's words: a bound, the limit or the cursor is not to its liking.
    Parameters(String),
    /// Everything else.
    Failure(Failure),
}

/// Nothing came back.
pub(super) fn unreachable(error: TransportError) -> Failure {
    Failure::Unavailable(match error {
        TransportError::Unsent(why) => format!("could not reach Miro: {why}"),
        TransportError::Unknown(why) => format!("asked Miro for audit events and got no whole answer: {why}"),
    })
}

/// Why `response` is no page; `None` for one that may be. `token` only to keep it out of texts.
pub(super) fn of(response: &Response, pace: &Pace, token: &str) -> Option<Refusal> {
    let status = response.status;
    let says = says(response, token);
    let told = |why: &str| format!("asked Miro for audit events and got {status}: {why}");
    Some(Refusal::Failure(match status {
        200 => return None,
        400 | 401 | 403 | 404 if is_web_page(response) => {
            Failure::Unavailable(told("a web page answered, not Miro; check the proxy or firewall on the way"))
        }
        400 => return Some(Refusal::Parameters(says)),
        401 => Failure::Expired,
        403 | 404 | 451 => Failure::Forbidden(told(&format!("{CAUSES} (Miro says: {says})"))),
        407 => Failure::Unavailable(told("a proxy on the way wants credentials; set them in the host's `network` section")),
        408 | 409 | 425 | 500.. => Failure::Unavailable(told(&says)),
        429 => Failure::Throttled(pace.throttled()),
        405 | 410 | 422 => Failure::Invalid(told(&format!("{says}; check `api_url`"))),
        300..400 => Failure::Protocol(told("a redirect, which is not followed; check `api_url`")),
        _ => Failure::Protocol(told(&says)),
    }))
}

/// What a proxy or a captive portal sends.
fn is_web_page(response: &Response) -> bool {
    let html = response.headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.contains("text/html"));
    html || matches!(&response.body, Body::Whole(body) if body.trim_ascii_start().starts_with(b"<"))
}

/// Miro's code and message, whatever the shape they come in: short, on one line, nothing else of the body.
fn says(response: &Response, token: &str) -> String {
    let Body::Whole(body) = &response.body else { return "an error with a very long text".to_owned() };
    let envelope: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |of: &Value, keys: &[&str]| keys.iter().find_map(|key| of.get(key).and_then(Value::as_str)).map(|word| clean(word, token));
    let error = envelope.get("error").filter(|inner| inner.is_object()).unwrap_or(&envelope);
    let code = word(error, &["code", "error"]);
    let message = word(error, &["message", "error_description", "reason", "detail"]);
    match (code, message) {
        (Some(code), Some(message)) => format!("{code}, {message}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "no reason given".to_owned(),
    }
}

fn clean(text: &str, token: &str) -> String {
    // Before the text is cut: half a token would not be known as one.
    let text = if token.is_empty() { text.to_owned() } else { text.replace(token, "…") };
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}
