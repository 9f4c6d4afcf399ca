//! Why the HTTP client failed: the cause behind its layers, and what of `[network]` a person can mend. No text has a URL in it.

use std::error::Error;

/// What to mend where a proxy answers 407.
pub const CREDENTIALS: &str = "the proxy wants credentials (407): put its user into `proxy` of [network] and its password where \
    `proxy_password` points, then `miro-source reload`";

const BIND: &str = "`bind` in [network] is no address of this machine: `ip address` lists those that are";

/// What the client says of `bind`, and of the proxy; tests pin the words.
const MENDED: [(&str, &str); 3] = [
    ("tcp bind local error", BIND),
    ("tunnel error: proxy authorization required", CREDENTIALS),
    ("tunnel error: unsuccessful", "the proxy refuses the tunnel: have the host let through there, or list it in `no_proxy` of [network]"),
];

fn chain<'a>(why: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(why), |&why| why.source())
}

/// The cause of that type.
pub(super) fn cause<'a, E: Error + 'static>(why: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(why).find_map(|why| {
        // An io::Error shows the source of what it wraps, not what it wraps.
        let wrapped = why.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()).and_then(|inner| inner.downcast_ref::<E>());
        why.downcast_ref::<E>().or(wrapped)
    })
}

/// What to mend in `[network]`; else the innermost cause: what the system said, without the layers around it and without a URL.
pub(super) fn plain(why: &reqwest::Error) -> String {
    let said = || chain(why).last().map(ToString::to_string).unwrap_or_default();
    mended(why).map_or_else(said, str::to_owned)
}

/// What to mend in `[network]`; else all causes in one line.
pub(super) fn all(why: &reqwest::Error) -> String {
    let said = || chain(why).map(ToString::to_string).collect::<Vec<_>>().join(": ");
    mended(why).map_or_else(said, str::to_owned)
}

/// Whether it stays so until a person changes something here. An address of this machine may be on its way, as after a start.
pub(super) fn needs_person(why: &reqwest::Error) -> bool {
    mended(why) == Some(CREDENTIALS)
}

fn mended(why: &reqwest::Error) -> Option<&'static str> {
    chain(why).find_map(|why| {
        let said = why.to_string();
        MENDED.iter().find(|(words, _)| *words == said).map(|(_, mend)| *mend)
    })
}
