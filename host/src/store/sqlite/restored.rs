//! Whether the database was restored, or is a copy: it holds less of the governance log than was once written, or is not the file
//! that this was written of.
//!
//! The number of records is written beside the database behind each commit, so it may lag, never lead: only a database below it
//! was restored, or the end of its log was cut off. Once that is found it is noted there, and nothing but [`SqliteStore::settle_restore`]
//! takes it back: a log that goes on beyond what was once written is as restored as before.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{SqliteStore, chain, marker::Marker};
use crate::store::Result;

/// The one name in the file.
pub(super) const LOG: &str = "governance";

/// What is beside the database, and what it said when the store was opened.
#[derive(Debug)]
pub(super) struct Restored {
    marker: Marker,
    opened: AtomicBool,
}

impl Restored {
    pub(super) fn beside(database: &Path) -> Self {
        Self { marker: Marker::beside(database, ".responses"), opened: AtomicBool::new(false) }
    }
}

impl SqliteStore {
    pub(super) fn is_behind(&self) -> Result<bool> {
        Ok(self.records()? < self.restored.marker.issued(LOG)?)
    }

    fn is_behind_or_copy(&self) -> Result<bool> {
        Ok(self.is_behind()? || (self.records()? > 0 && self.restored.marker.is_copy(LOG)?))
    }

    fn records(&self) -> Result<u64> {
        let head = self.read_with("read the head of the governance log", chain::head)?;
        Ok(u64::try_from(head.number).unwrap_or_default())
    }

    /// Keeps in mind what is so on opening. A file that cannot be read stops whoever asks, not the store.
    pub(super) fn note_restore(&self) -> Result<()> {
        if self.writes.is_some() && self.restored.marker.issued(LOG).is_ok() {
            if self.records()? == 0
                && let Err(error) = self.restored.marker.enter(LOG)
            {
                tracing::warn!(%error, "a restore from a backup may go unnoticed");
            }
            let restored = self.is_behind_or_copy()? || self.restored.marker.is_restored(LOG)?;
            // Where it cannot be noted this handle knows it still, and leaves what it was found by as it is.
            if restored && let Err(error) = self.restored.marker.note_restored(LOG) {
                tracing::warn!(%error, "a restore from a backup may go unnoticed");
            }
            self.restored.opened.store(restored, Ordering::Release);
        }
        Ok(())
    }

    pub(super) fn is_restored(&self) -> Result<bool> {
        let opened = self.restored.opened.load(Ordering::Acquire);
        Ok(opened || self.is_behind_or_copy()? || self.restored.marker.is_restored(LOG)?)
    }

    /// Behind a commit that added records.
    pub(super) fn remember_records(&self) {
        if self.restored.opened.load(Ordering::Acquire) {
            return;
        }
        if let Err(error) = self.records().and_then(|number| self.restored.marker.raise(LOG, number)) {
            tracing::warn!(%error, "a restore from a backup may go unnoticed");
        }
    }

    /// What was restored is dealt with.
    pub(super) fn settle_restore(&self) -> Result<()> {
        self.restored.marker.set(LOG, self.records()?)?;
        self.restored.opened.store(false, Ordering::Release);
        Ok(())
    }
}
