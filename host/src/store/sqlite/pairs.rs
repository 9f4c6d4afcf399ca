//! The pair of a source, and what beside the database tells one that may be old (I4).

use super::{SqliteStore, fault, grants};
use crate::{model::SourceName, store::Result};

impl SqliteStore {
    pub(super) fn put_pair(&self, source: &SourceName, after: Option<u64>, new: &grants::New<'_>) -> Result<u64> {
        // This pair may be the only copy there is: trouble with the marker must not cost it.
        let issued = self.marker.enter(source.as_str()).and_then(|()| self.marker.issued(source.as_str())).unwrap_or_else(|error| {
            tracing::warn!(%source, %error, "a restore from a backup may go unnoticed");
            0
        });
        let key = self.key();
        let version = self.write_with("store new credentials", |db| {
            let version = grants::next(db, source, after)?.max(issued.saturating_add(1));
            grants::put(db, &key, source, version, new)?;
            Ok(version)
        })?;
        // Behind the commit: a crash in between leaves a marker lower than the database, which means nothing.
        if let Err(error) = self.marker.set(source.as_str(), version) {
            tracing::warn!(%source, %error, "a restore from a backup may go unnoticed");
        }
        Ok(version)
    }

    pub(super) fn is_old_pair(&self, source: &SourceName) -> Result<bool> {
        let issued = self.marker.issued(source.as_str())?;
        let stored = self.read_with("read the version of the credentials", |db| grants::version(db, source))?;
        Ok(match stored {
            None => false,
            Some(version) => version < issued || self.marker.is_copy(source.as_str())?,
        })
    }

    pub(super) fn confirm_pair(&self, source: &SourceName) -> Result<()> {
        let stored = self.read_with("read the version of the credentials", |db| grants::version(db, source))?;
        if self.writes.is_none() {
            return Err(fault::read_only("confirm the credentials"));
        }
        self.marker.set(source.as_str(), stored.unwrap_or_default())
    }
}
