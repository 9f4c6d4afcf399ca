//! One request of the operator's own, and as much of its answer as is looked at.

use std::time::Duration;

use http::{HeaderValue, header};
use tracing::Instrument as _;

use super::cause;
use crate::{neutral, trace::span};

/// How much of an answer is read.
const ANSWER_BYTES: usize = 4096;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, where it could be read.
    pub retry_after: Option<Duration>,
    /// The beginning of the body. What it quotes may be a secret.
    pub body: Vec<u8>,
    /// Why there is no more of it, where it broke off.
    pub broken: Option<String>,
    /// What it wants to see again. Secret as long as it is good for something.
    pub cookies: Vec<String>,
}

/// There is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Why, without the URL.
    pub reason: String,
    /// The request may have arrived.
    pub sent: bool,
    /// It stays so until a person changes `[network]`.
    pub person: bool,
}

/// Sends it and reads the answer.
pub async fn exchange(request: reqwest::RequestBuilder) -> Result<Reply, Lost> {
    exchange_within(request, ANSWER_BYTES).await
}

/// The same where the answer is what was asked for, and may be so many bytes long.
pub async fn exchange_within(request: reqwest::RequestBuilder, most: usize) -> Result<Reply, Lost> {
    let (client, request) = request.build_split();
    let lost = |why: reqwest::Error| {
        let sent = !why.is_connect() && !why.is_builder();
        let person = cause::needs_person(&why);
        Lost { reason: causes(why), sent, person }
    };
    let request = request.map_err(lost)?;
    let span = span::request(request.method(), request.url());
    let mut response = match client.execute(request).instrument(span.clone()).await {
        Ok(response) => response,
        Err(why) => {
            span::unanswered(
                &span,
                if why.is_connect() {
                    "unreachable"
                } else if why.is_timeout() {
                    "timeout"
                } else {
                    "lost"
                },
            );
            return Err(lost(why));
        }
    };
    span::answered(&span, response.status().as_u16());
    let status = response.status().as_u16();
    let text = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let retry_after = retry_after(text(header::RETRY_AFTER), text(header::DATE));
    let cookies = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok().map(str::to_owned));
    let cookies = cookies.collect();
    let (mut body, mut broken) = (Vec::new(), None);
    while body.len() < most {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(chunk.get(..most).unwrap_or(&chunk)),
            Ok(None) => break,
            Err(why) => {
                broken = Some(causes(why));
                break;
            }
        }
    }
    Ok(Reply { status, retry_after, body, broken, cookies })
}

/// `Retry-After` as seconds or as an HTTP date relative to the answer's own `Date`. At most an hour.
pub fn retry_after(value: Option<&str>, date: Option<&str>) -> Option<Duration> {
    const MOST: Duration = Duration::from_secs(3600);
    let value = value?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(MOST));
    }
    let read = |text: &str| jiff::fmt::rfc2822::parse(text.trim()).ok().map(|at| at.timestamp().as_second());
    let seconds = read(value)?.saturating_sub(read(date?)?);
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).min(MOST))
}

/// Why, in one line, without the URL.
fn causes(error: reqwest::Error) -> String {
    neutral::brief(&cause::all(&error.without_url()), 500)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_date() {
        let secs = |n| Some(Duration::from_secs(n));
        assert_eq!(retry_after(Some("120"), None), secs(120));
        assert_eq!(retry_after(Some("999999999"), None), secs(3600));
        let date = Some("Fri, 21 Aug 2026 10:00:00 GMT");
        assert_eq!(retry_after(Some("Fri, 21 Aug 2026 10:01:30 GMT"), date), secs(90));
        assert_eq!(retry_after(Some("Fri, 21 Aug 2026 09:00:00 GMT"), date), secs(0));
        assert_eq!(retry_after(Some("soon"), date), None);
        assert_eq!(retry_after(None, date), None);
    }
}
