//! A connection of the host's own, for what is not HTTP: mail, and the look of `check`. It goes the way that HTTP goes, straight or
//! through a tunnel of the proxy, and leaves from the same address.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpSocket,
    time::timeout,
};

use super::{
    client::NetworkError,
    route::{Proxy, Route, Routes, bare},
    tls,
};
use crate::config::NetworkConfig;

/// How long each of an address, a tunnel and TLS may take to come up.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that a proxy says before a tunnel stands.
const HEAD: usize = 8 << 10;

/// Why there is no connection. Names hosts, and no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The name has no address.
    #[error("{0} cannot be resolved: {1}")]
    Unresolved(String, io::Error),
    /// None of its addresses answers.
    #[error("no connection to {0}: {1}")]
    Unreachable(String, io::Error),
    /// `bind` is not an address of this machine.
    #[error("{}", unbound(*.0))]
    Unbound(IpAddr),
    /// `bind` is of the other family than all that the name has.
    #[error("`bind` in [network] is {0}, and {1} has no address that can be reached from there: bind to one of the other IP version")]
    OtherFamily(IpAddr, String),
    /// The proxy wants to know who asks.
    #[error(
        "the proxy {0} wants credentials (407): put its user into `proxy` of [network] and its password where `proxy_password` points, then `miro-source reload`"
    )]
    Credentials(Proxy),
    /// The proxy does not let it through.
    #[error(
        "the proxy {0} refuses a tunnel to {1} (it answered {2}): have it let through there, or list the host in `no_proxy` of [network]"
    )]
    Refused(Proxy, String, u16),
    /// The proxy said something else, or hung up.
    #[error("the proxy {0} opens no tunnel to {1}: {2}")]
    NoTunnel(Proxy, String, &'static str),
    /// TLS did not come up.
    #[error("TLS with {0} failed: {1}")]
    Tls(String, String),
}

impl DialError {
    /// Whether it stays so until a person changes something here. An address of this machine may be on its way, as after a start.
    pub fn needs_person(&self) -> bool {
        matches!(self, Self::OtherFamily(..) | Self::Credentials(_))
    }
}

/// What to say of a `bind` that the system refuses.
pub(super) fn unbound(address: IpAddr) -> String {
    format!("`bind` in [network] is {address}, which is no address of this machine: `ip address` lists those that are")
}

/// What a connection runs over.
trait Wire: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug> Wire for T {}

/// A connection: bare, in a tunnel, in TLS, or all of that.
#[derive(Debug)]
pub struct Connection {
    wire: Box<dyn Wire>,
    /// Who is at the other end of the TCP connection: the far side, or the proxy.
    pub peer: SocketAddr,
}

/// Opens connections.
#[derive(Debug)]
pub struct Dialer {
    routes: Routes,
    bind: Option<IpAddr>,
    tls: Arc<ClientConfig>,
}

impl Dialer {
    /// As `[network]` has it. Reads `ca_file` and the proxy's password.
    pub fn new(network: &NetworkConfig) -> Result<Self, NetworkError> {
        Ok(Self { routes: Routes::new(network)?, bind: network.bind, tls: Arc::new(tls::config(network)?) })
    }

    /// How a host is reached.
    pub fn route(&self, host: &str) -> Route {
        self.routes.of(host)
    }

    /// Connects to a host, the way that is its.
    pub async fn dial(&self, host: &str, port: u16) -> Result<Connection, DialError> {
        match self.route(host) {
            Route::Direct | Route::Excepted => self.straight(host, port, self.addresses(host).await?).await,
            Route::Through(proxy) => {
                let way = self.proxy(&proxy).await?;
                tunnel(way, &proxy, host, port).await
            }
        }
    }

    /// Connects to a proxy itself.
    pub(super) async fn proxy(&self, proxy: &Proxy) -> Result<Connection, DialError> {
        let way = self.straight(&proxy.host, proxy.port, self.addresses(&proxy.host).await?).await?;
        if proxy.tls { self.secure(way, &proxy.host).await } else { Ok(way) }
    }

    /// TLS over a connection, with whoever proves to be that host.
    pub async fn secure(&self, connection: Connection, host: &str) -> Result<Connection, DialError> {
        Self::shake(Arc::clone(&self.tls), connection, host).await
    }

