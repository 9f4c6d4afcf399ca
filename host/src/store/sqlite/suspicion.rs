//! That damage was met while the store was in use: beside the database, in `.suspect`, so that whoever opens it next looks first.
//!
//! Looking through all of it takes long where there is much, so it is done only then. Where nothing is found and damage is met
//! again all the same, the file is not trusted any more.

use std::{io::ErrorKind, path::Path};

use super::{
    Open, chunk, connection,
    fault::{self, Outcome},
};
use crate::{
    disk,
    store::{Result, StoreError, StoreErrorKind},
};

/// It was looked through since, and nothing was found.
const CLEARED: &str = "cleared";
const SEEN: &str = "seen";
const AGAIN: &str = "seen again";

/// Keeps in mind that there is damage. Called on the way down: what fails here is only told.
pub(super) fn raise(database: &Path) {
    let path = beside(database);
    let word = match std::fs::read_to_string(&path) {
        Ok(said) if said == CLEARED || said == AGAIN => AGAIN,
        _ => SEEN,
    };
    if let Err(why) = disk::replace_private(&path, word.as_bytes()) {
        tracing::error!("failed to note in {} that the store is damaged: {why}", path.display());
    }
}

/// Looks through a store that is suspected, before it is used. Fails as damaged where something is found.
pub(super) fn settle(options: &Open) -> Result<()> {
    let path = beside(&options.path);
    let said = match std::fs::read_to_string(&path) {
        Ok(said) if said == SEEN || said == AGAIN => said,
        Err(why) if why.kind() != ErrorKind::NotFound => return Err(failed(&path, &why)),
        _ => return Ok(()),
    };
    tracing::warn!("damage was met in the store {}: all of it is looked through", options.path.display());
    if said == AGAIN {
        return Err(StoreError::new(StoreErrorKind::Damaged, "damage was met in it again, though none is found by looking through it"));
    }
    look(options).map_err(|fault| fault.of("look through the store"))?;
    tracing::warn!("no damage is found in the store {}: it is used on", options.path.display());
    disk::replace_private(&path, CLEARED.as_bytes()).map_err(|why| failed(&path, &why))
}

/// Nothing is suspected of what takes the place of a store.
pub(super) fn forget(database: &Path) -> Result<()> {
    let path = beside(database);
    match std::fs::remove_file(&path) {
        Err(why) if why.kind() != ErrorKind::NotFound => Err(failed(&path, &why)),
        _ => Ok(()),
    }
}

/// Every page of the file, and every event of the log.
fn look(options: &Open) -> Outcome<()> {
    let db = connection::single(options)?;
    let found: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(fault::damaged(format!("its pages do not fit together: {found}")));
    }
    let chunks = chunk::Cache::default();
    let mut statement = db.prepare("SELECT last, body, context, count FROM chunks ORDER BY last")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let packed = chunk::Packed { body: row.get(1)?, context: row.get(2)? };
        chunks.unpack((row.get(0)?, row.get(3)?), || Ok(packed))?;
    }
    Ok(())
}

fn beside(database: &Path) -> std::path::PathBuf {
    disk::with_ending(database, ".suspect")
}

fn failed(path: &Path, why: &std::io::Error) -> StoreError {
    StoreError::new(StoreErrorKind::Unusable, format!("failed to use {}: {why}: check who may write there", path.display()))
}
