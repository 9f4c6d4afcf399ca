//! What is old, and what is not, whatever its age.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

use crate::{
    model::{Instant, SourceName},
    privacy::Hold,
};

/// Notes of how long what is of a source is kept, each under its name.
pub const KEEPING: &str = "keeping/";

/// What to forget.
#[derive(Clone, Debug, Default)]
pub struct Prune {
    /// What is old of a source that is not in `sources`.
    pub usual: Old,
    /// What is old of these.
    pub sources: BTreeMap<SourceName, Old>,
    /// Once it is cancelled, what is left stays until another time.
    pub stop: CancellationToken,
}

/// What is old of a source. By default nothing.
#[derive(Clone, Debug, Default)]
pub struct Old {
    /// Records stored before this may go, once every reader has passed them.
    pub records_before: Instant,
    /// Behaviours found before this may go.
    pub behaviours_before: Instant,
    /// Alerts closed before this may go, with what was done about them, and suppressions that ended before it. Open alerts stay,
    /// and so does the governance log.
    pub alerts_before: Instant,
    /// Ids stored before this may go.
    pub ids_before: Instant,
    /// What stays all the same, but for ids.
    pub hold: Hold,
}

impl Prune {
    /// The same, but all ids stay.
    #[must_use]
    pub fn sparing_ids(mut self) -> Self {
        for old in self.sources.values_mut().chain([&mut self.usual]) {
            old.ids_before = Instant::EPOCH;
        }
        self
    }

    /// What is old of a source.
    pub fn of(&self, source: &SourceName) -> &Old {
        self.sources.get(source).unwrap_or(&self.usual)
    }
}
