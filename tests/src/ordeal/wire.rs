//! The way from components to simulated Miros, without a socket: one runtime, and with it one compiled component, serves
//! every ordeal of the process, told apart by the host name of `api_url`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{future::BoxFuture, stream};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use miro_source::{
    clock::{Clock, SteppedClock},
    egress::{AnswerBody, RequestLimits, Transport, TransportError},
};
use simulator::{Answer, Delivery, World};

use super::{fuse::Fuse, trace::Trace, verdict::Tally};

/// How long a client waits for the head of an answer.
const PATIENCE: u64 = 60_000;
/// Filler goes out in pieces of so many bytes.
const PIECE: u64 = 64 << 10;

/// The far end of one ordeal's requests.
#[derive(Clone)]
pub(super) struct End {
    pub(super) world: World,
    pub(super) clock: SteppedClock,
    pub(super) fuse: Fuse,
    pub(super) trace: Trace,
    pub(super) tally: Tally,
}

/// Connects requests with the ordeal whose host they name.
#[derive(Clone, Default)]
pub(super) struct Switchboard(Arc<Mutex<HashMap<String, End>>>);

impl Switchboard {
    /// From now on requests to `host` end there.
    pub(super) fn connect(&self, host: &str, end: End) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned(), end);
    }

    /// No longer.
    pub(super) fn disconnect(&self, host: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(host);
    }
}

impl Transport for Switchboard {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _: &RequestLimits,
    ) -> BoxFuture<'static, Result<http::Response<AnswerBody>, TransportError>> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let end = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&host).cloned();
        Box::pin(async move {
            match end {
                Some(end) => end.exchange(&request).await,
                None => Err(TransportError::Unreachable(format!("nobody answers at {host}"))),
            }
        })
    }
}

impl End {
    async fn exchange(&self, request: &http::Request<Bytes>) -> Result<http::Response<AnswerBody>, TransportError> {
        let token = request.uri().path().contains("oauth");
        let last = || self.trace.note(format!("{} ✝", line(request)));
        let Ok(answer) = self.fuse.pass(last, || self.world.miro(request, self.clock.now().0)) else {
            // Nobody is there to hear of it.
            return std::future::pending().await;
        };
        self.trace.note(format!("{} → {} {:?}, {} bytes", line(request), answer.status, answer.delivery, answer.body.len()));
        self.tally.asked(token, &answer);
        match answer.delivery {
            Delivery::Reset | Delivery::Lost => Err(TransportError::Lost("reset by peer".into())),
            Delivery::Delayed(ms) => {
                self.clock.step_to(self.clock.now().plus(Duration::from_millis(ms.min(PATIENCE))));
                if ms >= PATIENCE { Err(TransportError::TimedOut) } else { head(answer) }
            }
            _ => head(answer),
        }
    }
}

/// As the answer is delivered.
fn head(answer: Answer) -> Result<http::Response<AnswerBody>, TransportError> {
    let Answer { status, headers, body, delivery } = answer;
    let body: AnswerBody = match delivery {
        Delivery::Truncated(after) => {
            let start = body.slice(..after.min(body.len()));
            let pieces = [Ok(Frame::data(start)), Err(TransportError::Lost("reset by peer".into()))];
            StreamBody::new(stream::iter(pieces)).boxed_unsync()
        }
        Delivery::Giant(bytes) => {
            let blanks = bytes.saturating_sub(body.len() as u64);
            let filler = Bytes::from(vec![b' '; PIECE as usize]);
            let pieces = (0..blanks.div_ceil(PIECE)).map(move |_| filler.clone());
            StreamBody::new(stream::iter(std::iter::once(body).chain(pieces).map(|piece| Ok(Frame::data(piece))))).boxed_unsync()
        }
        Delivery::Slow(chunk, _) => {
            let chunk = chunk.max(1);
            let pieces: Vec<_> =
                (0..body.len()).step_by(chunk).map(|at| Ok(Frame::data(body.slice(at..body.len().min(at + chunk))))).collect();
            StreamBody::new(stream::iter(pieces)).boxed_unsync()
        }
        _ => Full::new(body).map_err(|never| match never {}).boxed_unsync(),
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).map_err(|why| TransportError::Lost(why.to_string()))?;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The request without its secrets.
fn line(request: &http::Request<Bytes>) -> String {
    let query = request.uri().query().unwrap_or_default().replace("%3A", ":");
    format!("{} {}?{query}", request.method(), request.uri().path())
}
