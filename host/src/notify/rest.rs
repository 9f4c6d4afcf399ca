//! Why there is no try now, and what ends it.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use crate::model::Instant;

/// How long to wait for a person, unless the file of a secret changes, which is looked at so often.
const PERSON: Duration = Duration::from_secs(3600);
const LOOK: Duration = Duration::from_secs(30);

/// A wait after a failure.
#[derive(Debug)]
pub(super) struct Rest {
    until: Instant,
    /// The files of the secrets as they were, where a person must act.
    files: Vec<(PathBuf, Seen)>,
}

/// A file as it was: its time and length.
type Seen = Option<(Option<SystemTime>, u64)>;

impl Rest {
    /// Until then, come what may.
    pub(super) fn until(until: Instant) -> Self {
        Self { until, files: Vec::new() }
    }

    /// Until a person has acted: one of these files changes, or an hour is over.
    pub(super) async fn for_person(now: Instant, files: Vec<PathBuf>) -> Self {
        let mut seen = Vec::with_capacity(files.len());
        for file in files {
            let as_it_is = look(&file).await;
            seen.push((file, as_it_is));
        }
        Self { until: now.plus(PERSON), files: seen }
    }

    /// Whether it is time for another try.
    pub(super) async fn is_over(&self, now: Instant) -> bool {
        if self.until <= now {
            return true;
        }
        for (file, before) in &self.files {
            if look(file).await != *before {
                return true;
            }
        }
        false
    }

    /// When to ask again.
    pub(super) fn next(&self, now: Instant) -> Instant {
        if self.files.is_empty() { self.until } else { self.until.min(now.plus(LOOK)) }
    }
}

async fn look(file: &std::path::Path) -> Seen {
    tokio::fs::metadata(file).await.ok().map(|known| (known.modified().ok(), known.len()))
}
