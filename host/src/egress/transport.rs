//! How a request that passed the gate travels: over the network, or in a test through a simulated world.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, combinators::UnsyncBoxBody};

use super::client::{self, NetworkError, Prohibited, Purpose};
use crate::config::NetworkConfig;

/// An answer's body, as it comes in.
pub type ResponseBody = UnsyncBoxBody<Bytes, TransportError>;

/// Sends requests.
pub trait Transport: Send + Sync + 'static {
    /// Sends one and gives the head of its answer. Dropping the future, or the body, ends the exchange.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<ResponseBody>, TransportError>>;
}

/// Why there is no answer, by whether the request may have been processed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The address is not public. Nothing was sent.
    #[error("the address is not public")]
    Prohibited,
    /// No connection. Nothing was sent.
    #[error("failed to connect: {0}")]
    Connect(String),
    /// TLS failed. Nothing was sent.
    #[error("failed to establish TLS: {0}")]
    Tls(String),
    /// It took too long; it may have been processed.
    #[error("no answer in time")]
    TimedOut,
    /// The connection broke; it may have been processed.
    #[error("the connection broke: {0}")]
    Broken(String),
}

/// The real network.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// As the configuration wants it.
    pub fn new(network: &NetworkConfig) -> Result<Self, NetworkError> {
        Ok(Self { client: client::build(network, Purpose::Component)? })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<ResponseBody>, TransportError>> {
        let client = self.client.clone();
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(classify)?;
            let answer = client.execute(request).await.map_err(classify)?;
            let (parts, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
            Ok(http::Response::from_parts(parts, body.map_err(classify).boxed_unsync()))
        })
    }
}

/// What kind of failure it is. Texts carry no URL: a query may hold what is not for a log.
fn classify(why: reqwest::Error) -> TransportError {
    let why = why.without_url();
    let mut deepest: &dyn std::error::Error = &why;
    let mut tls = false;
    while let Some(cause) = deepest.source() {
        if cause.is::<Prohibited>() {
            return TransportError::Prohibited;
        }
        tls |= cause.is::<rustls::Error>();
        deepest = cause;
    }
    let text = deepest.to_string();
    if why.is_builder() {
        return TransportError::Connect(text);
    }
    if why.is_connect() {
        return if tls { TransportError::Tls(text) } else { TransportError::Connect(text) };
    }
    if why.is_timeout() { TransportError::TimedOut } else { TransportError::Broken(text) }
}
