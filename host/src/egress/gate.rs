//! The gate: what `wasi:http` does when a component sends a request.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::{Grant, Origin, Transport, TransportError, address::is_public};

/// No request of a component is larger.
const REQUEST_BODY: usize = 1 << 20;
/// Nor takes longer to hand over.
const HAND_OVER: Duration = Duration::from_secs(10);
/// The longest wait for the head of an answer, whatever the component asks for.
const FIRST_BYTE: Duration = Duration::from_secs(60);

type Exchange = (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

/// What one call of a component may send.
pub struct Gate {
    transport: Arc<dyn Transport>,
    grant: Grant,
    requests: u32,
    body: usize,
    sent: Arc<AtomicU32>,
}

impl Gate {
    /// At most `requests` requests to what `grant` covers, each answer at most `body` bytes.
    pub fn new(transport: Arc<dyn Transport>, grant: Grant, requests: u32, body: usize) -> Self {
        Self { transport, grant, requests, body, sent: Arc::default() }
    }

    /// How many requests left so far. Shared: readable after the call was given up.
    pub fn sent(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.sent)
    }

    /// Whether a request may leave, and why not.
    fn admit(&self, uri: &http::Uri) -> Result<(), (Error, String)> {
        let refused = |why: String| Err((Error::HttpRequestDenied, why));
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return refused("a request without scheme or host".into());
        };
        if authority.as_str().contains('@') {
            return refused("a request with credentials in its address".into());
        }
        let origin: Origin = match format!("{scheme}://{authority}").parse() {
            Ok(origin) => origin,
            Err(why) => return refused(format!("{why}")),
        };
        if !self.grant.allows(&origin) {
            return refused(format!("{origin} is not granted"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = host.parse::<IpAddr>()
            && !is_public(address)
            && !address.is_loopback()
        {
            return Err((Error::DestinationIpProhibited, format!("{origin} is not a public address")));
        }
        if self.sent.fetch_add(1, Ordering::Relaxed) >= self.requests {
            return Err((Error::ConnectionLimitReached, format!("more than {} requests in one call", self.requests)));
        }
        Ok(())
    }
}

impl WasiHttpHooks for Gate {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Exchange, Error>> + Send> {
        if let Err((error, why)) = self.admit(request.uri()) {
            tracing::warn!("refused a component's request: {}", crate::neutral::visible(&why));
            return Box::new(async move { Err(error) });
        }
        let (transport, cap) = (Arc::clone(&self.transport), self.body);
        let options = options.unwrap_or_default();
        let first_byte = options.first_byte_timeout.unwrap_or(FIRST_BYTE).min(FIRST_BYTE);
        let between = options.between_bytes_timeout.unwrap_or(FIRST_BYTE).min(FIRST_BYTE);
        Box::new(async move {
            let (parts, body) = request.into_parts();
            let gathered = tokio::time::timeout(HAND_OVER, Limited::new(body, REQUEST_BODY).collect()).await;
            let body = match gathered {
                Ok(Ok(body)) => body.to_bytes(),
                Ok(Err(_)) => return Err(Error::HttpRequestBodySize(None)),
                Err(_) => return Err(Error::ConfigurationError),
            };
            let sending = transport.send(http::Request::from_parts(parts, body));
            let answer = match tokio::time::timeout(first_byte, sending).await {
                Ok(answer) => answer.map_err(said)?,
                Err(_) => return Err(Error::HttpResponseTimeout),
            };
            Ok((answer.map(|body| capped(body, cap, between)), Box::new(async { Ok(()) }) as Box<_>))
        })
    }
}

/// The body up to a cap, each piece within a time.
fn capped(body: super::ResponseBody, cap: usize, between: Duration) -> WasiBody {
    let pieces = futures_util::stream::try_unfold((body, 0_usize), move |(mut body, seen)| async move {
        let frame = match tokio::time::timeout(between, body.frame()).await {
            Ok(None) => return Ok(None),
            Ok(Some(frame)) => frame.map_err(said)?,
            Err(_) => return Err(Error::ConnectionReadTimeout),
        };
        let size = frame.data_ref().map_or(0, Bytes::len);
        let seen = seen.saturating_add(size);
        if seen > cap {
            return Err(Error::HttpResponseBodySize(u64::try_from(cap).ok()));
        }
        Ok(Some((frame, (body, seen))))
    });
    http_body_util::StreamBody::new(pieces).boxed_unsync()
}

/// The same in `wasi:http`'s words.
fn said(why: TransportError) -> Error {
    match why {
        TransportError::Prohibited => Error::DestinationIpProhibited,
        TransportError::Connect(text) => {
            tracing::debug!("failed to connect: {text}");
            Error::ConnectionRefused
        }
        TransportError::Tls(text) => {
            tracing::warn!("failed to establish TLS: {text}");
            Error::TlsCertificateError
        }
        TransportError::TimedOut => Error::HttpResponseTimeout,
        TransportError::Broken(text) => {
            tracing::debug!("connection broke: {text}");
            Error::ConnectionTerminated
        }
    }
}
