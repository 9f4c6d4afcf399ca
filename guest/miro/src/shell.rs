//! The component's outer skin: exports to plain functions, requests to `wasi:http`. Compiled for WebAssembly only.

use crate::{
    bindings::{
        self,
        wasi::{
            http::{
                outgoing_handler::handle,
                types::{ErrorCode, Fields, IncomingResponse, Method as Verb, OutgoingBody, OutgoingRequest, Scheme},
            },
            io::streams::StreamError,
        },
    },
    component,
    http::{Body, Method, Request, Response, TransportError},
    source::{Allowance, Guest, Identity, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure, Secrets},
};

struct Miro;

impl Guest for Miro {
    fn describe() -> Description {
        component::describe()
    }

    fn metering(config: String) -> Result<Allowance, Failure> {
        component::metering(&config)
    }

    fn origins(config: String) -> Result<Vec<String>, Failure> {
        component::origins(&config)
    }

    fn check(config: String, access_token: String) -> Result<Identity, Failure> {
        component::check(&config, &access_token, send)
    }

    fn authorize_url(config: String, redirect_uri: String, state: String) -> Result<String, Failure> {
        component::authorize_url(&config, &redirect_uri, &state)
    }

    fn exchange(config: String, secrets: Secrets, code: String, redirect_uri: String, now: u64) -> Result<Credentials, Failure> {
        component::exchange(&config, &secrets, &code, &redirect_uri, now, send)
    }

    fn refresh(config: String, secrets: Secrets, credentials: Credentials, now: u64) -> Result<Credentials, RefreshFailure> {
        component::refresh(&config, &secrets, &credentials, now, send)
    }

    fn revoke(config: String, secrets: Secrets, credentials: Credentials) -> Result<(), Failure> {
        component::revoke(&config, &secrets, &credentials, send)
    }

    fn begin(config: String, span: Span, now: u64) -> Result<String, Failure> {
        component::begin(&config, span, now)
    }

    fn collect(config: String, access_token: String, checkpoint: String, now: u64) -> Result<Page, Failure> {
        component::collect(&config, &access_token, &checkpoint, now, send)
    }

    fn normalize(config: String, records: Vec<String>) -> Vec<Result<Event, String>> {
        component::normalize(&config, &records)
    }

    fn ocsf(config: String, records: Vec<String>) -> Vec<Result<String, String>> {
        component::ocsf(&config, &records)
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Miro, bindings};

    bindings::export!(Miro with_types_in bindings);
}

/// The most that is read or written in one call of a stream; `blocking-write-and-flush` takes no more.
const PIECE: usize = 4096;

/// Sends one request and reads its answer, of the body no more than `cap` bytes.
fn send(request: Request, cap: u64) -> Result<Response, TransportError> {
    let refused = |what: &str| TransportError::Unsent(format!("the request has {what} that cannot be sent"));
    let mut headers: Vec<(String, Vec<u8>)> = request.headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
    if let Some(body) = &request.body {
        // Without it the body would go out in chunks, which some proxies refuse.
        headers.push(("content-length".to_owned(), body.len().to_string().into_bytes()));
    }
    let outgoing = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| refused("a header"))?);
    let (scheme, rest) = request.url.split_once("://").ok_or_else(|| refused("an address"))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let verb = match request.method {
        Method::Get => Verb::Get,
        Method::Post => Verb::Post,
    };
    let scheme = if scheme == "http" { Scheme::Http } else { Scheme::Https };
    outgoing.set_method(&verb).map_err(|()| refused("a method"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| refused("a scheme"))?;
    outgoing.set_authority(Some(authority)).map_err(|()| refused("a host"))?;
    outgoing.set_path_with_query(Some(path)).map_err(|()| refused("a path"))?;
    let answer = match &request.body {
        None => handle(outgoing, None).map_err(failed)?,
        Some(bytes) => {
            let body = outgoing.body().map_err(|()| refused("a body"))?;
            let answer = handle(outgoing, None).map_err(failed)?;
            write(body, bytes)?;
            answer
        }
    };
    answer.subscribe().block();
    match answer.get() {
        Some(Ok(Ok(response))) => read(response, cap),
        Some(Ok(Err(code))) => Err(failed(code)),
        Some(Err(())) | None => Err(TransportError::Unknown("the answer was taken away".to_owned())),
    }
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), TransportError> {
    if let Ok(stream) = body.write() {
        for piece in bytes.chunks(PIECE) {
            // Where the far side has hung up, the answer says why.
            if stream.blocking_write_and_flush(piece).is_err() {
                break;
            }
        }
    }
    OutgoingBody::finish(body, None).map_err(failed)
}

fn read(response: IncomingResponse, cap: u64) -> Result<Response, TransportError> {
    let lost = || TransportError::Unknown("the body of the answer was taken away".to_owned());
    let status = response.status();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let headers = response.headers().entries().into_iter().map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect();
    let body = response.consume().map_err(|()| lost())?;
    let stream = body.stream().map_err(|()| lost())?;
    let mut whole = Vec::new();
    let body = loop {
        match stream.blocking_read(1 << 16) {
            Ok(piece) if whole.len() as u64 + piece.len() as u64 > cap => break Body::TooLarge,
            Ok(piece) => whole.extend_from_slice(&piece),
            Err(StreamError::Closed) => break Body::Whole(whole),
            Err(StreamError::LastOperationFailed(_)) => {
                return Err(TransportError::Unknown("the body of the answer was cut short".to_owned()));
            }
        }
    };
    Ok(Response { status, headers, body })
}

/// Only what surely happened before the request went out is unsent.
fn failed(code: ErrorCode) -> TransportError {
    let why = match &code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => "its name could not be resolved".to_owned(),
        ErrorCode::ConnectionRefused => "the connection was refused".to_owned(),
        ErrorCode::DestinationIpProhibited => "its address is not allowed; see `allow` of the source".to_owned(),
        ErrorCode::HttpRequestDenied => "the host denied the request; see `allow` of the source".to_owned(),
        ErrorCode::TlsCertificateError => "its TLS certificate is not trusted".to_owned(),
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => "no answer in time".to_owned(),
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => "the connection ended early".to_owned(),
        ErrorCode::InternalError(Some(text)) => text.chars().take(200).collect(),
        other => format!("{other:?}"),
    };
    match code {
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_)
        | ErrorCode::HttpRequestDenied
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::ConfigurationError => TransportError::Unsent(why),
        _ => TransportError::Unknown(why),
    }
}
