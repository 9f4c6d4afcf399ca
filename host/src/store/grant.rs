//! The credentials of a source, and the journal of their refresh.

use audit_pipeline::types::Credentials;

use crate::model::Instant;

/// Credentials and what is known about them.
#[derive(Clone)]
pub struct Grant {
    /// Counts the pairs; part of the seal.
    pub version: u64,
    /// The pair, opened.
    pub credentials: Credentials,
    /// Keyed fingerprint of the configured tokens it came from.
    pub fingerprint: Vec<u8>,
    /// When the pair was obtained.
    pub obtained: Instant,
    /// A refresh was begun and its answer is not known: how many times.
    pub intent: Option<Intent>,
    /// A person must authorize again, and why.
    pub dead: Option<String>,
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("version", &self.version)
            .field("obtained", &self.obtained)
            .field("intent", &self.intent)
            .field("dead", &self.dead)
            .finish_non_exhaustive()
    }
}

/// A refresh that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intent {
    /// When it was first begun.
    pub since: Instant,
    /// How often this pair was sent, each time without an answer that says whether it is spent.
    pub attempts: u32,
}
