//! The gate: `wasi:http` as one call of one source sees it.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderName, Method};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tracing::Instrument as _;
use url::Url;
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks};

use super::{
    Origin,
    grant::{Grant, Refusal},
    transport::{Answer, AnswerBody, RequestLimits, Transport, TransportError},
};
use crate::trace::span;

/// The most requests that any call may make, whatever it was promised.
pub const MOST_REQUESTS: u32 = 8;

/// Headers that belong to one hop, beyond those that `wasi:http` forbids by itself: with them a component could make
/// the connection carry something else than the request that was decided on.
const HOP: [&str; 4] = ["te", "trailer", "expect", "forwarded"];

/// What is passed on: methods that ask, and hand over, and nothing else.
const METHODS: [Method; 7] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// The most that one write to a body may bring. Two of them wait in the host until somebody takes them, for every body that
/// a component opens.
const PIECE: usize = 64 << 10;

type Worker = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sending = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Worker), Error>> + Send>;

/// Lets the requests of one call through, or not. Lives and dies with the call.
pub struct Gate {
    transport: Arc<dyn Transport>,
    grant: Arc<Grant>,
    declared: Arc<Grant>,
    limits: RequestLimits,
    allowed: u32,
    asked: u32,
    passage: Arc<Passage>,
}

/// What went through a gate, to be asked after the call.
#[derive(Debug, Default)]
pub struct Passage {
    out: AtomicU32,
    refusal: Mutex<Option<Refusal>>,
    fault: Mutex<Option<TransportError>>,
}

impl Passage {
    /// Whether any request may have reached its far side.
    pub fn anything_sent(&self) -> bool {
        self.out.load(Ordering::Acquire) > 0
    }

    /// The first refusal.
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why the last request found no way to its far side. A component learns a code of it; what to mend stands here.
    pub fn fault(&self) -> Option<TransportError> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Kept, to be told once a call by who knows the source: a component may try a hundred thousand times.
    fn refuse(&self, refusal: Refusal) {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(refusal);
    }
}

impl Gate {
    /// For one call that may make up to `allowed` requests.
    pub fn new(transport: Arc<dyn Transport>, grant: Arc<Grant>, declared: Arc<Grant>, limits: RequestLimits, allowed: u32) -> Self {
        let allowed = allowed.min(MOST_REQUESTS);
        Self { transport, grant, declared, limits, allowed, asked: 0, passage: Arc::default() }
    }

    /// What goes through, shared.
    pub fn passage(&self) -> Arc<Passage> {
        Arc::clone(&self.passage)
    }

    fn admit(&mut self, method: &Method, uri: &http::Uri) -> Result<(Url, Origin), Refusal> {
        // Decided on and sent is the same parsed URL, so that no two parsers can differ over it.
        let url = Url::parse(&uri.to_string()).map_err(|_| Refusal::Malformed)?;
        let origin = self.grant.decide(&url, &self.declared)?;
        if !METHODS.contains(method) {
            return Err(Refusal::Method(origin.to_string(), method.to_string()));
        }
        if self.asked >= self.allowed {
            return Err(Refusal::TooMany(self.allowed));
        }
        self.asked += 1;
        Ok((url, origin))
    }

    fn capped(&self, wanted: Option<RequestOptions>) -> RequestLimits {
        let wanted = wanted.unwrap_or_default();
        let least = |cap: Duration, wanted: Option<Duration>| wanted.map_or(cap, |wanted| wanted.min(cap));
        RequestLimits {
            connect: least(self.limits.connect, wanted.connect_timeout),
            first_byte: least(self.limits.first_byte, wanted.first_byte_timeout),
            between_bytes: least(self.limits.between_bytes, wanted.between_bytes_timeout),
            ..self.limits
        }
    }
}

impl WasiHttpHooks for Gate {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name: &HeaderName| DEFAULT_FORBIDDEN_HEADERS.contains(name) || HOP.contains(&name.as_str()))
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        PIECE
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _done: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Sending {
        let (url, origin) = match self.admit(request.method(), request.uri()) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                let error = refused(&refusal);
                self.passage.refuse(refusal);
                return Box::new(std::future::ready(Err(error)));
            }
        };
        let (transport, limits, passage) = (Arc::clone(&self.transport), self.capped(options), self.passage());
        let span = span::request(request.method(), &url);
        let around = span.clone();
        let sending = async move {
            let request = whole(request, &url, &origin, &limits, &passage).await?;
            let method = request.method().clone();
            tracing::debug!(%method, %origin, path = url.path(), "request");
            passage.out.fetch_add(1, Ordering::AcqRel);
            let sending = tokio::time::timeout(limits.head(), transport.send(request, &limits));
            let answer = sending.await.unwrap_or(Err(TransportError::TimedOut));
            match answer.and_then(|answer| small_head(answer, limits.answer_head)) {
                Ok(answer) => {
                    *passage.fault.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    tracing::debug!(%method, %origin, path = url.path(), status = answer.status().as_u16(), "answer");
                    span::answered(&span, answer.status().as_u16());
                    let body = |body| Capped::new(body, &limits).boxed_unsync();
                    Ok((answer.map(body), Box::new(std::future::ready(Ok(()))) as Worker))
                }
                Err(why) => {
                    tracing::debug!(%method, %origin, path = url.path(), "no answer: {why}");
                    span::unanswered(&span, span::lost(&why));
                    if !why.may_have_been_sent() {
                        passage.out.fetch_sub(1, Ordering::AcqRel);
                    }
                    match &why {
                        TransportError::Prohibited(what) => passage.refuse(Refusal::NotPublic(origin.to_string(), what.clone())),
                        TransportError::Unresolved(_) | TransportError::Unreachable(_) | TransportError::Tls(_) => {
                            *passage.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
                        }
                        _ => {}
                    }
                    Err(code(&why))
                }
            }
        };
        Box::new(sending.instrument(around))
    }
}

