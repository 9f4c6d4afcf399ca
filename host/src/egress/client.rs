//! The HTTP client: rustls on ring, pooled keep-alive connections, no redirects, no decompression, and a resolver that
//! judges addresses. One for all components, one for all sinks.

use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use secrecy::ExposeSecret as _;

use super::{
    address::is_public_by,
    cause::{cause, plain},
    nat64::Nat64,
    route, tls,
    transport::{Answer, RequestLimits, Transport, TransportError},
};
use crate::config::{
    NetworkConfig,
    secret::{self, SecretError},
};

/// How long a connection may take to come up, TLS included. Anything slower is not going to answer well either.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an unused connection is kept. Less than what load balancers commonly allow (60 s), so that it is we who hang up.
const IDLE: Duration = Duration::from_secs(50);
/// Connections kept for each host: as many as parts of a history are read side by side.
const IDLE_PER_HOST: usize = 8;

/// Finds the addresses of a name, in lower case. Asked for every new connection, once; of what it answers, only what is
/// permitted is ever connected to.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Whose requests a client carries, which decides the addresses it may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A component's: names resolve to public addresses only, `localhost` to loopback only.
    Component,
    /// A sink's: the operator wrote the URL, so it goes wherever that leads.
    Sink,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// `ca_file` cannot be read.
    #[error("failed to read `ca_file` {path}: {why}", path = path.display())]
    CaUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// `ca_file` holds no certificate.
    #[error("`ca_file` {path} holds no certificate: write one or more PEM blocks that begin with -----BEGIN CERTIFICATE-----", path = path.display())]
    CaEmpty {
        /// The file.
        path: PathBuf,
    },
    /// `ca_file` holds something broken.
    #[error("`ca_file` {path} is not PEM: {why}", path = path.display())]
    CaBroken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The proxy cannot be used.
    #[error("failed to use `proxy` {host}: {why}")]
    Proxy {
        /// Its host.
        host: String,
        /// What is wrong.
        why: reqwest::Error,
    },
    /// The proxy's password cannot be read.
    #[error("failed to read `proxy_password`: {0}")]
    Password(#[from] SecretError),
    /// TLS cannot be set up, for want of certificate authorities most likely.
    #[error("failed to set up TLS: {0}; are the system's CA certificates installed?")]
    Tls(rustls::Error),
    /// Something else.
    #[error("failed to set up the HTTP client: {0}")]
    Client(reqwest::Error),
}

impl NetworkError {
    /// Whether it may go by itself, as [`SecretError::may_come`] says: a file that somebody else writes is whole again later.
    pub fn may_come(&self) -> bool {
        match self {
            Self::CaUnreadable { .. } | Self::CaEmpty { .. } | Self::CaBroken { .. } => true,
            Self::Password(why) => why.may_come(),
            Self::Proxy { .. } | Self::Tls(_) | Self::Client(_) => false,
        }
    }
}

/// Builds a client.
pub fn build(network: &NetworkConfig, purpose: Purpose) -> Result<reqwest::Client, NetworkError> {
    match purpose {
        Purpose::Component => client(network, Some(system())),
        Purpose::Sink => client(network, None),
    }
}

/// The system's resolver.
fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// A client whose names are looked up so, and the answers judged; without it, by the system and unjudged.
fn client(network: &NetworkConfig, lookup: Option<Lookup>) -> Result<reqwest::Client, NetworkError> {
    let mut tls = tls::config(network)?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    let proxy_host = network.proxy.as_ref().and_then(|proxy| proxy.host_str()).map(str::to_ascii_lowercase);
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .local_address(network.bind)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .user_agent(concat!("miro-source/", env!("CARGO_PKG_VERSION")));
    if let Some(lookup) = lookup {
        builder = builder.dns_resolver(Resolver { lookup, proxy_host, nat64: network.nat64 });
    }
    if let Some(url) = &network.proxy {
        let host = || url.host_str().unwrap_or_default().to_owned();
        let mut proxy = reqwest::Proxy::all(url.as_str()).map_err(|why| NetworkError::Proxy { host: host(), why: why.without_url() })?;
        if let Some(reference) = &network.proxy_password {
            proxy = proxy.basic_auth(&route::user(url).unwrap_or_default(), secret::resolve(reference)?.expose_secret());
        }
        builder = builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_string(&route::direct(&network.no_proxy))));
    }
    builder.build().map_err(NetworkError::Client)
}

