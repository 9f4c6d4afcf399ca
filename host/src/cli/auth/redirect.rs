//! Where the browser comes back to, and where that is listened for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

/// The port of the redirect address unless told otherwise.
pub(super) const PORT: u16 = 8976;
const PATH: &str = "/callback";

/// The redirect address and where to listen for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    /// As given on the command line; `None` follows from where the listener stands.
    pub(super) uri: Option<Url>,
    /// Where to listen. `None` where nothing of this machine belongs to the address.
    pub(super) listen: Option<SocketAddr>,
}

impl Redirect {
    /// From the command line. A given address is used to the letter: the vendor compares it so.
    pub(super) fn new(uri: Option<Url>, port: Option<u16>) -> Result<Self, String> {
        let Some(uri) = uri else {
            return Ok(Self { uri: None, listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(PORT)))) });
        };
        if !matches!(uri.scheme(), "http" | "https") || uri.fragment().is_some() || uri.query().is_some() {
            return Err(format!("`{uri}` is no redirect address: write http://127.0.0.1:{PORT}{PATH}, or https://… without ? and #"));
        }
        let local: Option<IpAddr> = match uri.host() {
            Some(Host::Ipv4(ip)) if ip.is_loopback() => Some(ip.into()),
            Some(Host::Ipv6(ip)) if ip.is_loopback() => Some(Ipv6Addr::LOCALHOST.into()),
            Some(Host::Domain("localhost")) => Some(Ipv4Addr::LOCALHOST.into()),
            _ => None,
        };
        // Behind a tunnel or a reverse proxy, --port says where it comes out.
        let listen = match (local, port) {
            (Some(ip), port) if uri.scheme() == "http" => port.or(uri.port_or_known_default()).map(|port| SocketAddr::from((ip, port))),
            (_, Some(port)) => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
            (_, None) => None,
        };
        Ok(Self { uri: Some(uri), listen })
    }

    /// The address as text, once it is known which port is listened on.
    pub(super) fn text(&self, port: u16) -> String {
        // Not `Url::to_string`'s business to add anything here: what was given has a path.
        self.uri.as_ref().map_or_else(|| format!("http://127.0.0.1:{port}{PATH}"), Url::to_string)
    }

    /// Its path.
    pub(super) fn path(&self) -> String {
        self.uri.as_ref().map_or(PATH, Url::path).to_owned()
    }
}
