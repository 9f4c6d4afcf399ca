//! What a source may reach: the operator's `allow`, and the decision about one request.
//!
//! | written in `allow` | lets through | and not |
//! |---|---|---|
//! | `https://api.miro.com` | `https://api.miro.com/…`, port 443 | `http://`, other ports, `https://miro.com`, `https://x.api.miro.com` |
//! | `https://api.miro.com:8443` | that port alone | port 443 |
//! | `http://127.0.0.1:8080`, `http://[::1]:8080`, `http://localhost:8080` | exactly that, on this machine | any other loopback port or spelling |
//! | `https://10.0.0.5`, or a name that resolves to such an address | nothing: not an address of the public Internet | |
//! | nothing at all | nothing | everything |
//!
//! There are no wildcards. A component must also have declared the origin (`origins(config)`): what it does not declare
//! it does not reach, granted or not.

use std::{collections::BTreeSet, net::IpAddr};

use url::{Host, Url};

use super::{Origin, address::is_public};

/// The origins that may be reached. Empty means none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant(BTreeSet<Origin>);

/// Why a request does not leave. Names the origin, never path, query or header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not in the operator's grant.
    #[error("the component asked for {0}, which `allow` of the source does not grant; if it should be reached, add it there")]
    NotGranted(String),
    /// Granted, but the component did not say that it would go there.
    #[error("the component asked for {0}, which it does not declare for this configuration")]
    NotDeclared(String),
    /// Neither https nor loopback.
    #[error("the component asked for {0}, which is not https")]
    NotHttps(String),
    /// Not an address of the public Internet.
    #[error("{0} is not on the public Internet: {1}")]
    NotPublic(String, String),
    /// Not a URL that names a host, or one with a user in it.
    #[error("the component asked for something that is not a plain URL of a host")]
    Malformed,
    /// A method that is more than a request: `CONNECT` asks for a tunnel, `TRACE` for the headers back.
    #[error("the component asked {0} with the method {1}, which is not passed on")]
    Method(String, String),
    /// More requests than the call may make.
    #[error("the component asked for more than {0} requests in one call")]
    TooMany(u32),
    /// A request body over the cap.
    #[error("the component posted more than {0} bytes to {1}")]
    BodyTooLarge(usize, String),
}

impl Grant {
    /// Of these origins.
    pub fn new(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self(origins.into_iter().collect())
    }

    /// The origins, in order.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.0.iter()
    }

    /// Whether a component that declared `declared` may reach `url`; the origin where it may.
    pub fn decide(&self, url: &Url, declared: &Self) -> Result<Origin, Refusal> {
        if !url.username().is_empty() || url.password().is_some() || !url.has_host() {
            return Err(Refusal::Malformed);
        }
        let text = url.origin().ascii_serialization();
        // An origin that cannot be written in `allow` is refused for what it lacks.
        let origin: Origin = match text.parse() {
            Ok(origin) => origin,
            Err(_) => return Err(Refusal::NotHttps(text)),
        };
        if !self.0.contains(&origin) {
            return Err(Refusal::NotGranted(text));
        }
        if !declared.0.contains(&origin) {
            return Err(Refusal::NotDeclared(text));
        }
        // Names are judged when they are resolved.
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) | None => None,
        };
        match literal {
            Some(ip) if !ip.is_loopback() && !is_public(ip) => {
                Err(Refusal::NotPublic(text, "private, link-local or special addresses are never reached".to_owned()))
            }
            _ => Ok(origin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(origins: &[&str]) -> Grant {
        Grant::new(origins.iter().map(|origin| origin.parse().unwrap()))
    }

    fn ask(allow: &[&str], url: &str) -> Result<String, Refusal> {
        let grant = grant(allow);
        grant.decide(&url.parse().unwrap(), &grant).map(|origin| origin.to_string())
    }

    #[test]
    fn i5_a_granted_origin_is_reached_and_no_neighbour_of_it() {
        let allow = &["https://api.miro.com"];
        assert_eq!(ask(allow, "https://api.miro.com/v2/audit/logs?cursor=1"), Ok("https://api.miro.com".into()));
        assert_eq!(ask(allow, "https://API.miro.com:443/"), Ok("https://api.miro.com".into()));
        for other in [
            "https://miro.com/",
            "https://x.api.miro.com/",
            "https://api.miro.com.evil.example/",
            "https://api.miro.com./",
            "https://api.miro.com:8443/",
            "https://api.miro.com%2eevil.example/",
        ] {
            let Err(Refusal::NotGranted(named)) = ask(allow, other) else { panic!("{other}") };
            assert!(other.starts_with(&named) || named.contains("evil"), "{named}");
        }
    }

    #[test]
    fn i5_plain_http_leaves_only_to_the_loopback_that_was_granted() {
        assert_eq!(ask(&["https://api.miro.com"], "http://api.miro.com/"), Err(Refusal::NotHttps("http://api.miro.com".into())));
        let allow = &["http://127.0.0.1:8080"];
        assert!(ask(allow, "http://127.0.0.1:8080/x").is_ok());
        assert_eq!(ask(allow, "http://127.0.0.1:8081/x"), Err(Refusal::NotGranted("http://127.0.0.1:8081".into())));
        assert_eq!(ask(allow, "http://localhost:8080/x"), Err(Refusal::NotGranted("http://localhost:8080".into())));
        assert!(matches!(ask(allow, "http://[::ffff:127.0.0.1]:8080/"), Err(Refusal::NotHttps(_))));
    }

    #[test]
    fn i5_a_private_address_is_refused_even_where_it_was_granted() {
        for url in ["https://10.0.0.5/", "https://169.254.169.254/", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/"]
        {
            let origin = url.trim_end_matches('/');
            assert!(matches!(ask(&[origin], url), Err(Refusal::NotPublic(..))), "{url}");
        }
        // Other spellings of the same address are the same address by the time they are judged.
        assert!(ask(&["https://127.0.0.1"], "https://2130706433/").is_ok());
        assert!(matches!(ask(&["https://10.0.0.5"], "https://0x0a000005/"), Err(Refusal::NotPublic(..))));
    }

    #[test]
    fn i5_an_empty_grant_means_nothing() {
        assert!(matches!(ask(&[], "https://api.miro.com/"), Err(Refusal::NotGranted(_))));
    }

    #[test]
    fn i5_what_a_component_does_not_declare_it_does_not_reach() {
        let url = "https://api.miro.com/".parse().unwrap();
        let decided = grant(&["https://api.miro.com"]).decide(&url, &grant(&["https://miro.com"]));
        assert_eq!(decided, Err(Refusal::NotDeclared("https://api.miro.com".into())));
    }

    #[test]
    fn i5_a_user_in_the_url_is_refused() {
        assert_eq!(ask(&["https://api.miro.com"], "https://api.miro.com@evil.example/"), Err(Refusal::Malformed));
        assert_eq!(ask(&["https://api.miro.com"], "https://u:p@api.miro.com/"), Err(Refusal::Malformed));
    }
}
