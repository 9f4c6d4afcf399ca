//! How a request travels once the gate has let it through. The real network is
//! [`HttpTransport`](super::client::HttpTransport); a test puts a simulator here and needs no socket.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;

/// A body that is read as it arrives. Dropping it ends the transfer.
pub type AnswerBody = UnsyncBoxBody<Bytes, TransportError>;

/// An answer: head and streamed body.
pub type Answer = http::Response<AnswerBody>;

/// Carries a request whose origin was decided on. The URI is absolute, the body whole.
pub trait Transport: Send + Sync + 'static {
    /// Sends it and returns once the head of the answer is there. Follows no redirect. Dropping the future cancels it.
    fn send(&self, request: http::Request<Bytes>, limits: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>>;
}

/// What one request may cost. A component may ask for less, never for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// Until the connection stands.
    pub connect: Duration,
    /// From there until the head of the answer.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub between_bytes: Duration,
    /// The most of a request body. Components post forms and small JSON; a megabyte is far beyond both.
    pub request_body: usize,
    /// The most of an answer's header fields, names and values together. The largest in use have some 16 KiB.
    pub answer_head: usize,
    /// The most of an answer's body. Components cap lower by themselves, so that reaching this means a broken one.
    pub answer_body: u64,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            // A vendor's gateway gives up after 60 s; its answer saying so should still be seen.
            first_byte: Duration::from_secs(65),
            between_bytes: Duration::from_secs(30),
            request_body: 1 << 20,
            answer_head: 64 << 10,
            answer_body: 16 << 20,
        }
    }
}

impl RequestLimits {
    /// The longest wait for the head of an answer.
    pub fn head(&self) -> Duration {
        self.connect.saturating_add(self.first_byte)
    }
}

/// Why there is no answer, or no more of it. Texts carry no URL, header or body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The request is not one that can be sent.
    #[error("the request cannot be sent: {0}")]
    Invalid(String),
    /// The name has no address.
    #[error("the name cannot be resolved: {0}")]
    Unresolved(String),
    /// The name leads to an address that must not be reached.
    #[error("{0}")]
    Prohibited(String),
    /// No connection came up.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// TLS did not come up.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// Too long without an answer, or without more of it.
    #[error("no answer in time")]
    TimedOut,
    /// The connection ended before the answer did.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The header fields are longer than allowed.
    #[error("the header fields of the answer are longer than {0} bytes")]
    HeadTooLarge(usize),
    /// The body is longer than allowed.
    #[error("the answer is longer than {0} bytes")]
    TooLarge(u64),
}

impl TransportError {
    /// Whether the far side may have seen the request.
    pub fn may_have_been_sent(&self) -> bool {
        matches!(self, Self::TimedOut | Self::Lost(_) | Self::HeadTooLarge(_) | Self::TooLarge(_))
    }
}
