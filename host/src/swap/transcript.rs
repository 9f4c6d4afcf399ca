//! One `collect` as it happened: what went in but the token, the request, the answer, and the page that came out.
//!
//! Played again, the answer serves whatever single request comes, and nothing leaves this machine.

use std::sync::{Arc, Mutex, PoisonError};

use audit_pipeline::source::Page;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use serde::{Deserialize, Serialize};

use crate::egress::{Answer, RequestLimits, Transport, TransportError};

/// Raised with every change that an older host would misread.
const VERSION: u32 = 1;
/// The largest answer that is kept.
const LARGEST: usize = 4 << 20;
/// Stands where the token stood, and is the token when a transcript is played again.
pub(super) const TOKEN: &str = "{token}";

/// One `collect` as it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    v: u32,
    /// The digest of the component that made the page.
    pub digest: String,
    /// The configuration it was given.
    pub config: String,
    /// The checkpoint it was given.
    pub checkpoint: String,
    /// The time it was told.
    pub now: u64,
    /// Its request and the answer, where it made one.
    pub exchange: Option<Exchange>,
    /// What it made of it.
    pub page: Page,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// What was asked.
    pub request: Asked,
    /// What was answered.
    pub answer: Answered,
}

/// A request, its token covered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers, in order of name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Content,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Content,
}

/// A body, as text where it is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64(String),
}

impl Content {
    fn new(bytes: &[u8], token: &str) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(without(text, token)),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }

    fn bytes(&self) -> Bytes {
        match self {
            Self::Text(text) => Bytes::from(text.clone()),
            // We encoded it; damaged, it is no answer at all.
            Self::Base64(text) => STANDARD.decode(text).map(Bytes::from).unwrap_or_default(),
        }
    }
}

impl Transcript {
    /// As bytes, to be sealed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads one; `None` where a newer or damaged one cannot be read.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|transcript| transcript.v == VERSION)
    }
}

/// The token covered, plain and as in a form or a URL.
fn without(text: &str, token: &str) -> String {
    if token.is_empty() {
        return text.to_owned();
    }
    let encoded: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let placeholder: String = url::form_urlencoded::byte_serialize(TOKEN.as_bytes()).collect();
    let text = text.replace(token, TOKEN);
    if encoded == token { text } else { text.replace(&encoded, &placeholder) }
}

fn asked(request: &http::Request<Bytes>, token: &str) -> Asked {
    Asked {
        method: request.method().to_string(),
        url: without(&request.uri().to_string(), token),
        headers: headers(request.headers(), token),
        body: Content::new(request.body(), token),
    }
}

fn headers(headers: &http::HeaderMap, token: &str) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| without(&String::from_utf8_lossy(value.as_bytes()), token);
    let mut all: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    all.sort();
    all
}

/// Carries requests on and takes down what passes, for one call.
pub struct Recorder {
    inner: Arc<dyn Transport>,
    token: String,
    tape: Arc<Mutex<Tape>>,
}

#[derive(Default)]
struct Tape {
    request: Option<Asked>,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// More than is kept: of no use.
    spoiled: bool,
}

impl Recorder {
    /// Over `inner`, for a call that is given `token`.
    pub fn new(inner: Arc<dyn Transport>, token: &str) -> Self {
        Self { inner, token: token.to_owned(), tape: Arc::default() }
    }

    /// The transcript of the call. `None` where its answer is too large to keep.
    pub fn transcript(&self, digest: &str, config: &str, checkpoint: &str, now: u64, page: &Page) -> Option<Transcript> {
        let tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        if tape.spoiled {
            return None;
        }
        let exchange = tape.request.clone().map(|request| Exchange {
            request,
            answer: Answered { status: tape.status, headers: tape.headers.clone(), body: Content::new(&tape.body, &self.token) },
        });
        Some(Transcript {
            v: VERSION,
            digest: digest.to_owned(),
            config: config.to_owned(),
            checkpoint: checkpoint.to_owned(),
            now,
            exchange,
            page: page.clone(),
        })
    }
}

impl Transport for Recorder {
    fn send(&self, request: http::Request<Bytes>, limits: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        let tape = Arc::clone(&self.tape);
        let token = self.token.clone();
        {
            let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
            tape.spoiled |= tape.request.is_some();
            tape.request = Some(asked(&request, &token));
        }
        let sending = self.inner.send(request, limits);
        Box::pin(async move {
            let answer = sending.await?;
            {
                let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
                tape.status = answer.status().as_u16();
                tape.headers = headers(answer.headers(), &token);
            }
            let take = move |frame: http_body::Frame<Bytes>| {
                if let Some(data) = frame.data_ref() {
                    let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
                    tape.spoiled |= tape.body.len().saturating_add(data.len()) > LARGEST;
                    if !tape.spoiled {
                        tape.body.extend_from_slice(data);
                    }
                }
                frame
            };
            Ok(answer.map(|body| body.map_frame(take).boxed_unsync()))
        })
    }
}

/// Serves one recorded answer to whatever comes, and remembers what came.
pub(super) struct Played {
    answer: Option<Answered>,
    seen: Mutex<Option<Asked>>,
}

impl Played {
    /// The answer of a transcript; without one, every request finds nobody.
    pub(super) fn new(transcript: &Transcript) -> Self {
        Self { answer: transcript.exchange.as_ref().map(|exchange| exchange.answer.clone()), seen: Mutex::default() }
    }

    /// The request that came.
    pub(super) fn seen(&self) -> Option<Asked> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn serve(&self) -> Result<Answer, TransportError> {
        let unplayable = |why: http::Error| TransportError::Lost(why.to_string());
        let Some(answer) = &self.answer else { return Err(nobody()) };
        let mut response = http::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        let body = Full::new(answer.body.bytes()).map_err(|never| match never {}).boxed_unsync();
        response.body(body).map_err(unplayable)
    }
}

impl Transport for Played {
    fn send(&self, request: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked(&request, TOKEN));
        Box::pin(std::future::ready(self.serve()))
    }
}

/// Where no request finds anybody: a component that was to read a checkpoint has read it by the time it asks.
pub(super) struct Nobody;

impl Transport for Nobody {
    fn send(&self, _: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        Box::pin(std::future::ready(Err(nobody())))
    }
}

fn nobody() -> TransportError {
    TransportError::Unreachable("nothing leaves while a component is proved".to_owned())
}
