//! What was known when an event was stored, and is stored with it: later knowledge never changes it.

use std::sync::Arc;

use audit_pipeline::detector::Network;

/// What was known of an event when it was stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Of its address. None where it has none, nothing was known of it, or it was stored before this was kept. Events of a page
    /// that came from one address share it.
    pub network: Option<Arc<Network>>,
}

impl Known {
    /// Whether it is nothing at all.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
