//! What an operator grants a source, and whether a request falls under it.
//!
//! | in `allow` | covers |
//! |---|---|
//! | `https://api.miro.com` | that host on port 443 |
//! | `https://api.miro.com:8443` | that host on that port |
//! | `http://127.0.0.1:8080`, `http://[::1]:8080`, `http://localhost:8080` | this machine, unencrypted |
//! | nothing | nothing |
//!
//! No wildcards: a host that was not named was not thought of.

use std::collections::BTreeSet;

use super::Origin;

/// The origins that a source may reach. Empty means none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    origins: BTreeSet<Origin>,
}

impl Grant {
    /// Exactly these.
    pub fn new(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { origins: origins.into_iter().collect() }
    }

    /// Whether it covers an origin.
    pub fn allows(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }

    /// What it has in common with what a component says it needs.
    #[must_use]
    pub fn narrowed(&self, wanted: &[Origin]) -> Self {
        Self { origins: self.origins.iter().filter(|origin| wanted.contains(origin)).cloned().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_an_empty_grant_allows_nothing_and_a_grant_only_what_it_names() {
        let origin = |text: &str| text.parse::<Origin>().unwrap();
        assert!(!Grant::default().allows(&origin("https://api.miro.com")));
        let grant = Grant::new([origin("https://api.miro.com")]);
        assert!(grant.allows(&origin("https://API.miro.com:443/")));
        for other in ["https://miro.com", "https://api.miro.com:8443", "https://api.miro.com.evil.example", "https://evil.example"] {
            assert!(!grant.allows(&origin(other)), "{other}");
        }
        assert!(!grant.narrowed(&[origin("https://miro.com")]).allows(&origin("https://api.miro.com")));
    }
}
