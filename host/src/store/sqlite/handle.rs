//! An open store: its file, its connections, its lock.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use super::{
    chunk,
    connection::{self, Reads, Writes},
    fault,
    marker::Marker,
    prune, rekey,
    restored::Restored,
    schema, suspicion,
};
use crate::{
    model::SourceName,
    privacy::Hold,
    store::{Result, StoreErrorKind, lock::StoreLock, place, seal::Key},
};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Open {
    /// The database file. Its `-wal`, `-shm`, `.lock`, `.grants` and `.responses` stand beside it.
    pub path: PathBuf,
    /// Seals the credentials.
    pub key: Key,
    /// To own, or only to read.
    pub access: Access,
    /// A registered SQLite VFS instead of the operating system's files: for tests. No lock is taken then.
    pub vfs: Option<String>,
    /// One connection for everything, without shared memory: for tests on a VFS that has none.
    pub exclusive: bool,
}

/// What a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads and writes, creates what is missing, and holds the lock for as long as it lives.
    Owner,
    /// Reads only, while an owner may be writing. Every write fails as unusable.
    Reader,
}

/// The store in one SQLite file. See the module's documentation.
pub struct SqliteStore {
    // Closed in this order: the last connection tidies the file up, which a reading one cannot.
    reads: Option<Reads>,
    pub(super) writes: Option<Writes>,
    pub(super) path: PathBuf,
    pub(super) marker: Marker,
    pub(super) restored: Restored,
    /// Taken before a connection, never while holding one.
    key: RwLock<Key>,
    pub(super) chunks: chunk::Cache,
    /// What stays, by source.
    holds: RwLock<HashMap<SourceName, Hold>>,
    pub(super) held: prune::Held,
    lock: Option<StoreLock>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("marker", &self.marker).finish_non_exhaustive()
    }
}

impl Open {
    /// The usual way to open the store at `path`.
    pub fn new(path: impl Into<PathBuf>, key: Key, access: Access) -> Self {
        Self { path: path.into(), key, access, vfs: None, exclusive: false }
    }
}

impl SqliteStore {
    /// Opens a store; an owner creates it where there is none.
    ///
    /// Fails as `Locked` where another process owns it, and as `Unusable` where it was sealed with another key, written by a
    /// newer version, or is no store at all; as `Damaged` where an owner has to [`renew`](super::renew) it.
    pub fn open(options: Open) -> Result<Self> {
        let lock = match (options.access, &options.vfs) {
            (Access::Owner, None) => {
                // Before its lock is taken: that is one of the things that do not work there.
                place::check(&options.path)?;
                Some(StoreLock::acquire(&options.path)?)
            }
            _ => None,
        };
        if lock.is_some() {
            suspicion::settle(&options)?;
        }
        let (writes, reads) = connection::open(&options)?;
        let (marker, restored) = (Marker::beside(&options.path, ".grants"), Restored::beside(&options.path));
        let key = RwLock::new(options.key.clone());
        let (path, chunks) = (options.path.clone(), chunk::Cache::default());
        let (holds, held) = (RwLock::default(), prune::Held::default());
        let store = Self { writes, reads, path, marker, restored, key, chunks, holds, held, lock };
        let settled = store.read_with("read what the store was made with", |db| schema::settled(db, &options.key))?;
        *store.key.write().unwrap_or_else(PoisonError::into_inner) = settled;
        // As it is now: what is written from here on would hide it.
        store.note_restore()?;
        Ok(store)
    }

    /// The key, which stays that of the store as long as this is held.
    pub(super) fn key(&self) -> RwLockReadGuard<'_, Key> {
        self.key.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stays of a source.
    pub(super) fn hold_on(&self, source: &SourceName) -> Hold {
        self.holds.read().unwrap_or_else(PoisonError::into_inner).get(source).cloned().unwrap_or_default()
    }

    /// What stays of each.
    pub(super) fn holds(&self) -> HashMap<SourceName, Hold> {
        self.holds.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// That stays from now on.
    pub(super) fn hold_what(&self, holds: &[(SourceName, Hold)]) {
        *self.holds.write().unwrap_or_else(PoisonError::into_inner) = holds.iter().cloned().collect();
    }

    /// Seals everything with another key, and goes on with that.
    pub(super) fn rekey_with(&self, new: &Key) -> Result<()> {
        let mut key = self.key.write().unwrap_or_else(PoisonError::into_inner);
        self.write_with("give the store another key", |db| rekey::all(db, &key, new))?;
        *key = new.with_fingerprints_of(&key);
        Ok(())
    }

    /// Whoever opens it next has to know that damage was met. Only the owner says so: who looks beside it may be wrong.
    fn suspect<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && error.kind == StoreErrorKind::Damaged
            && self.lock.is_some()
        {
            suspicion::raise(&self.path);
        }
        result
    }

    pub(super) fn read_with<T>(&self, what: &str, call: impl FnOnce(&rusqlite::Connection) -> fault::Outcome<T>) -> Result<T> {
        match (&self.reads, &self.writes) {
            (Some(reads), writes) => {
                let result = reads.call(what, call);
                if let (Some(writes), Err(error)) = (writes, &result)
                    && matches!(error.kind, StoreErrorKind::Poisoned | StoreErrorKind::Damaged)
                {
                    writes.poison();
                }
                self.suspect(result)
            }
            (None, Some(writes)) => self.suspect(writes.read(what, call)),
            (None, None) => Err(fault::read_only(what)),
        }
    }

    pub(super) fn write_with<T>(&self, what: &str, call: impl FnOnce(&rusqlite::Connection) -> fault::Outcome<T>) -> Result<T> {
        match &self.writes {
            Some(writes) => self.suspect(writes.call(what, call)),
            None => Err(fault::read_only(what)),
        }
    }

    /// The same for what is in the governance log too.
    pub(super) fn write_recorded<T>(&self, what: &str, call: impl FnOnce(&rusqlite::Connection) -> fault::Outcome<T>) -> Result<T> {
        let written = self.write_with(what, call)?;
        self.remember_records();
        Ok(written)
    }
}
