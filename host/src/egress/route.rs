//! How a host is reached: straight, or through the proxy of `[network]`.
//!
//! | the host | goes |
//! |---|---|
//! | is this machine: `localhost`, 127.0.0.0/8, ::1 | straight, always |
//! | is covered by `no_proxy` | straight, because the operator says so |
//! | is any other | through the proxy, where there is one |
//!
//! With a proxy a name is never looked up here: it may be known to the proxy alone.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hyper_util::client::proxy::matcher::Matcher;
use secrecy::{ExposeSecret, SecretString};

use super::client::NetworkError;
use crate::config::{NetworkConfig, secret};

/// What is never asked of a proxy: this machine.
const OWN: &str = "localhost,127.0.0.0/8,::1";

/// The proxy.
#[derive(Clone)]
pub struct Proxy {
    /// Its host; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the way to it is TLS too.
    pub tls: bool,
    /// The value of `Proxy-Authorization`.
    authorization: Option<SecretString>,
}

/// How a host is reached.
#[derive(Clone, Debug)]
pub enum Route {
    /// Straight.
    Direct,
    /// Straight, because `no_proxy` covers it.
    Excepted,
    /// Through the proxy.
    Through(Proxy),
}

/// The decision for every host.
#[derive(Debug)]
pub struct Routes {
    proxy: Option<Proxy>,
    own: Matcher,
    excepted: Matcher,
}

impl Routes {
    /// As `[network]` has it. Reads the proxy's password.
    pub fn new(network: &NetworkConfig) -> Result<Self, NetworkError> {
        let password = network.proxy_password.as_ref().map(secret::resolve).transpose()?;
        let proxy = network.proxy.as_ref().map(|url| Proxy {
            host: bare(url.host_str().unwrap_or_default()).to_owned(),
            port: url.port_or_known_default().unwrap_or(80),
            tls: url.scheme() == "https",
            authorization: user(url).map(|user| authorization(&user, password.as_ref())),
        });
        Ok(Self { proxy, own: straight(OWN), excepted: straight(&network.no_proxy.join(",")) })
    }

    /// How this host is reached; an IPv6 address with or without brackets.
    pub fn of(&self, host: &str) -> Route {
        let Some(proxy) = &self.proxy else { return Route::Direct };
        let host = authority(host);
        let Ok(uri) = format!("https://{host}/").parse::<http::Uri>() else { return Route::Through(proxy.clone()) };
        if self.own.intercept(&uri).is_none() {
            Route::Direct
        } else if self.excepted.intercept(&uri).is_none() {
            Route::Excepted
        } else {
            Route::Through(proxy.clone())
        }
    }
}

impl Proxy {
    /// What opens a tunnel to there.
    pub(super) fn connect(&self, host: &str, port: u16) -> String {
        let target = format!("{}:{port}", authority(host));
        format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n", self.authorized())
    }

    /// The header field that says who asks, with its line break; nothing where nobody is to be named.
    pub(super) fn authorized(&self) -> String {
        let authorization = self.authorization.as_ref().map(|value| format!("Proxy-Authorization: {}\r\n", value.expose_secret()));
        authorization.unwrap_or_default()
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", authority(&self.host), self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// What is reached without the proxy, in the words of reqwest.
pub(super) fn direct(no_proxy: &[String]) -> String {
    std::iter::once(OWN).chain(no_proxy.iter().map(String::as_str)).collect::<Vec<_>>().join(",")
}

/// The matcher that reqwest decides with: it intercepts what this list does not cover.
fn straight(list: &str) -> Matcher {
    Matcher::builder().all("http://proxy").no(list).build()
}

/// The user whom the URL of a proxy names, as he is called: a URL writes some characters with percents.
pub(super) fn user(url: &url::Url) -> Option<String> {
    let written = url.username().replace('+', "%2B").replace('&', "%26");
    let (name, _) = url::form_urlencoded::parse(written.as_bytes()).next()?;
    Some(name.into_owned())
}

fn authorization(user: &str, password: Option<&SecretString>) -> SecretString {
    let password = password.map(ExposeSecret::expose_secret).unwrap_or_default();
    SecretString::from(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
}

/// Without the brackets of an IPv6 address.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// With them.
pub(super) fn authority(host: &str) -> String {
    if bare(host).contains(':') { format!("[{}]", bare(host)) } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretRef;

    fn routes(proxy: Option<&str>, no_proxy: &[&str]) -> Routes {
        let network = NetworkConfig {
            proxy: proxy.map(|url| url.parse().unwrap()),
            no_proxy: no_proxy.iter().map(|&each| each.to_owned()).collect(),
            ..NetworkConfig::default()
        };
        Routes::new(&network).unwrap()
    }

    fn way(routes: &Routes, host: &str) -> String {
        match routes.of(host) {
            Route::Direct => "direct".to_owned(),
            Route::Excepted => "no_proxy".to_owned(),
            Route::Through(proxy) => proxy.to_string(),
        }
    }

    #[test]
    fn this_machine_is_direct_and_what_no_proxy_covers_is_excepted() {
        let routes = routes(Some("http://proxy.corp:3128"), &[".corp", "10.0.0.0/8", "2001:db8::/32"]);
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
            assert_eq!(way(&routes, host), "direct", "{host}");
        }
        for host in ["mail.corp", "corp", "MAIL.CORP", "10.1.2.3", "2001:db8::7", "[2001:db8::7]"] {
            assert_eq!(way(&routes, host), "no_proxy", "{host}");
        }
        for host in ["api.miro.com", "corp.example", "11.0.0.1", "2001:db9::1", "notcorp"] {
            assert_eq!(way(&routes, host), "proxy.corp:3128", "{host}");
        }
    }

    #[test]
    fn without_a_proxy_everything_is_direct() {
        assert_eq!(way(&routes(None, &[".corp"]), "mail.corp"), "direct");
    }

    #[test]
    fn a_tunnel_is_asked_for_with_the_user_as_he_is_called_and_the_password_shows_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        crate::disk::private_file(&file, "hunter2+ü\n".as_bytes()).unwrap();
        let network = NetworkConfig {
            proxy: Some("http://corp%5Cme@[fd00::1]:3128".parse().unwrap()),
            proxy_password: Some(SecretRef::File(file)),
            ..NetworkConfig::default()
        };
        let Route::Through(proxy) = Routes::new(&network).unwrap().of("mail.example") else { panic!() };
        let asked = proxy.connect("2001:db8::7", 587);
        let basic = BASE64_STANDARD.encode("corp\\me:hunter2+ü");
        assert_eq!(
            asked,
            format!("CONNECT [2001:db8::7]:587 HTTP/1.1\r\nHost: [2001:db8::7]:587\r\nProxy-Authorization: Basic {basic}\r\n\r\n")
        );
        assert_eq!((proxy.to_string().as_str(), format!("{proxy:?}").as_str()), ("[fd00::1]:3128", "Proxy([fd00::1]:3128)"));
    }
}
