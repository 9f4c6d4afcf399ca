//! A file that the host fetches for itself, through the same gate as a component's requests: the same decision about the
//! origin, the same judgement of addresses, the same caps and times.
//!
//! Unlike a component, which asks for itself, the host follows a redirect: to an origin of the same grant, a few times.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use tracing::Instrument as _;
use url::Url;

use super::{
    grant::{Grant, Refusal},
    hooks::small_head,
    transport::{AnswerBody, RequestLimits, Transport, TransportError},
};
use crate::trace::span;

/// A mirror that sends further than this sends in circles.
const REDIRECTS: usize = 3;

/// Why there is no answer, or no more of it. Names origins, never a path or a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfetched {
    /// The gate does not let it through.
    #[error("{0} is not among the origins that may be reached; where that is right, add it to `allow`")]
    NotGranted(String),
    /// Neither https nor loopback, or not public, or no URL.
    #[error("{0}")]
    Refused(String),
    /// Sent from one place to the next.
    #[error("{0} sends on more than {REDIRECTS} times")]
    Circles(String),
    /// The network.
    #[error("{0}: {1}")]
    Transport(String, TransportError),
}

/// An answer whose body is read piece by piece.
pub struct Fetched {
    /// The origin that gave it.
    pub origin: String,
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    body: AnswerBody,
    left: u64,
    limits: RequestLimits,
}

/// Asks for `url` with these header fields.
pub async fn get(
    transport: &dyn Transport,
    grant: &Grant,
    mut url: Url,
    fields: &HeaderMap,
    limits: &RequestLimits,
) -> Result<Fetched, Unfetched> {
    let mut origin = String::new();
    for _ in 0..=REDIRECTS {
        origin = grant.decide(&url, grant).map_err(|why| refused(&url, &why))?.to_string();
        let failed = |why| Unfetched::Transport(origin.clone(), why);
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = url.as_str().parse().map_err(|_| Unfetched::Refused("the address is not one that can be asked".to_owned()))?;
        request.headers_mut().clone_from(fields);
        let span = span::request(request.method(), &url);
        let sending = tokio::time::timeout(limits.head(), transport.send(request, limits)).instrument(span.clone());
        let answer = sending.await.unwrap_or(Err(TransportError::TimedOut)).and_then(|answer| small_head(answer, limits.answer_head));
        match &answer {
            Ok(answer) => span::answered(&span, answer.status().as_u16()),
            Err(why) => span::unanswered(&span, span::lost(why)),
        }
        let (head, body) = answer.map_err(failed)?.into_parts();
        let further = head.headers.get(header::LOCATION).filter(|_| matches!(head.status.as_u16(), 301 | 302 | 303 | 307 | 308));
        let Some(further) = further else {
            return Ok(Fetched { origin, status: head.status, headers: head.headers, body, left: limits.answer_body, limits: *limits });
        };
        let next = further.to_str().ok().and_then(|text| url.join(text).ok());
        url = next.ok_or_else(|| Unfetched::Refused(format!("{origin} sends on to what is no address")))?;
    }
    Err(Unfetched::Circles(origin))
}

impl Fetched {
    /// The next piece of the body. None at its end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Unfetched> {
        let failed = |why| Unfetched::Transport(self.origin.clone(), why);
        loop {
            let waiting = tokio::time::timeout(self.limits.between_bytes, self.body.frame());
            let Some(frame) = waiting.await.map_err(|_| failed(TransportError::TimedOut))? else { return Ok(None) };
            let Ok(piece) = frame.map_err(failed)?.into_data() else { continue };
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            let too_large = || failed(TransportError::TooLarge(self.limits.answer_body));
            self.left = self.left.checked_sub(length).ok_or_else(too_large)?;
            return Ok(Some(piece));
        }
    }
}

fn refused(url: &Url, why: &Refusal) -> Unfetched {
    let origin = url.origin().ascii_serialization();
    match why {
        Refusal::NotGranted(_) | Refusal::NotDeclared(_) => Unfetched::NotGranted(origin),
        Refusal::NotHttps(_) => Unfetched::Refused(format!("{origin} is not https, and not the loopback that was granted")),
        Refusal::NotPublic(..) => Unfetched::Refused(why.to_string()),
        _ => Unfetched::Refused("the address is no plain URL of a host".to_owned()),
    }
}
