//! An answer of Microsoft Graph, judged by its status and its code: <https://learn.microsoft.com/graph/errors>.

use guest_source::instant::http_date;
use serde::{Deserialize, de::DeserializeOwned};

use super::Loose;
use crate::{
    http::{Answer, Body, Response, TransportError},
    responder::Trace,
    types::Failure,
    words,
};

/// What came back, and its trace.
#[derive(Clone, Debug)]
pub struct Reply {
    /// For the log.
    pub trace: Trace,
    /// Graph's clock when it answered.
    pub date: Option<u64>,
    came: Came,
}

#[derive(Clone, Debug)]
enum Came {
    /// A 2xx.
    Said(Body),
    /// Any other status. `wait` from `Retry-After`, in milliseconds.
    Refused { status: u16, wait: Option<u64> },
    /// A web page: something between here and Graph answered.
    WebPage(u16),
    /// No answer.
    Lost { why: String, sent: bool },
}

/// What a person has to change where Graph refuses.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// For a 403.
    pub forbidden: &'static str,
    /// For a 404.
    pub gone: &'static str,
}

/// Of reading accounts.
pub const READ: Needs = Needs {
    forbidden: "grant the app the application permission User.Read.All, with admin consent",
    gone: "nothing is there; check `graph_url`",
};

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    error: Fault,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    code: Loose,
    #[serde(rename = "innerError", alias = "innererror")]
    inner: Inner,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    #[serde(rename = "request-id")]
    request_id: Loose,
}

impl Reply {
    /// Judges an answer. `words`: what was asked, for the log; `token` only to keep it out of texts.
    pub(super) fn read(words: &'static str, token: &str, answer: Answer, now: u64) -> Self {
        let trace = |status| Trace { request: words.to_owned(), status, request_id: None, code: None };
        let response = match answer {
            Ok(response) => response,
            Err(TransportError::Unsent(why)) => {
                return Self { trace: trace(None), date: None, came: Came::Lost { why: words::cause(&why, &[token]), sent: false } };
            }
            Err(TransportError::Unknown(why)) => {
                return Self { trace: trace(None), date: None, came: Came::Lost { why: words::cause(&why, &[token]), sent: true } };
            }
        };
        let (status, good) = (response.status, (200..300).contains(&response.status));
        let fault = if good { Fault::default() } else { fault(&response) };
        let said = response.header("request-id").or_else(|| fault.inner.request_id.text());
        let trace = Trace {
            request_id: said.and_then(|id| words::code(id, &[token])),
            code: fault.code.text().and_then(|code| words::code(code, &[token])),
            ..trace(Some(status))
        };
        let date = response.header("date").and_then(http_date);
        let wait = response.header("retry-after").and_then(|text| words::retry_after(text, now));
        let came = match response.body {
            Body::Whole(body) if status != 429 && body.trim_ascii_start().starts_with(b"<") => Came::WebPage(status),
            body if good => Came::Said(body),
            _ => Came::Refused { status, wait },
        };
        Self { trace, date, came }
    }

    /// Whether it is a 2xx, and comes from Graph.
    pub fn good(&self) -> bool {
        matches!(self.came, Came::Said(_))
    }

    /// Whether it is a 2xx with more of a body than is read.
    pub fn too_large(&self) -> bool {
        matches!(self.came, Came::Said(Body::TooLarge))
    }

    /// The status of a refusal that comes from Graph.
    pub fn refused(&self) -> Option<u16> {
        match self.came {
            Came::Refused { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Whether Graph's word for what was wrong is one of these, in any case.
    pub fn says(&self, codes: &[&str]) -> bool {
        self.trace.code.as_ref().is_some_and(|code| codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
    }

    /// Whether a side effect may have happened although this came back.
    pub fn uncertain(&self) -> bool {
        match self.came {
            Came::Said(_) => false,
            Came::Lost { sent, .. } => sent,
            Came::WebPage(status) => !(300..500).contains(&status) && status != 503,
            Came::Refused { status, .. } => status == 408 || (status >= 500 && status != 503),
        }
    }

    /// The body of a 2xx as JSON of a kind; else why not. `tried` completes "cannot …".
    ///
    /// # Errors
    /// By status; `protocol` for a body that is too large or not of this kind.
    pub fn json<T: DeserializeOwned>(&self, tried: &str, needs: Needs) -> Result<T, Failure> {
        let wrong = |what: String| Failure::Protocol(format!("cannot {tried}: {what}"));
        match &self.came {
            Came::Said(Body::Whole(body)) => serde_json::from_slice(body).map_err(|why| {
                // Not its own words: they repeat what stands in the body.
                wrong(format!("the answer is not what Microsoft Graph documents (line {}, column {})", why.line(), why.column()))
            }),
            Came::Said(Body::TooLarge) => Err(wrong(format!("the answer has more than {} MiB", super::CAP >> 20))),
            _ => Err(self.failure(tried, needs)),
        }
    }

    /// Why this is no success, in terms of what to do next. `tried` completes "cannot …".
    pub fn failure(&self, tried: &str, needs: Needs) -> Failure {
        let (status, wait) = match &self.came {
            Came::Lost { why, .. } => return Failure::Unavailable(format!("cannot {tried}: no answer from Microsoft Graph: {why}")),
            Came::WebPage(status) => {
                return Failure::Unavailable(format!(
                    "cannot {tried}: a web page answered, not Microsoft Graph (status {status}); check the proxy or firewall in between"
                ));
            }
            Came::Said(_) => return Failure::Protocol(format!("cannot {tried}: Microsoft Graph answered something else")),
            Came::Refused { status, wait } => (*status, *wait),
        };
        let said = match &self.trace.code {
            Some(code) => format!("status {status}, {code}"),
            None => format!("status {status}"),
        };
        match status {
            401 => Failure::Expired,
            403 => Failure::Forbidden(format!("cannot {tried}: it is forbidden ({said}); {}", needs.forbidden)),
            404 => Failure::Invalid(format!("cannot {tried}: {} ({said})", needs.gone)),
            429 => Failure::Throttled(wait),
            407 => Failure::Unavailable(format!("cannot {tried}: the proxy wants a login ({said}); check the proxy's settings")),
            408 | 409 | 412 | 500..=599 => Failure::Unavailable(format!("cannot {tried}: Microsoft Graph cannot do it now ({said})")),
            300..=399 | 405 => Failure::Invalid(format!("cannot {tried}: nothing answers there ({said}); check `graph_url`")),
            400 => Failure::Invalid(format!("cannot {tried}: Microsoft Graph does not accept the request ({said})")),
            _ => Failure::Protocol(format!("cannot {tried}: Microsoft Graph answered what it does not document ({said})")),
        }
    }
}

/// What an error says of itself; nothing where it cannot be read.
fn fault(response: &Response) -> Fault {
    let Body::Whole(body) = &response.body else { return Fault::default() };
    serde_json::from_slice::<Envelope>(body).map(|envelope| envelope.error).unwrap_or_default()
}
