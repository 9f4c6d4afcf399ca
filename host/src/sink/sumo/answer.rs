//! What an answer of Sumo Logic means. Sources:
//! <https://help.sumologic.com/docs/send-data/hosted-collectors/http-source/logs-metrics/> and its troubleshooting page;
//! the status object is what Sumo's own agents read.

use std::time::Duration;

use serde::Deserialize;

pub use crate::egress::exchange::retry_after;
use crate::{egress::cause::CREDENTIALS, neutral, sink::Outcome};

/// An answer, read as far as it matters.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, where it could be read.
    pub retry_after: Option<Duration>,
    /// The beginning of the body.
    pub body: &'a [u8],
}

/// Sumo's own status object: data was taken, something about it was not.
#[derive(Deserialize)]
struct StatusObject {
    status: u16,
    id: String,
    code: Option<String>,
    message: Option<String>,
    errors: Option<Vec<serde_json::Value>>,
}

/// Judges an answer to a batch sent to `host`.
///
/// Only 200 and 204 with an empty body or Sumo's own status object count as accepted: any other body was written by
/// something in between, and the batch is kept.
pub fn judge(host: &str, answer: &Answer<'_>) -> Outcome {
    let Answer { status, retry_after, body } = *answer;
    let said = said(body);
    let retry = |reason: String, ambiguous: bool| Outcome::Retry { after: retry_after, reason, ambiguous };
    let paused = |what: &str| Outcome::Paused { reason: format!("{host} answered {status}{said}: {what}") };
    match status {
        200 | 204 => match accepted(body) {
            Some(warning) => Outcome::Accepted { warning },
            None => retry(format!("{host} answered {status} with a body that is not Sumo Logic's: a proxy answered{said}"), true),
        },
        400 => Outcome::Refused { reason: format!("{host} answered 400{said}") },
        401 => paused("the URL or its token is not valid (any more); put the current one where `url` points, it is read again"),
        403 => paused("it is forbidden; check the source in Sumo Logic and any proxy on the way"),
        404 => paused("there is no such source; put the current URL where `url` points, it is read again"),
        407 => paused(CREDENTIALS),
        408 => retry(format!("{host} answered 408: it took too long, part of the batch may have been ingested"), true),
        413 => Outcome::TooLarge,
        429 => retry(format!("{host} answered 429: the account is over its ingest rate{said}"), false),
        503 => retry(format!("{host} answered 503{said}"), false),
        500..=599 => retry(format!("{host} answered {status}{said}"), true),
        300..=399 => paused("it redirects, and redirects are not followed; check the URL and any proxy on the way"),
        402..=499 => paused("that is no answer of a Sumo Logic HTTP source; check the URL and any proxy on the way"),
        _ => retry(format!("{host} answered {status}, which Sumo Logic does not: a proxy answered{said}"), true),
    }
}

/// `None`: not an answer of Sumo Logic. Otherwise the warning, if there is one.
fn accepted(body: &[u8]) -> Option<Option<String>> {
    let body = body.trim_ascii();
    if body.is_empty() {
        return Some(None);
    }
    let object: StatusObject = serde_json::from_slice(body).ok()?;
    let speaks = object.code.is_some() || object.errors.is_some();
    if object.id.is_empty() || !(200..300).contains(&object.status) || !speaks {
        return None;
    }
    let mut warning = [object.code, object.message].into_iter().flatten().collect::<Vec<_>>().join(": ");
    for error in object.errors.into_iter().flatten() {
        if !warning.is_empty() {
            warning.push_str("; ");
        }
        warning.push_str(&error.to_string());
    }
    Some(Some(neutral::brief(&warning, 500)))
}

/// ` ("what the body said")`, or nothing.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = neutral::brief(&text, 200);
    if text.is_empty() { text } else { format!(" (\"{text}\")") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Outcome {
        judge("collectors.sumologic.com", &Answer { status, retry_after: None, body: body.as_bytes() })
    }

    #[test]
    fn only_200_and_204_with_an_empty_body_are_plainly_accepted() {
        for status in [200, 204] {
            assert_eq!(of(status, ""), Outcome::Accepted { warning: None });
            assert_eq!(of(status, " \r\n"), Outcome::Accepted { warning: None });
        }
    }

    #[test]
    fn sumos_own_status_object_is_accepted_with_a_warning() {
        let body = r#"{"status":200,"id":"YBLR1-S2T29-MVXEJ","code":"bad.http.header.fields","message":"14 key-value pairs are dropped"}"#;
        let warning = Some("bad.http.header.fields: 14 key-value pairs are dropped".to_owned());
        assert_eq!(of(200, body), Outcome::Accepted { warning });
        let errors = r#"{"status":200,"id":"A","errors":[{"code":"internal.error","message":"x"}]}"#;
        assert!(matches!(of(200, errors), Outcome::Accepted { warning: Some(text) } if text.contains("internal.error")));
    }

    #[test]
    fn i3_any_other_body_keeps_the_batch() {
        let bodies = [
            "<html>login</html>",
            "OK",
            "{}",
            r#"{"status":"ok"}"#,
            r#"{"status":200}"#,
            r#"{"status":200,"id":""}"#,
            r#"{"status":500,"id":"A","code":"internal.error"}"#,
            r#"{"status":200,"id":"A"}"#,
        ];
        for body in bodies {
            assert!(
                matches!(of(200, body), Outcome::Retry { ambiguous: true, reason, .. } if reason.contains("a proxy answered")),
                "{body}"
            );
        }
        for status in [201, 202, 206] {
            assert!(matches!(of(status, ""), Outcome::Retry { ambiguous: true, .. }), "{status}");
        }
    }

    #[test]
    fn what_may_heal_is_retried() {
        for (status, expected) in [(408, true), (429, false), (500, true), (502, true), (503, false), (504, true), (599, true)] {
            assert!(matches!(of(status, "x"), Outcome::Retry { ambiguous, .. } if ambiguous == expected), "{status}");
        }
    }

    #[test]
    fn what_needs_a_person_pauses() {
        for status in [301, 302, 307, 308, 401, 402, 403, 404, 405, 407, 410, 421, 451] {
            assert!(matches!(of(status, ""), Outcome::Paused { .. }), "{status}");
        }
    }

    #[test]
    fn size_and_content_have_outcomes_of_their_own() {
        assert_eq!(of(413, "x"), Outcome::TooLarge);
        assert!(matches!(of(400, "bad\u{1b}[2J"), Outcome::Refused { reason } if reason.contains("bad\\u{1b}[2J")));
    }
}
