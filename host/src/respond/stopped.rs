//! The kill switch: while it is thrown, nothing acts, whoever asked.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    model::{Instant, SourceName},
    store::{Store, StoreError, blocking},
};

/// The note that says so.
pub const STOPPED: &str = "respond/stopped";

/// Who threw the switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Who.
    pub who: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub why: String,
}

impl Stopped {
    /// Whether it is thrown.
    pub async fn read(store: &Arc<dyn Store>) -> Result<Option<Self>, StoreError> {
        blocking(store, Self::find).await
    }

    /// The same where blocking is allowed.
    pub fn find(store: &dyn Store) -> Result<Option<Self>, StoreError> {
        let found = store.notes(STOPPED)?.into_iter().find(|(key, text)| key == STOPPED && !text.is_empty());
        // What cannot be read was thrown all the same.
        Ok(found.map(|(_, text)| {
            serde_json::from_str(&text).unwrap_or(Self { who: "somebody".to_owned(), at: Instant::EPOCH, why: "unknown".to_owned() })
        }))
    }

    /// Throws it.
    pub fn throw(&self, store: &dyn Store) -> Result<(), StoreError> {
        store.note(STOPPED, &serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned()))
    }

    /// Lets things act again.
    pub fn lift(store: &dyn Store) -> Result<(), StoreError> {
        store.note(STOPPED, "")
    }
}

/// The note that says who owns the token of a source.
pub fn owner_key(source: &SourceName) -> String {
    format!("owner/{source}")
}
