//! A world on real sockets: loopback ports, each answer delivered as it says.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full, Limited, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    answer::{Answer, Delivery},
    control, search,
    world::World,
};

/// Tells the time in milliseconds since the Unix epoch.
pub type TimeFn = Arc<dyn Fn() -> u64 + Send + Sync>;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// No request to either vendor is larger.
const REQUEST: usize = 64 << 20;
/// The piece in which filler goes out.
const PIECE: u64 = 64 << 10;

/// A world being served. Dropping it stops it at once; [`Server::stop`] lets answers finish.
#[derive(Debug)]
pub struct Server {
    /// Miro, API and consent page alike: `http://127.0.0.1:PORT`.
    pub miro_url: String,
    /// Miro's SCIM: `/Users` is below it.
    pub scim_url: String,
    /// The HTTP Source with its token: a secret, like the real one.
    pub sumo_url: String,
    /// The control door.
    pub control_url: String,
    /// The publisher of feeds: `http://127.0.0.1:PORT`.
    pub feed_url: String,
    /// A collector of traces: `/v1/traces` is below it.
    pub collector_url: String,
    /// Entra: tokens come from `/{tenant}/oauth2/v2.0/token` there.
    pub entra_url: String,
    /// Graph, without its `/v1.0`.
    pub graph_url: String,
    accepted: Arc<AtomicUsize>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Miro,
    Sumo,
    Control,
    Feed,
    Entra,
    Graph,
    Collector,
}

impl Server {
    /// Binds free loopback ports and serves.
    pub async fn start(world: World, clock: TimeFn) -> io::Result<Self> {
        Self::start_on(world, clock, Ipv4Addr::LOCALHOST.into()).await
    }

    /// The same on this address of loopback.
    pub async fn start_on(world: World, clock: TimeFn, ip: IpAddr) -> io::Result<Self> {
        Self::bind(world, clock, ip, [0; 3]).await
    }

    /// The same on these ports: Miro, Sumo, control. Zero is any free one, and the other doors always have one.
    pub async fn start_at(world: World, clock: TimeFn, ports: [u16; 3]) -> io::Result<Self> {
        Self::bind(world, clock, Ipv4Addr::LOCALHOST.into(), ports).await
    }

    async fn bind(world: World, clock: TimeFn, ip: IpAddr, [miro, sumo, control]: [u16; 3]) -> io::Result<Self> {
        let (stop, tasks, accepted) = (CancellationToken::new(), TaskTracker::new(), Arc::new(AtomicUsize::new(0)));
        let mut urls = Vec::new();
        let vendors = [(Door::Miro, miro), (Door::Sumo, sumo), (Door::Control, control)];
        for (door, port) in vendors.into_iter().chain([(Door::Feed, 0), (Door::Entra, 0), (Door::Graph, 0), (Door::Collector, 0)]) {
            let listener = TcpListener::bind((ip, port)).await?;
            urls.push(format!("http://{}", listener.local_addr()?));
            let desk = Desk { door, world: world.clone(), clock: clock.clone(), accepted: Arc::clone(&accepted) };
            tasks.spawn(listen(listener, desk, stop.clone(), tasks.clone()));
        }
        tasks.close();
        let mut urls = urls.into_iter();
        let mut next = || urls.next().unwrap_or_default();
        let miro_url = next();
        Ok(Self {
            scim_url: format!("{miro_url}{}", crate::scim::PATH),
            miro_url,
            sumo_url: next() + &world.sumo_path(),
            control_url: next(),
            feed_url: next(),
            entra_url: next(),
            graph_url: next(),
            collector_url: next(),
            accepted,
            stop,
            tasks,
        })
    }

    /// How many connections came to a vendor or publisher so far.
    pub fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Takes no more connections, gives running answers a second, and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// One port's connection to the world.
#[derive(Clone)]
struct Desk {
    door: Door,
    world: World,
    clock: TimeFn,
    accepted: Arc<AtomicUsize>,
}

async fn listen(listener: TcpListener, desk: Desk, stop: CancellationToken, tasks: TaskTracker) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            // A connection that died before it was accepted is the client's affair.
            Ok((stream, _)) = listener.accept() => drop(tasks.spawn(connection(stream, desk.clone(), stop.clone()))),
        }
    }
}

