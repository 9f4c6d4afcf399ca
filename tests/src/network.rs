//! The network that a stage stands in: plain loopback, behind a proxy, or without IPv4. The same test runs in each of them.
//!
//! `MIRO_SOURCE_TESTS_NETWORK` chooses for all tests of a process:
//!
//! | value | vendors are | the host reaches them |
//! |---|---|---|
//! | none | on 127.0.0.1 | straight |
//! | `proxy` | called `https://api-1.miro.example` and alike, which no resolver knows | by `CONNECT` through [`Gateway`], trusting its authority |
//! | `ipv6` | on ::1 | straight |

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Context as _;
use simulator::{Far, Inspection, Proxy, Server};
use tokio::runtime::Runtime;

/// The variable that chooses.
pub const VARIABLE: &str = "MIRO_SOURCE_TESTS_NETWORK";

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// 127.0.0.1, straight.
    Loopback,
    /// Names behind a proxy that inspects TLS.
    Proxy,
    /// ::1, straight.
    Ipv6,
}

impl Network {
    /// The one that this process was told to test in.
    pub fn chosen() -> anyhow::Result<Self> {
        match std::env::var(VARIABLE).as_deref() {
            Err(_) | Ok("") => Ok(Self::Loopback),
            Ok("proxy") => Ok(Self::Proxy),
            Ok("ipv6") => Ok(Self::Ipv6),
            Ok(other) => anyhow::bail!("{VARIABLE} is {other:?}: leave it out, or write proxy or ipv6"),
        }
    }

    /// Where servers of a test listen.
    pub fn loopback(self) -> IpAddr {
        match self {
            Self::Loopback | Self::Proxy => Ipv4Addr::LOCALHOST.into(),
            Self::Ipv6 => Ipv6Addr::LOCALHOST.into(),
        }
    }
}

/// Where servers of a test listen in the network that was chosen.
pub fn loopback() -> anyhow::Result<IpAddr> {
    Ok(Network::chosen()?.loopback())
}

/// The proxy that all stages of this process share: a test may have two, and one configuration for both.
#[derive(Debug)]
pub struct Gateway {
    /// The proxy.
    pub proxy: Arc<Proxy>,
    /// Outlives the runtimes of the tests.
    _runtime: Runtime,
}

static GATEWAY: LazyLock<Result<Gateway, String>> = LazyLock::new(|| {
    // A runtime cannot be waited for inside of another.
    let started = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let proxy = runtime.block_on(Proxy::start(Ipv4Addr::LOCALHOST.into()))?;
        anyhow::Ok(Gateway { proxy: Arc::new(proxy), _runtime: runtime })
    });
    started.join().map_err(|_| "its thread died".to_owned()).and_then(|started| started.map_err(|why| format!("{why:#}")))
});

impl Gateway {
    /// It, started when first asked for.
    pub fn shared() -> anyhow::Result<&'static Self> {
        GATEWAY.as_ref().map_err(|why| anyhow::anyhow!("failed to start the proxy: {why}"))
    }
}

/// The names of a stage behind the proxy. Dropping it takes them away.
#[derive(Debug)]
pub struct Detour {
    proxy: Arc<Proxy>,
    hosts: Vec<String>,
}

impl Detour {
    /// Gives the vendors of a server names that only this proxy knows.
    pub fn around(server: &mut Server, proxy: Arc<Proxy>) -> anyhow::Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let mut detour = Self { proxy, hosts: Vec::new() };
        let scim = server.scim_url.strip_prefix(&server.miro_url).unwrap_or_default().to_owned();
        for (url, host) in [
            (&mut server.miro_url, format!("api-{number}.miro.example")),
            (&mut server.sumo_url, format!("collectors-{number}.sumo.example")),
            (&mut server.feed_url, format!("feeds-{number}.example")),
            (&mut server.collector_url, format!("otel-{number}.example")),
            (&mut server.entra_url, format!("login-{number}.example")),
            (&mut server.graph_url, format!("graph-{number}.example")),
        ] {
            *url = detour.lead(url, &host)?;
        }
        server.scim_url = format!("{}{scim}", server.miro_url);
        Ok(detour)
    }

    /// A name for `http://address/path`, and its URL.
    fn lead(&mut self, url: &str, host: &str) -> anyhow::Result<String> {
        let rest = url.strip_prefix("http://").context("a simulator speaks plain HTTP")?;
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let address: SocketAddr = authority.parse()?;
        self.proxy.lead(&format!("{host}:443"), Far { address, tls: Inspection::Inspected });
        self.hosts.push(host.to_owned());
        Ok(format!("https://{host}{path}"))
    }

    /// How many tunnels the proxy opened to its names.
    pub fn opened(&self) -> usize {
        self.hosts.iter().map(|host| self.proxy.opened(host)).sum()
    }

    /// The proxy.
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }
}

impl Drop for Detour {
    fn drop(&mut self) {
        self.hosts.iter().for_each(|host| self.proxy.forget(&format!("{host}:443")));
    }
}
