//! Where the reading of changes stands between two calls: compact JSON, written for ever.
//! `fixtures/changed-v1-*.json` hold what version 1 wrote.

use serde::{Deserialize, Serialize};

use crate::{config::Config, graph::link, types::Failure};

/// The version that this component writes.
const VERSION: u32 = 1;
/// The most accounts that are asked for one by one. A page of changes has some hundred.
pub(super) const PARTIAL: usize = 1_000;

/// Where the reading stands. Links are 16 KiB long at most, so that it is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    v: u32,
    pub(super) stage: Stage,
    /// Where the list of deleted accounts goes on, while it is being read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted: Option<String>,
    /// Where the changes go on. Absent: everybody is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) changes: Option<String>,
    /// The latest deletion of the last list that was read to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) newest: Option<u64>,
    /// The latest deletion of the list that is being read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) passing: Option<u64>,
    /// When the list of deleted accounts was forbidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forbidden: Option<u64>,
    /// It began again from nothing, and has not come to an end since.
    #[serde(default)]
    pub(super) again: bool,
    /// Accounts that came in part, and are asked for before anything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) partial: Vec<String>,
}

/// What a cycle is about to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    Deleted,
    Changes,
}

impl Checkpoint {
    pub(super) fn begin() -> Self {
        Self {
            v: VERSION,
            stage: Stage::Deleted,
            deleted: None,
            changes: None,
            newest: None,
            passing: None,
            forbidden: None,
            again: false,
            partial: Vec::new(),
        }
    }

    /// Reads what an earlier call wrote. Links that lead elsewhere, since `graph_url` is another now, are of another directory:
    /// then it begins again.
    pub(super) fn parse(config: &Config, text: &str) -> Result<Self, Failure> {
        let wrong =
            || Failure::Invalid("the checkpoint of the directory is not one of this component, or of a newer version of it".to_owned());
        let read: Self = serde_json::from_str(text).map_err(|_| wrong())?;
        if read.v != VERSION || read.partial.len() > PARTIAL {
            return Err(wrong());
        }
        let own = [&read.deleted, &read.changes].into_iter().flatten().all(|it| link::own(config, it));
        Ok(if own { read } else { Self::begin() })
    }

    pub(super) fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|why| Failure::Invalid(format!("the checkpoint of the directory cannot be written: {why}")))
    }

    /// Whether a cycle is under way.
    pub(super) fn more(&self) -> bool {
        self.stage == Stage::Changes || self.deleted.is_some() || !self.partial.is_empty()
    }
}
