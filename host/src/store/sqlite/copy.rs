//! A copy of the whole store while it is in use, and what has to be true of one before it takes a store's place.
//!
//! A copy is one state of the database, as a transaction sees it, in a file of its own; whoever writes meanwhile does not wait. It
//! holds sealed credentials and never the key that opens them, nor what stands beside the database: that tells an old one from the
//! current one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Access, Open, connection,
    fault::{Fault, Outcome},
    schema,
};
use crate::{
    disk,
    store::{Result, StoreError, StoreErrorKind, lock::StoreLock, seal::Key},
};

/// Writes a copy of the store at `from` to `to`, where nothing is yet. It is whole and on disk when this returns.
pub fn copy(from: &Path, key: &Key, to: &Path) -> Result<()> {
    let open = Open::new(from, key.clone(), Access::Reader);
    let what = |fault: Fault| fault.of("copy the store");
    let connection = connection::single(&open).map_err(what)?;
    let target = to.to_str().ok_or_else(|| unusable(format!("{} is no name that SQLite can write to", to.display())))?;
    connection.execute("VACUUM INTO ?1", [target]).map_err(|cause| what(cause.into()))?;
    fs::File::open(to).and_then(|file| file.sync_all()).map_err(|cause| failed("write", to, cause))?;
    examine(to, key)
}

/// Keeps the store as it is before its tables are brought up from `version`: beside it, under a name that says so.
pub(super) fn keep(path: &Path, key: &Key, version: i32) -> Result<()> {
    let kept = disk::with_ending(path, &format!(".schema-{version}"));
    if kept.exists() {
        // An upgrade that was cut short begins again from the same tables.
        return Ok(());
    }
    let new = disk::with_ending(&kept, ".new");
    remove(&new)?;
    let copied = disk::create_private(&new).map_err(|cause| failed("write", &new, cause)).and_then(|_| copy(path, key, &new));
    copied.and_then(|()| disk::put(&new, &kept).map_err(|cause| failed("write", &kept, cause))).inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&new);
    })?;
    tracing::info!(kept = %kept.display(), "the store is of an older miro-source (schema {version}) and is brought up; it is kept as it was");
    Ok(())
}

/// Puts a copy in the place of the store at `path`, which is put aside under the name that is returned. At every instant there is a
/// whole store at `path`, where there was one. Takes the lock: nobody may be using it.
pub fn put_in_place(copied: &Path, path: &Path, key: &Key, aside: &str) -> Result<Option<PathBuf>> {
    examine(copied, key)?;
    let _lock = StoreLock::acquire(path)?;
    let new = disk::with_ending(path, ".restoring");
    // Left by one that was cut short.
    remove(&new)?;
    let mut from = fs::File::open(copied).map_err(|cause| failed("read", copied, cause))?;
    let mut to = disk::create_private(&new).map_err(|cause| failed("write", &new, cause))?;
    io::copy(&mut from, &mut to).and_then(|_| to.sync_all()).map_err(|cause| failed("write", &new, cause))?;
    let kept = if path.exists() { Some(put_aside(path, key, aside)?) } else { None };
    disk::put(&new, path).map_err(|cause| failed("write", path, cause))?;
    Ok(kept)
}

/// Gives the store at `path` a second name, with all that was written to it.
pub(super) fn put_aside(path: &Path, key: &Key, aside: &str) -> Result<PathBuf> {
    let kept = disk::with_ending(path, aside);
    let (log, kept_log) = (disk::with_ending(path, "-wal"), disk::with_ending(&kept, "-wal"));
    // What stands in the log goes into the file. Of one that cannot be opened SQLite removes it, so it is kept as it is.
    if log.exists() {
        fs::copy(&log, &kept_log).map_err(|cause| failed("put aside", &log, cause))?;
    }
    if tidy(path, key).is_ok() {
        remove(&kept_log)?;
    }
    fs::hard_link(path, &kept).map_err(|cause| failed("put aside", path, cause))?;
    for beside in ["-wal", "-shm"] {
        remove(&disk::with_ending(path, beside))?;
    }
    Ok(kept)
}

/// Brings all that stands in the log beside a database into it, and the log to an end.
fn tidy(path: &Path, key: &Key) -> Outcome<()> {
    let connection = connection::writer(&Open::new(path, key.clone(), Access::Owner))?;
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    connection.close().map_err(|(_, cause)| cause)?;
    if busy { Err(unusable("somebody reads it".to_owned()).into()) } else { Ok(()) }
}

/// Whether a store is sealed with this key.
pub fn examine_key(path: &Path, key: &Key) -> bool {
    let look = || schema::check(&connection::single(&Open::new(path, key.clone(), Access::Reader))?, key);
    look().is_ok()
}

/// Whether there is a store of this key's whose tables need not be brought up.
pub fn is_current(path: &Path, key: &Key) -> bool {
    let look = || -> Outcome<bool> {
        let connection = connection::single(&Open::new(path, key.clone(), Access::Reader))?;
        schema::check(&connection, key)?;
        Ok(!schema::is_older(&connection)?)
    };
    look().unwrap_or(false)
}

/// Whether a file is a whole store of a version we know, sealed with this key.
pub fn examine(path: &Path, key: &Key) -> Result<()> {
    let open = Open::new(path, key.clone(), Access::Reader);
    let look = || -> Outcome<()> {
        let connection = connection::single(&open)?;
        schema::check(&connection, key)?;
        let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        match found.as_str() {
            "ok" => Ok(()),
            _ => Err(unusable(format!("it is damaged: {found}")).into()),
        }
    };
    look().map_err(|fault| {
        let mut error = fault.of("read it");
        error.message = format!("{}: {}", path.display(), error.message);
        error
    })
}

pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(failed("remove", path, cause)),
        _ => Ok(()),
    }
}

pub(super) fn failed(verb: &str, path: &Path, cause: io::Error) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Retry,
        message: format!("failed to {verb} {}: {cause}: is there room, and may this user write there?", path.display()),
        source: Some(cause.into()),
    }
}

fn unusable(message: String) -> StoreError {
    StoreError::new(StoreErrorKind::Unusable, message)
}
