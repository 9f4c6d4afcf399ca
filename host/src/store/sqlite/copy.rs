//! A copy of the whole store while it is in use, and what has to be true of one before it takes a store's place.
//!
//! A copy is one state of the database, as a transaction sees it, in a file of its own; whoever writes meanwhile does not wait. It
//! holds sealed credentials and never the key that opens them, nor what stands beside the database: that tells an old one from the
//! current one.

use std::{
    fs,
    io::{self, BufRead as _},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    Access, Open, connection,
    erased::{self, Gone},
    fault::{Fault, Outcome},
    schema, switch,
};
use crate::{
    disk,
    model::Instant,
    respond::Stopped,
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

/// Keeps the store as it is before its tables are brought up from `version`: beside it, under a name that says so. What an upgrade
/// before kept stays, under its own name; one that was cut short and begins again keeps nothing twice.
pub(super) fn keep(path: &Path, key: &Key, version: i32) -> Result<()> {
    let first = disk::with_ending(path, &format!(".schema-{version}"));
    let new = disk::with_ending(&first, ".new");
    remove(&new)?;
    let put = || -> Result<PathBuf> {
        disk::create_private(&new).map_err(|cause| failed("write", &new, cause))?;
        copy(path, key, &new)?;
        for kept in kept_before(&first).map_err(|cause| failed("list what stands beside", path, cause))? {
            if is_same(&new, &kept).map_err(|cause| failed("read", &kept, cause))? {
                remove(&new)?;
                return Ok(kept);
            }
        }
        let kept = if first.exists() { disk::with_ending(&first, &format!("-{}", Instant::system().compact())) } else { first.clone() };
        disk::put(&new, &kept).map_err(|cause| failed("write", &kept, cause))?;
        Ok(kept)
    };
    let kept = put().inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&new);
    })?;
    tracing::info!(kept = %kept.display(), "the store is of an older miro-source (schema {version}) and is brought up; it is kept as it was");
    Ok(())
}

/// What upgrades from the same tables kept: one under this name, others under that and a time.
fn kept_before(first: &Path) -> io::Result<Vec<PathBuf>> {
    let name = first.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = first.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut kept = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) {
            kept.push(entry.path());
        }
    }
    Ok(kept)
}

/// Whether two files hold the same.
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    if fs::metadata(one)?.len() != fs::metadata(other)?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (io::BufReader::new(fs::File::open(one)?), io::BufReader::new(fs::File::open(other)?));
    loop {
        let (left, right) = (one.fill_buf()?, other.fill_buf()?);
        let length = left.len().min(right.len());
        if left.get(..length) != right.get(..length) {
            return Ok(false);
        }
        if length == 0 {
            return Ok(left.len() == right.len());
        }
        one.consume(length);
        other.consume(length);
    }
}

/// A copy that took a store's place.
#[derive(Debug)]
pub struct Put {
    /// Where the store that was there is.
    pub kept: Option<PathBuf>,
    /// How many identities of people who were erased since the copy was made are kept out of it. An error: it is not known who they are.
    pub erased: Result<u64>,
    /// Nothing acts until a person says so: that was so of the store that was there, or nobody can read whether it was.
    pub stopped: Option<Stopped>,
}

/// Puts a copy in the place of the store at `path`, which is put aside under the name that is returned. At every instant there is a
/// whole store at `path`, where there was one, and who was erased from that is kept out of the copy before it takes the place: a copy of
/// an older miro-source is brought up where there is somebody. Where nothing is to act, nothing does in the copy either. Takes the lock:
/// nobody may be using it.
pub fn put_in_place(copied: &Path, path: &Path, key: &Key, aside: &str) -> Result<Put> {
    examine(copied, key)?;
    let _lock = StoreLock::acquire(path)?;
    let new = disk::with_ending(path, ".restoring");
    // Left by one that was cut short.
    for ending in ["", "-wal", "-shm"] {
        remove(&disk::with_ending(&new, ending))?;
    }
    let mut from = fs::File::open(copied).map_err(|cause| failed("read", copied, cause))?;
    let mut to = disk::create_private(&new).map_err(|cause| failed("write", &new, cause))?;
    io::copy(&mut from, &mut to).and_then(|_| to.sync_all()).map_err(|cause| failed("write", &new, cause))?;
    let there = path.exists();
    let erased = match there.then(|| erased::gone(path, key)) {
        Some(Ok(gone)) => Ok(keep_out(&new, key, &gone)?),
        Some(Err(why)) => Err(why),
        None => Ok(0),
    };
    let stopped = if there { switch::bring(path, &new, key)? } else { None };
    if stopped.is_some() {
        settle(&new, key)?;
    }
    let kept = if there { Some(put_aside(path, key, aside)?) } else { None };
    disk::put(&new, path).map_err(|cause| failed("write", path, cause))?;
    Ok(Put { kept, erased, stopped })
}

/// Reads a store that nobody uses, and leaves nothing beside it that was not there.
pub(super) fn read<T>(from: &Path, key: &Key, what: &str, call: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
    let beside: Vec<PathBuf> =
        ["-wal", "-shm"].map(|ending| disk::with_ending(from, ending)).into_iter().filter(|file| !file.exists()).collect();
    let read = connection::single(&Open::new(from, key.clone(), Access::Reader)).and_then(|db| call(&db));
    // Who only reads leaves them there.
    beside.iter().try_for_each(|file| remove(file))?;
    read.map_err(|fault| fault.of(what))
}

/// Keeps who is gone out of a copy that nobody uses yet.
fn keep_out(copied: &Path, key: &Key, gone: &Gone) -> Result<u64> {
    if gone.is_nobody() {
        return Ok(0);
    }
    let new = erased::bring(gone, copied, key)?;
    settle(copied, key)?;
    Ok(new)
}

/// Leaves all that was written to a copy in the one file.
fn settle(copied: &Path, key: &Key) -> Result<()> {
    tidy(copied, key).map_err(|fault| fault.of("write the copy"))?;
    ["-wal", "-shm"].iter().try_for_each(|beside| remove(&disk::with_ending(copied, beside)))
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
