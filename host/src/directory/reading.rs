//! How the reading of a directory is doing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    model::{Instant, ResponderName},
    store::{self, Store},
};

/// How the reading of a directory is doing, for `status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Everybody is read for the first time.
    pub first: bool,
    /// People that are known.
    pub people: u64,
    /// Of them gone.
    pub departed: u64,
    /// When it was last read to its end.
    pub read: Option<Instant>,
    /// What is wrong, and since when.
    pub problem: Option<(String, Instant)>,
    /// Groups that cannot be read, and why.
    pub groups: BTreeMap<String, String>,
}

impl Reading {
    /// The note that keeps it.
    pub fn note_key(name: &ResponderName) -> String {
        format!("directory/{name}")
    }

    /// As the latest host noted it; none before the first.
    pub fn noted(store: &dyn Store, name: &ResponderName) -> store::Result<Option<Self>> {
        let key = Self::note_key(name);
        let noted = store.notes(&key)?.into_iter().find(|(found, _)| *found == key);
        Ok(noted.and_then(|(_, text)| serde_json::from_str(&text).ok()))
    }

    /// Whether it says nothing of anybody.
    pub fn is_empty(&self) -> bool {
        self.people == 0 && self.departed == 0
    }

    /// It was read to its end.
    pub(super) fn complete(&mut self, now: Instant) {
        (self.read, self.problem) = (Some(now), None);
    }

    /// A group cannot be read.
    pub(super) fn wrong(&mut self, group: &str, why: &str) {
        self.groups.insert(group.to_owned(), why.to_owned());
    }

    /// It cannot be read. Returns whether that is news.
    pub(super) fn failed(&mut self, why: &str, now: Instant) -> bool {
        match &self.problem {
            Some((known, _)) if known == why => false,
            known => {
                let since = known.as_ref().map_or(now, |(_, since)| *since);
                self.problem = Some((why.to_owned(), since));
                true
            }
        }
    }
}
