//! A small server on loopback that waits for one redirect.
//!
//! Eight KiB of request head, a few connections (browsers open some that they never use), five seconds for a head, one
//! request each. Whatever is not the answer to this flow gets a page that says so, and the wait goes on.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

use super::{
    callback::{Callback, Expected, Stray, judge},
    page::page,
};

const HEAD_BYTES: usize = 8 * 1024;
const HEAD_TIME: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 8;

/// Waits for the answer to this flow. Ends only with it: give it a limit by dropping the future.
pub(super) async fn wait(listener: &TcpListener, expected: Expected) -> std::io::Result<Callback> {
    let expected = Arc::new(expected);
    let (answers, mut answered) = mpsc::channel(1);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(callback) = answered.recv() => return Ok(callback),
            accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                let (stream, _) = accepted?;
                connections.spawn(serve(stream, Arc::clone(&expected), answers.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, expected: Arc<Expected>, answers: mpsc::Sender<Callback>) {
    let found = Mutex::new(None);
    let service = service_fn(|request: Request<Incoming>| {
        let (response, callback) = answer(&request, &expected);
        if callback.is_some() {
            *found.lock().unwrap_or_else(PoisonError::into_inner) = callback;
        }
        async { Ok::<_, Infallible>(response) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(why) = served {
        tracing::debug!("a connection to the redirect address broke off: {why}");
    }
    // Only now: the browser has its page.
    if let Some(callback) = found.into_inner().unwrap_or_else(PoisonError::into_inner) {
        // Full: the flow has its answer already.
        drop(answers.try_send(callback));
    }
}

fn answer(request: &Request<Incoming>, expected: &Expected) -> (Response<Full<Bytes>>, Option<Callback>) {
    if request.method() != Method::GET {
        return (html(StatusCode::METHOD_NOT_ALLOWED, "Not for this", "Only a browser's redirect is answered here."), None);
    }
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    match judge(target, expected) {
        Ok(callback) => {
            let (title, text) = match &callback {
                Callback::Code(_) => {
                    ("Authorized", "The answer has arrived. The terminal says how it went on; this page may be closed.".into())
                }
                Callback::Refused(error) => {
                    ("Not authorized", format!("The vendor says: {error}. Nothing was changed; this page may be closed."))
                }
            };
            (html(StatusCode::OK, title, &text), Some(callback))
        }
        Err(Stray::Path) => (html(StatusCode::NOT_FOUND, "Nothing here", "There is nothing at this address."), None),
        Err(why) => {
            tracing::warn!("a request to the redirect address was turned away: {why}; still waiting");
            let text = format!("{why}. Nothing was changed. Open the address that the terminal shows, and finish there.");
            (html(StatusCode::BAD_REQUEST, "Not this one", &text), None)
        }
    }
}

fn html(status: StatusCode, title: &str, text: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(page(title, text))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}