    /// The same, as that setup has it.
    pub(super) async fn shake(tls: Arc<ClientConfig>, connection: Connection, host: &str) -> Result<Connection, DialError> {
        let failed = |why: String| DialError::Tls(host.to_owned(), why);
        let name = ServerName::try_from(bare(host).to_owned()).map_err(|_| failed("that is no name of a host".to_owned()))?;
        let peer = connection.peer;
        let shaking = tokio_rustls::TlsConnector::from(tls).connect(name, connection);
        match timeout(PATIENCE, shaking).await {
            Ok(Ok(stream)) => Ok(Connection { wire: Box::new(stream), peer }),
            Ok(Err(why)) => Err(failed(why.to_string())),
            Err(_) => Err(failed("no answer in time".to_owned())),
        }
    }

    /// The addresses of a host, each once.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DialError> {
        let host = bare(host);
        let unresolved = |why| DialError::Unresolved(host.to_owned(), why);
        let looking = timeout(PATIENCE, tokio::net::lookup_host((host, 0))).await;
        let mut found = Vec::new();
        for address in looking.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(unresolved)? {
            if !found.contains(&address.ip()) {
                found.push(address.ip());
            }
        }
        if found.is_empty() { Err(unresolved(io::Error::other("the name has no address"))) } else { Ok(found) }
    }

    /// TCP to the first of these addresses of a host that answers.
    pub(super) async fn straight(&self, host: &str, port: u16, addresses: Vec<IpAddr>) -> Result<Connection, DialError> {
        let mut failed = None;
        for peer in addresses.into_iter().map(|ip| SocketAddr::new(ip, port)) {
            match timeout(PATIENCE, self.reach(peer)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                Ok(Some(wire)) => return Ok(Connection { wire, peer }),
                Ok(None) => {}
                Err(why) => failed = Some(why),
            }
        }
        match (failed, self.bind) {
            (Some(why), Some(bind)) if why.kind() == io::ErrorKind::AddrNotAvailable => Err(DialError::Unbound(bind)),
            (Some(why), _) => Err(DialError::Unreachable(host.to_owned(), why)),
            (None, Some(bind)) => Err(DialError::OtherFamily(bind, host.to_owned())),
            (None, None) => Err(DialError::Unresolved(host.to_owned(), io::Error::other("the name has no address"))),
        }
    }

    /// Nothing where `bind` is of the other family.
    async fn reach(&self, peer: SocketAddr) -> io::Result<Option<Box<dyn Wire>>> {
        let socket = if peer.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        match self.bind {
            Some(bind) if bind.is_ipv4() != peer.is_ipv4() => return Ok(None),
            Some(bind) => socket.bind(SocketAddr::new(bind, 0))?,
            None => {}
        }
        let stream = socket.connect(peer).await?;
        stream.set_nodelay(true)?;
        Ok(Some(Box::new(stream)))
    }
}

/// Asks the proxy for a tunnel: <https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6>.
async fn tunnel(mut way: Connection, proxy: &Proxy, host: &str, port: u16) -> Result<Connection, DialError> {
    let none = |why| DialError::NoTunnel(proxy.clone(), host.to_owned(), why);
    let asking = async {
        way.write_all(proxy.connect(host, port).as_bytes()).await?;
        way.flush().await?;
        head(&mut way).await
    };
    let status = match timeout(PATIENCE, asking).await {
        Ok(Ok(Some(status))) => status,
        Ok(Ok(None)) => return Err(none("it answers with something that is not HTTP")),
        Ok(Err(_)) => return Err(none("it hangs up")),
        Err(_) => return Err(none("no answer in time")),
    };
    match status {
        200..=299 => Ok(way),
        407 => Err(DialError::Credentials(proxy.clone())),
        _ => Err(DialError::Refused(proxy.clone(), host.to_owned(), status)),
    }
}

/// The status of an answer, read to the end of its head and not a byte further: what follows belongs to the tunnel, and a mail
/// server speaks first.
async fn head(way: &mut Connection) -> io::Result<Option<u16>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD {
            return Ok(None);
        }
        head.push(way.read_u8().await?);
    }
    Ok(status(&head))
}

/// The status of an answer that begins so.
pub(super) fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.1 ").or_else(|| head.strip_prefix(b"HTTP/1.0 "))?;
    let (digits, after) = rest.split_at_checked(3)?;
    let whole = after.starts_with(b" ") || after.starts_with(b"\r\n");
    let text = std::str::from_utf8(digits).ok().filter(|text| whole && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_read(context, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

#[cfg(test)]
#[path = "dial/tests.rs"]
mod tests;
