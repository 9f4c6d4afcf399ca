//! The HTTP client: TLS by rustls, connections kept alive and shared, no redirect followed, and for components no address
//! that is not public.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{
    NoProxy, Proxy,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};

use super::address::is_public;
use crate::config::NetworkConfig;

/// No vendor takes longer to be reached.
const CONNECT: Duration = Duration::from_secs(10);
/// No vendor is silent for longer in the middle of an answer.
const SILENCE: Duration = Duration::from_secs(60);

/// Whose requests go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A component's: resolved addresses must be public.
    Component,
    /// A sink's: the operator wrote the address.
    Sink,
}

/// The network configuration cannot work.
#[derive(Debug, thiserror::Error)]
#[error("[network]: {0}")]
pub struct NetworkError(String);

/// A client as the configuration wants it.
pub fn build(network: &NetworkConfig, purpose: Purpose) -> Result<reqwest::Client, NetworkError> {
    // Whoever comes first installs it; all want the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut client = reqwest::Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .pool_idle_timeout(Duration::from_secs(50))
        .tcp_keepalive(Duration::from_secs(30))
        .http1_only()
        .user_agent(concat!("miro-source/", env!("CARGO_PKG_VERSION")));
    client = match &network.proxy {
        None => client.no_proxy(),
        Some(url) => {
            let proxy = Proxy::all(url.as_str()).map_err(|_| NetworkError("`proxy` is not a usable URL".into()))?;
            client.proxy(proxy.no_proxy(NoProxy::from_string(&network.no_proxy.join(","))))
        }
    };
    if let Some(file) = &network.ca_file {
        let failed = |why: String| NetworkError(format!("failed to read `ca_file` {}: {why}", file.display()));
        let pem = std::fs::read(file).map_err(|why| failed(why.to_string()))?;
        let authorities = reqwest::Certificate::from_pem_bundle(&pem).map_err(|why| failed(why.to_string()))?;
        client = client.tls_certs_merge(authorities);
    }
    // Behind a proxy the names are the proxy's to resolve, and so is the check.
    if purpose == Purpose::Component && network.proxy.is_none() {
        client = client.dns_resolver(Arc::new(PublicOnly));
    }
    client.build().map_err(|why| NetworkError(format!("failed to set up HTTP: {why}")))
}

/// Resolves names to public addresses only. The check stands where the connection is made, so a name that changes its
/// answer after a check elsewhere gains nothing. `localhost` is this machine by definition and only reached where granted.
#[derive(Debug)]
struct PublicOnly;

/// A name that leads nowhere public.
#[derive(Debug, thiserror::Error)]
#[error("the name resolves to no public address")]
pub(super) struct Prohibited;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let fits: Vec<SocketAddr> = if host == "localhost" {
                found.into_iter().filter(|address| address.ip().is_loopback()).collect()
            } else {
                found.into_iter().filter(|address| is_public(address.ip())).collect()
            };
            if fits.is_empty() {
                return Err(Prohibited.into());
            }
            Ok(Box::new(fits.into_iter()) as Addrs)
        })
    }
}
