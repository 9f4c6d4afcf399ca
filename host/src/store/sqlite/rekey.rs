//! Another key: everything that is sealed is opened with the one and sealed with the other, in one transaction.
//!
//! What fingerprints are made with stays as it is, sealed with the new key in the canary: configured tokens would else count as
//! changed, and a pair that was rotated away would be taken for the newer one.

use std::path::Path;

use rusqlite::{Connection, params};

use super::{
    Access, Open, connection,
    fault::{Fault, Outcome},
    generations, grants, schema, transcripts,
};
use crate::store::{Result, StoreError, StoreErrorKind, lock::StoreLock, seal::Key};

/// Where it stands, what it is sealed for, and the seal.
pub(super) type Sealed = (i64, Vec<u8>, Vec<u8>);

/// Seals everything with another key. What does not open with the old one fails it all, except transcripts, which are let go.
pub(super) fn all(db: &Connection, old: &Key, new: &Key) -> Outcome<()> {
    let unopened = |what: &str| unusable(format!("{what} kept in the store does not open with its key: the key stays as it is"));
    for (row, purpose, sealed) in grants::sealed(db)? {
        let plain = old.open(&purpose, &sealed).map_err(|_| unopened("a token"))?;
        put(db, "UPDATE grants SET sealed = ?2 WHERE source = ?1", row, &seal(new, &purpose, &plain)?)?;
    }
    for (row, purpose, sealed) in generations::sealed(db)? {
        let plain = old.open(&purpose, &sealed).map_err(|_| unopened("a component"))?;
        put(db, "UPDATE generations SET package = ?2 WHERE number = ?1", row, &seal(new, &purpose, &plain)?)?;
    }
    for (row, purpose, sealed) in transcripts::sealed(db)? {
        match old.open(&purpose, &sealed) {
            Ok(plain) => put(db, "UPDATE transcripts SET sealed = ?2 WHERE id = ?1", row, &seal(new, &purpose, &plain)?)?,
            Err(_) => drop(db.execute("DELETE FROM transcripts WHERE id = ?1", [row])?),
        }
    }
    schema::seal_canary(db, new, old.fingerprinting())
}

/// The key is lost: what it sealed is let go, and the store opens with another. Everything else stays. Takes the lock.
pub fn forget_sealed(path: &Path, new: &Key) -> Result<()> {
    let what = |fault: Fault| fault.of("give the store another key");
    if !path.exists() {
        return Err(StoreError::new(StoreErrorKind::Unusable, format!("there is no store at {}", path.display())));
    }
    let _lock = StoreLock::acquire(path)?;
    let db = connection::writer(&Open::new(path, new.clone(), Access::Owner)).map_err(what)?;
    if schema::is_older(&db).map_err(what)? {
        let text = "the store is of an older miro-source: bring it up first, which takes its key; or move it away and begin anew";
        return Err(StoreError::new(StoreErrorKind::Unusable, text));
    }
    let emptied = connection::transact(&db, |db| {
        db.execute_batch("DELETE FROM grants; DELETE FROM transcripts; DELETE FROM erased; UPDATE generations SET package = NULL;")?;
        schema::seal_canary(db, new, new.fingerprinting())
    });
    emptied.map_err(what)
}

pub(super) fn seal(key: &Key, purpose: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
    Ok(key.seal(purpose, plain).map_err(|cause| unusable(format!("it cannot be sealed: {cause}")))?)
}

fn put(db: &Connection, sql: &str, row: i64, sealed: &[u8]) -> Outcome<()> {
    db.prepare_cached(sql)?.execute(params![row, sealed])?;
    Ok(())
}

/// The rows of a question that gives a number, the texts that `purpose` is made of, and what is sealed.
pub(super) fn rows(db: &Connection, sql: &str, purpose: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<Vec<u8>>) -> Outcome<Vec<Sealed>> {
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, purpose(row)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn unusable(message: String) -> StoreError {
    StoreError::new(StoreErrorKind::Unusable, message)
}