async fn connection(stream: TcpStream, desk: Desk, stop: CancellationToken) {
    if desk.door != Door::Control {
        desk.accepted.fetch_add(1, Ordering::SeqCst);
    }
    // A delay that is Nagle's would be blamed on the client.
    let _ = stream.set_nodelay(true);
    let broken = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| desk.serve(request, broken.clone()));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = &mut connection => {}
        () = stop.cancelled() => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            let _ = time::timeout(Duration::from_secs(1), &mut connection).await;
        }
    }
    if broken.load(Ordering::SeqCst) {
        // Nothing lingers: the peer sees a reset, not an orderly end.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

impl Desk {
    async fn serve(&self, request: Request<Incoming>, broken: Arc<AtomicBool>) -> Result<Response<Body>, io::Error> {
        let searches = request.uri().path().starts_with(search::PATH);
        let sends = self.door == Door::Sumo && request.method() == http::Method::POST && !searches;
        let sending = sends.then(|| self.world.sending());
        let (parts, body) = request.into_parts();
        let answer = match Limited::new(body, REQUEST).collect().await {
            Ok(body) => {
                let request = Request::from_parts(parts, body.to_bytes());
                let now = (self.clock)();
                match self.door {
                    Door::Miro => self.world.miro(&request, now),
                    Door::Sumo if searches => self.world.search(&request, now),
                    Door::Sumo => self.world.sumo(&request, now),
                    Door::Entra => self.world.entra(&request, now),
                    Door::Graph => self.world.graph(&request, now),
                    Door::Collector => self.world.collector(&request, now),
                    Door::Feed => self.world.feed(&request, now),
                    Door::Control => control::answer(&self.world, &request, now),
                }
            }
            Err(_) => Answer::text(413, "text/plain", "the request is cut off or over 64 MB"),
        };
        if let Delivery::Delayed(ms) = answer.delivery {
            time::sleep(Duration::from_millis(ms)).await;
        }
        if let Some(sending) = sending {
            sending.answered();
        }
        match answer.delivery {
            Delivery::Reset | Delivery::Lost => {
                broken.store(true, Ordering::SeqCst);
                Err(io::ErrorKind::ConnectionReset.into())
            }
            _ => respond(answer),
        }
    }
}

fn respond(answer: Answer) -> Result<Response<Body>, io::Error> {
    let Answer { status, headers, body, delivery } = answer;
    let length = body.len();
    let (length, body) = match delivery {
        Delivery::Truncated(after) => (length as u64, cut(body.slice(..after.min(length)))),
        Delivery::Giant(bytes) => (bytes.max(length as u64), frames(giant(body, bytes))),
        Delivery::Slow(chunk, pause) => (length as u64, frames(slow(body, chunk.max(1), pause))),
        _ => (length as u64, Full::new(body).map_err(never).boxed_unsync()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).map_err(io::Error::other)?;
    *response.headers_mut() = headers;
    if status != 204 {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    Ok(response)
}

fn never(never: Infallible) -> io::Error {
    match never {}
}

fn frames(pieces: impl Stream<Item = Bytes> + Send + 'static) -> Body {
    StreamBody::new(pieces.map(|piece| Ok(Frame::data(piece)))).boxed_unsync()
}

/// What there is of it, and then the connection breaks.
fn cut(start: Bytes) -> Body {
    let pieces = [Ok(Frame::data(start)), Err(io::ErrorKind::ConnectionReset.into())];
    // Each piece gets a turn of its own, so that the first has left before the second ends it all.
    let turns = stream::iter(pieces).then(|piece| async {
        tokio::task::yield_now().await;
        piece
    });
    StreamBody::new(turns).boxed_unsync()
}

fn giant(body: Bytes, bytes: u64) -> impl Stream<Item = Bytes> + Send {
    let filler = Bytes::from(vec![b' '; PIECE as usize]);
    let left = bytes.saturating_sub(body.len() as u64);
    let blanks = stream::unfold(left, move |left| {
        let piece = filler.slice(..usize::try_from(left.min(PIECE)).unwrap_or_default());
        async move { (left > 0).then(|| (piece, left.saturating_sub(PIECE))) }
    });
    stream::once(async { body }).chain(blanks)
}

fn slow(body: Bytes, chunk: usize, pause_ms: u64) -> impl Stream<Item = Bytes> + Send {
    stream::unfold(body, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        time::sleep(Duration::from_millis(pause_ms)).await;
        let piece = left.split_to(chunk.min(left.len()));
        Some((piece, left))
    })
}
