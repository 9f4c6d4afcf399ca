//! The kill switch: while it is thrown, nothing acts, whoever asked. How it stands is a note; who threw or lifted it, and why, is a
//! record of the governance log, and the store writes both at once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::SOMEBODY;
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
        Ok(Self::among(&store.notes(STOPPED)?))
    }

    /// Whether one of these notes says so.
    pub fn among(notes: &[(String, String)]) -> Option<Self> {
        let (_, text) = notes.iter().find(|(key, text)| key == STOPPED && !text.is_empty())?;
        // What cannot be read was thrown all the same.
        let unknown = || Self { who: SOMEBODY.to_owned(), at: Instant::EPOCH, why: "unknown".to_owned() };
        Some(serde_json::from_str(text).unwrap_or_else(|_| unknown()))
    }
}

/// What a person does with the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    /// Nothing acts from now on.
    Stop,
    /// What is pending is done again.
    Resume,
}

/// What a person did with the switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// When.
    pub at: Instant,
    /// Who: the user of the operating system.
    pub who: String,
    /// What.
    pub switch: Switch,
    /// Why, in their words. Whoever stops always says.
    pub why: Option<String>,
}

impl Switched {
    /// How it stands then: what [`STOPPED`] says. Empty: not thrown.
    pub fn note(&self) -> String {
        let Self { at, who, switch, why } = self.clone();
        match switch {
            Switch::Stop => {
                let stopped = Stopped { who, at, why: why.unwrap_or_default() };
                serde_json::to_string(&stopped).unwrap_or_else(|_| "{}".to_owned())
            }
            Switch::Resume => String::new(),
        }
    }
}

/// The note that says who owns the token of a source.
pub fn owner_key(source: &SourceName) -> String {
    format!("owner/{source}")
}
