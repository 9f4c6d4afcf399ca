//! What an operator sees of the components in use.

use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::swaps::Swaps;
use crate::{
    model::SourceName,
    store::{Store, Tenure, blocking},
};

/// One component in use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// As the configuration names it.
    pub component: String,
    /// The digest of what the configuration names, which may not be what serves.
    pub configured: String,
    /// What it is for.
    pub kind: String,
    /// What vouches for it; where no host runs, for what the configuration names.
    pub vouched: Option<String>,
    /// The interfaces it imports.
    pub imports: Vec<String>,
    /// A candidate that is being tried, and by which source.
    pub canary: Option<(String, SourceName)>,
    /// The sources that run it.
    pub sources: Vec<ShownSource>,
    /// Its generations, oldest first, the counts of the current one up to date.
    pub history: Vec<Tenure>,
}

/// A source that runs it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownSource {
    /// Its name.
    pub name: SourceName,
    /// What it grants.
    pub allow: Vec<String>,
}

impl Swaps {
    /// All components in use.
    pub async fn shown(&self) -> crate::store::Result<Vec<Shown>> {
        let tenures = blocking(&self.store, |store: &dyn Store| store.tenures()).await?;
        let shown = self.posts.iter().map(|post| {
            let slot = &post.tenancy.slot;
            let now = slot.component().now();
            let (polls, failures) = slot.tally();
            let mut history: Vec<Tenure> = tenures.iter().filter(|each| each.component == slot.name()).cloned().collect();
            if let Some(current) = history.iter_mut().find(|each| Some(each.number) == now.number) {
                current.polls += polls;
                current.failures += failures;
            }
            Shown {
                component: post.tenancy.reference.to_string(),
                configured: post.tenancy.configured.clone(),
                kind: post.tenancy.kind.to_string(),
                vouched: post.vouched.lock().unwrap_or_else(PoisonError::into_inner).get(now.generation.digest()).cloned(),
                imports: now.generation.imports().to_vec(),
                canary: slot.canary().map(|canary| (canary.generation.digest().to_owned(), canary.source.clone())),
                sources: post.seats.iter().map(|seat| ShownSource { name: seat.name.clone(), allow: seat.allow.clone() }).collect(),
                history,
            }
        });
        Ok(shown.collect())
    }
}
