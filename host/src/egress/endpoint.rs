//! A URL that is a credential, as an operator put it somewhere.

use url::Url;

/// Reads it: `https`, or `http` to loopback. Messages never quote it.
pub fn endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|why| format!("`url` holds no URL: {why}"))?;
    let loopback = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => return Err("`url` names no host".to_owned()),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err("`url` must be https (http only to 127.0.0.1, [::1] or localhost)".to_owned());
    }
    Ok(url)
}

/// What of it nobody may read: the last part of the path, and the query.
pub fn secrets(url: &Url) -> impl Iterator<Item = &str> {
    let last = url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty()));
    last.into_iter().chain(url.query())
}