/// The answer, where its header fields are no longer than that: what a component asks of them it may keep many times.
pub(super) fn small_head(answer: Answer, most: usize) -> Result<Answer, TransportError> {
    let length: usize = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if length > most { Err(TransportError::HeadTooLarge(most)) } else { Ok(answer) }
}

/// The request with its body read to the end, so that it is sent whole or not at all.
async fn whole(
    request: http::Request<WasiBody>,
    url: &Url,
    origin: &Origin,
    limits: &RequestLimits,
    passage: &Passage,
) -> Result<http::Request<Bytes>, Error> {
    let (mut head, body) = request.into_parts();
    let body = match Limited::new(body, limits.request_body).collect().await {
        Ok(body) => body.to_bytes(),
        Err(why) if why.is::<LengthLimitError>() => {
            passage.refuse(Refusal::BodyTooLarge(limits.request_body, origin.to_string()));
            return Err(Error::HttpRequestDenied);
        }
        Err(_) => return Err(Error::HttpRequestDenied),
    };
    head.uri = url.as_str().parse().map_err(|_| Error::HttpRequestUriInvalid)?;
    // Both follow from what is sent; a component's own word could differ from it.
    head.headers.remove(http::header::HOST);
    head.headers.remove(http::header::CONTENT_LENGTH);
    Ok(http::Request::from_parts(head, body))
}

fn refused(refusal: &Refusal) -> Error {
    match refusal {
        Refusal::NotPublic(..) => Error::DestinationIpProhibited,
        Refusal::Malformed => Error::HttpRequestUriInvalid,
        Refusal::Method(..) => Error::HttpRequestMethodInvalid,
        _ => Error::HttpRequestDenied,
    }
}

/// The component's view of an error. What surely was not sent must stay recognizable: a component decides by it whether
/// tokens are still good.
fn code(why: &TransportError) -> Error {
    match why {
        TransportError::Invalid(_) => Error::HttpRequestUriInvalid,
        TransportError::Unresolved(_) => Error::DnsError { rcode: None, info_code: None },
        TransportError::Prohibited(_) => Error::DestinationIpProhibited,
        TransportError::Unreachable(text) if text.contains("refused") => Error::ConnectionRefused,
        TransportError::Unreachable(_) => Error::DestinationUnavailable,
        TransportError::Tls(text) if text.contains("certificate") => Error::TlsCertificateError,
        TransportError::Tls(_) => Error::TlsProtocolError,
        TransportError::TimedOut => Error::HttpResponseTimeout,
        TransportError::Lost(_) => Error::ConnectionTerminated,
        TransportError::HeadTooLarge(cap) => Error::HttpResponseHeaderSectionSize(u32::try_from(*cap).ok()),
        TransportError::TooLarge(cap) => Error::HttpResponseBodySize(Some(*cap)),
    }
}

/// A body that ends with an error past its cap, or when nothing comes for too long. Reads only when asked.
struct Capped {
    body: AnswerBody,
    left: u64,
    cap: u64,
    patience: Duration,
    waiting: Option<Pin<Box<tokio::time::Sleep>>>,
    over: bool,
}

impl Capped {
    fn new(body: AnswerBody, limits: &RequestLimits) -> Self {
        let cap = limits.answer_body;
        Self { body, left: cap, cap, patience: limits.between_bytes, waiting: None, over: false }
    }

    fn fail(&mut self, why: &TransportError) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        tracing::debug!("the body ended early: {why}");
        self.over = true;
        Poll::Ready(Some(Err(code(why))))
    }
}

impl Body for Capped {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let frame = match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Pending => {
                let patience = self.patience;
                let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
                return match waiting.as_mut().poll(context) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(()) => self.fail(&TransportError::TimedOut),
                };
            }
            Poll::Ready(frame) => frame,
        };
        self.waiting = None;
        match frame {
            None => Poll::Ready(None),
            Some(Err(why)) => self.fail(&why),
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |data| u64::try_from(data.len()).unwrap_or(u64::MAX));
                match self.left.checked_sub(length) {
                    None => {
                        let cap = self.cap;
                        self.fail(&TransportError::TooLarge(cap))
                    }
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(frame)))
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[path = "hooks/tests.rs"]
mod tests;
