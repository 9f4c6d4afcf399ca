//! The gate through which every request of a component leaves, and the HTTP client that sinks share with it.
//!
//! A request of a component passes, in this order: scheme and host are there and carry no credentials → its [`Origin`] is
//! in the [`Grant`] *and* among those its component said it needs for this configuration → a literal address is public →
//! the call has requests left → a [`Transport`] resolves the name and connects only to public addresses. No redirect is
//! followed, bodies are capped, every wait ends. Behind a proxy the address check is the proxy's.

use std::{fmt, str::FromStr};

mod address;
pub mod client;
mod gate;
mod grant;
mod transport;

pub use address::is_public;
pub use client::Purpose;
pub use gate::Gate;
pub use grant::Grant;
pub use transport::{HttpTransport, ResponseBody, Transport, TransportError};

/// `scheme://host[:port]`, lower case, default port left out. `https`, or `http` to loopback only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidOrigin(String);

impl Origin {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;
    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = url::Url::parse(text).map_err(|why| InvalidOrigin(format!("`{text}` is not an origin: {why}; write https://host")))?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some()
        {
            return Err(InvalidOrigin(format!("`{text}` is more than an origin; write only https://host[:port]")));
        }
        let loopback = match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(InvalidOrigin(format!("`{text}` must be https (http only to 127.0.0.1, [::1] or localhost)"))),
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}
