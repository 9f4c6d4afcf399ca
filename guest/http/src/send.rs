//! Sending, the one thing that a component does outside of itself.

use crate::{
    bindings::wasi::{
        http::{
            outgoing_handler::handle,
            types::{Fields, IncomingResponse, Method as Verb, OutgoingBody, OutgoingRequest, Scheme},
        },
        io::streams::StreamError,
    },
    exchange::{Answer, Body, Method, Request, Response, TransportError},
    fault::failed,
};

/// The most that is read or written in one call of a stream; `blocking-write-and-flush` takes no more.
const PIECE: usize = 4096;

/// Sends one request and reads its answer, of the body no more than `cap` bytes.
///
/// # Errors
/// Where no whole answer came; see [`TransportError`].
pub fn send(request: Request, cap: u64) -> Answer {
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
        Method::Patch => Verb::Patch,
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