/// A resolver whose answers are judged. Runs for every new connection.
struct Resolver {
    lookup: Lookup,
    /// The operator's own word, so it may be anywhere.
    proxy_host: Option<String>,
    nat64: Option<Nat64>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let exempt = self.proxy_host.as_deref() == Some(name.as_str());
        let (looking, nat64) = ((self.lookup)(name.clone()), self.nat64);
        Box::pin(async move {
            // The port is the client's to set: 0 means that of the URL.
            let found: Vec<SocketAddr> = looking.await?.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            let kept = if exempt { found } else { permitted(&name, found, nat64.as_ref())? };
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// A name resolved to no address that may be reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} resolves to {1}, which is not an address of the public Internet")]
struct Prohibited(String, IpAddr);

fn permitted(name: &str, found: Vec<SocketAddr>, nat64: Option<&Nat64>) -> Result<Vec<SocketAddr>, Prohibited> {
    // The gate lets `localhost` through only where it was granted.
    let fits = |address: &SocketAddr| if name == "localhost" { address.ip().is_loopback() } else { is_public_by(address.ip(), nat64) };
    match found.first().copied() {
        Some(first) if !found.iter().any(fits) => Err(Prohibited(name.to_owned(), first.ip())),
        _ => Ok(found.into_iter().filter(fits).collect()),
    }
}

/// An address that the network's own NAT64 makes one of the operator's own network.
fn inward(uri: &http::Uri, nat64: &Nat64) -> Option<Prohibited> {
    let ip: Ipv6Addr = route::bare(uri.host()?).parse().ok()?;
    let inner = nat64.inner(ip)?;
    (!is_public_by(IpAddr::V6(ip), Some(nat64))).then(|| Prohibited(ip.to_string(), IpAddr::V4(inner)))
}

/// The real network.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    nat64: Option<Nat64>,
}

impl HttpTransport {
    /// One client for every component.
    pub fn new(network: &NetworkConfig) -> Result<Self, NetworkError> {
        Self::with_lookup(network, system())
    }

    /// With another resolver than the system's: DNS over something else, or a test's. Its answers are judged all the same.
    pub fn with_lookup(network: &NetworkConfig, lookup: Lookup) -> Result<Self, NetworkError> {
        Ok(Self { client: client(network, Some(lookup))?, nat64: network.nat64 })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: http::Request<Bytes>, limits: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        let client = self.client.clone();
        let (limits, nat64) = (*limits, self.nat64);
        Box::pin(async move {
            // Names are judged when they are resolved; the gate, which judges addresses, does not know this network.
            if let Some(why) = nat64.and_then(|nat64| inward(request.uri(), &nat64)) {
                return Err(TransportError::Prohibited(why.to_string()));
            }
            let request = reqwest::Request::try_from(request).map_err(|why| TransportError::Invalid(plain(&why.without_url())))?;
            let answer = tokio::time::timeout(limits.head(), client.execute(request)).await;
            let answer = answer.map_err(|_| TransportError::TimedOut)?.map_err(judge)?;
            Ok(http::Response::from(answer).map(|body| body.map_err(judge).boxed_unsync()))
        })
    }
}

/// What an error of the client means for whoever wants to send again.
fn judge(why: reqwest::Error) -> TransportError {
    let why = why.without_url();
    if let Some(prohibited) = cause::<Prohibited>(&why) {
        return TransportError::Prohibited(prohibited.to_string());
    }
    if why.is_dns() {
        return TransportError::Unresolved(plain(&why));
    }
    if why.is_connect() {
        return match cause::<rustls::Error>(&why) {
            Some(tls) => TransportError::Tls(tls.to_string()),
            None => TransportError::Unreachable(plain(&why)),
        };
    }
    if why.is_timeout() { TransportError::TimedOut } else { TransportError::Lost(plain(&why)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().filter_map(|text| text.parse().ok()).map(|ip: IpAddr| SocketAddr::new(ip, 0)).collect()
    }

    #[test]
    fn i5_a_name_keeps_only_its_public_addresses() {
        assert_eq!(permitted("api.miro.com", at(&["10.0.0.1", "1.1.1.1"]), None), Ok(at(&["1.1.1.1"])));
        let private = permitted("api.miro.com", at(&["10.0.0.1", "::1"]), None);
        assert_eq!(private.unwrap_err().to_string(), "api.miro.com resolves to 10.0.0.1, which is not an address of the public Internet");
        assert_eq!(permitted("api.miro.com", vec![], None), Ok(vec![]));
    }

    #[tokio::test]
    async fn i5_an_address_that_leads_inwards_by_nat64_is_prohibited_written_out_or_resolved() {
        let nat64 = "2a00:64::/96".parse().ok();
        let network = NetworkConfig { nat64, ..NetworkConfig::default() };
        let inside: Lookup = Arc::new(|_| Box::pin(std::future::ready(Ok(vec!["2a00:64::10.0.0.1".parse().unwrap()]))));
        let transport = HttpTransport::with_lookup(&network, inside).unwrap();
        for url in ["https://[2a00:64::10.0.0.1]/", "https://inside.example/"] {
            let request = http::Request::get(url).body(Bytes::new()).unwrap();
            let why = transport.send(request, &RequestLimits::default()).await.err().unwrap();
            assert!(matches!(why, TransportError::Prohibited(_)), "{url}: {why:?}");
        }
        let outside = at(&["2a00:64::8.8.8.8"]);
        assert_eq!(permitted("api.miro.com", outside.clone(), nat64.as_ref()), Ok(outside));
    }

    #[test]
    fn i5_localhost_is_this_machine_and_nothing_else() {
        assert_eq!(permitted("localhost", at(&["127.0.0.1", "::1", "1.1.1.1"]), None), Ok(at(&["127.0.0.1", "::1"])));
        assert!(permitted("localhost", at(&["1.1.1.1"]), None).is_err());
        assert!(permitted("sub.localhost", at(&["127.0.0.1"]), None).is_err());
    }

    #[tokio::test]
    async fn i5_a_name_of_this_machine_is_prohibited_before_anything_is_sent() {
        let transport = HttpTransport::new(&NetworkConfig::default()).unwrap();
        // A name that systems resolve to loopback without asking anybody, but not the word `localhost` itself.
        let request = http::Request::get("https://a.localhost:9/").body(Bytes::new()).unwrap();
        let why = transport.send(request, &RequestLimits::default()).await.err().unwrap();
        assert!(matches!(why, TransportError::Prohibited(_) | TransportError::Unresolved(_)), "{why:?}");
        assert!(!why.may_have_been_sent());
    }

    #[tokio::test]
    async fn a_closed_port_is_surely_unsent() {
        // Bound and not listened at: nobody else gets it meanwhile.
        let closed = tokio::net::TcpSocket::new_v4().unwrap();
        closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let transport = HttpTransport::new(&NetworkConfig::default()).unwrap();
        let request = http::Request::get(format!("http://{}/?secret=1", closed.local_addr().unwrap())).body(Bytes::new()).unwrap();
        let why = transport.send(request, &RequestLimits::default()).await.err().unwrap();
        assert!(matches!(why, TransportError::Unreachable(_)), "{why:?}");
        assert!(!why.to_string().contains("secret"), "{why}");
    }

    #[test]
    fn a_ca_file_without_certificates_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "nothing here").unwrap();
        let network = NetworkConfig { ca_file: Some(path), ..NetworkConfig::default() };
        let why = build(&network, Purpose::Sink).unwrap_err().to_string();
        assert!(why.contains("holds no certificate"), "{why}");
    }
}
