//! What is asked of the owner of a store for a person who asks what is kept of them.

use serde::{Deserialize, Serialize};

use super::Reply;
use crate::{
    model::{Instant, SourceName},
    privacy::Identity,
    store::{Erased, Result as StoreResult, Store, Stretch},
};

/// One of these. The person is called by a keyed hash in what is remembered of it, never by name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// It is handed out.
    Export {
        /// The person.
        mark: String,
        /// Of one source.
        source: Option<SourceName>,
    },
    /// Keep them out from now on.
    KeepOut {
        /// The person.
        mark: String,
        /// Of one source.
        source: Option<SourceName>,
        /// What names them.
        identities: Vec<Identity>,
    },
    /// Take everybody who is kept out of events.
    Events(Stretch),
    /// Take everybody who is kept out of all but the log.
    Rows(Option<SourceName>),
    /// Let the files hold nothing of it.
    Scrub {
        /// The person.
        mark: String,
        /// What was done.
        done: Erased,
    },
}

impl Privacy {
    /// Does it.
    pub(super) fn perform(&self, store: &dyn Store, now: Instant) -> StoreResult<Reply> {
        Ok(match self {
            Self::Export { .. } => Reply::Done(0),
            Self::KeepOut { source, identities, .. } => Reply::Done(store.keep_out(source.as_ref(), identities, now)?),
            Self::Events(stretch) => Reply::Erased(Box::new(store.erase_events(stretch)?)),
            Self::Rows(source) => Reply::Erased(Box::new(store.erase_rows(source.as_ref())?)),
            Self::Scrub { .. } => {
                store.scrub()?;
                Reply::Done(0)
            }
        })
    }

    /// The one source that it is about.
    pub(super) fn source(&self) -> Option<&SourceName> {
        match self {
            Self::Export { source, .. } | Self::KeepOut { source, .. } | Self::Rows(source) => source.as_ref(),
            Self::Events(stretch) => Some(&stretch.source),
            Self::Scrub { .. } => None,
        }
    }

    /// What the governance log says of it. A part of an erasure is told with its beginning and its end.
    pub(super) fn about(&self) -> Option<String> {
        let of = |source: &Option<SourceName>| source.as_ref().map(|source| format!(" of source {source}")).unwrap_or_default();
        match self {
            Self::Export { mark, source } => Some(format!("hand out what is kept{} of person {mark}", of(source))),
            Self::KeepOut { mark, source, .. } => Some(format!("erase what is kept{} of person {mark}", of(source))),
            Self::Events(_) | Self::Rows(_) => None,
            Self::Scrub { mark, done } => Some(format!(
                "end the erasure of person {mark}: {} events removed, {} of them undelivered; {} events and {} other records redacted or removed{}",
                done.removed,
                done.undelivered,
                done.redacted,
                done.rows.values().sum::<u64>(),
                match done.held + done.held_rows {
                    0 => String::new(),
                    held => format!("; {held} under legal hold left as they are"),
                }
            )),
        }
    }
}
