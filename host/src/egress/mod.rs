//! The gate through which every request of a component leaves, and the HTTP client that sinks share with it.
//!
//! What goes in: a request that a component made, the source's [`Grant`], what the component declared for its
//! configuration, and how many requests the call may make. What comes out: a streamed answer, or a refusal that names the
//! origin. What always holds:
//!
//! - Nothing leaves except through [`Gate`]: the `wasi:http` implementation is compiled without a way to send.
//! - An origin is reached only where it is in the grant *and* declared. An empty grant means nothing.
//! - `https` only, or `http` to loopback where the operator granted exactly that.
//! - No redirect is followed: each would be a new decision, which is the component's to ask for.
//! - A name may resolve to public addresses only ([`address`]), checked for every connection, so that a name that changes
//!   its answer gains nothing. With a proxy this check is the proxy's, except for hosts reached without it.
//! - A body streams with back pressure and ends with an error at the cap; dropping it drops the connection.
//!
//! | file | noun |
//! |---|---|
//! | [`address`] | which addresses are public |
//! | [`certificate`] | who issued a server's certificate, and until when |
//! | `cause` | why the HTTP client failed, and what to mend |
//! | [`client`] | the HTTP client and its resolver |
//! | [`dial`] | a connection of the host's own, for what is not HTTP |
//! | [`endpoint`] | a URL that is a credential, as a sink or channel has one |
//! | [`exchange`] | one request of a sink or channel, and its answer |
//! | [`grant`] | the origins a source may reach, and the decision |
//! | [`headers`] | headers that the operator wants on requests of the host's own |
//! | [`hooks`] | the gate itself, as `wasi:http` sees it |
//! | [`nat64`] | the network's own prefix of NAT64 |
//! | [`own`] | the gate for a file that the host fetches itself |
//! | [`probe`] | one look at a place that something goes to |
//! | [`route`] | how a host is reached: straight or through the proxy |
//! | [`tls`] | whom TLS trusts |
//! | [`transport`] | how a decided request travels: the real client, or a test's simulator |

pub mod address;
pub mod cause;
pub mod certificate;
pub mod client;
pub mod dial;
pub mod endpoint;
pub mod exchange;
pub mod grant;
pub mod headers;
pub mod hooks;
pub mod nat64;
pub mod own;
pub mod probe;
pub mod route;
pub mod tls;
pub mod transport;

pub use client::{HttpTransport, Lookup, NetworkError, Purpose};
pub use dial::{Connection, DialError, Dialer};
pub use grant::{Grant, Refusal};
pub use hooks::Gate;
pub use transport::{Answer, AnswerBody, RequestLimits, Transport, TransportError};

use std::{fmt, str::FromStr};

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
