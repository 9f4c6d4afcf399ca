//! The listener and its bounds: a few connections, a small head in a short time, one request each, no body.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{answer::answer, sight::Sight};

/// More than any number of scrapers and probes; who comes then waits.
const CONNECTIONS: usize = 32;
/// Browsers and scrapers send some hundred bytes.
const HEAD_BYTES: usize = 8 * 1024;
/// For the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// For all of a connection, so that nobody keeps one by not reading.
const TIME: Duration = Duration::from_secs(30);
/// For those under way when the host stops.
const LAST: Duration = Duration::from_secs(2);
/// Before it is accepted again, where the machine is out of something.
const AGAIN: Duration = Duration::from_millis(100);

/// Why nothing listens there.
#[derive(Debug, thiserror::Error)]
#[error("failed to listen at {address} for metrics and health: {cause}; {remedy}")]
pub struct ListenError {
    address: SocketAddr,
    remedy: &'static str,
    cause: io::Error,
}

/// An address that is listened at.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Listens there from now on.
    pub async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        let bound = async {
            let tcp = TcpListener::bind(address).await?;
            // Port 0 becomes one that is free.
            let address = tcp.local_addr()?;
            tracing::info!("metrics and health are shown at http://{address}: /metrics, /healthz, /readyz");
            Ok(Self { tcp, address })
        };
        bound.await.map_err(|cause: io::Error| {
            let remedy = match cause.kind() {
                io::ErrorKind::AddrInUse => "end the process that has it, or name another port in `listen` of [web]",
                io::ErrorKind::AddrNotAvailable => "name an address of this machine in `listen` of [web]",
                io::ErrorKind::PermissionDenied => "name a port from 1024 on in `listen` of [web]",
                _ => "name another address in `listen` of [web], or leave it out",
            };
            ListenError { address, remedy, cause }
        })
    }

    /// Where that is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Answers until told to stop. Who comes afterwards waits for whoever serves next, or is turned away when the listener is gone.
pub async fn serve(listener: Arc<Listener>, sight: Arc<Sight>, shutdown: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.tcp.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&sight)));
                }
                Err(why) => {
                    tracing::debug!("a connection for metrics was not accepted: {why}");
                    // A shutdown ends the pause; the loop then sees it too.
                    let _ = tokio::time::timeout(AGAIN, shutdown.cancelled()).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let rest = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST, rest).await.is_err() {
        tracing::debug!("connections for metrics were cut off");
    }
}

async fn connection(stream: TcpStream, sight: Arc<Sight>) {
    let service = service_fn(|request: Request<Incoming>| {
        let sight = Arc::clone(&sight);
        async move { Ok::<_, Infallible>(answer(request.method(), request.uri().path(), &sight).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(TIME, served).await {
        Ok(Ok(())) => {}
        Ok(Err(why)) => tracing::debug!("a connection for metrics broke off: {why}"),
        Err(_) => tracing::debug!("a connection for metrics took too long"),
    }
}
