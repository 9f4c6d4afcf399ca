//! Somebody turned out to have left: what they did since is judged again.

use serde::{Deserialize, Serialize};

use super::{Person, PersonState};
use crate::{
    model::{DetectorName, Instant, SourceName},
    store::{Store, StoreError},
};

/// Whose events are to be judged again, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejudged {
    /// The directory's identifier.
    pub id: String,
    /// The addresses.
    pub emails: Vec<String>,
    /// How they left.
    pub state: PersonState,
    /// When.
    pub at: Instant,
}

impl Rejudged {
    /// Of somebody who left.
    pub fn of(person: &Person) -> Self {
        Self { id: person.id.clone(), emails: person.emails.clone(), state: person.state, at: person.since.unwrap_or(person.learned) }
    }

    /// Asks every detector of a source for it. It stays asked for until it was done.
    pub fn ask(&self, store: &dyn Store, source: &SourceName) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).unwrap_or_default();
        let judges = store.judges()?;
        judges.iter().filter(|judge| judge.source == *source).try_for_each(|judge| store.note(&self.key(source, &judge.detector), &text))
    }

    /// A detector did it.
    pub fn done(&self, store: &dyn Store, source: &SourceName, detector: &DetectorName) -> Result<(), StoreError> {
        store.note(&self.key(source, detector), "")
    }

    /// What a detector of a source is asked for.
    pub fn asked(store: &dyn Store, source: &SourceName, detector: &DetectorName) -> Result<Vec<Self>, StoreError> {
        let found = store.notes(&format!("rejudge/{source}/{detector}/"))?;
        Ok(found.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect())
    }

    fn key(&self, source: &SourceName, detector: &DetectorName) -> String {
        format!("rejudge/{source}/{detector}/{}", self.id)
    }
}
