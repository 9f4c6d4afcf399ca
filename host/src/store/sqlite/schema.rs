//! The version of the tables, and whether this file is ours.

use rusqlite::{Connection, OptionalExtension as _};

use super::{
    connection::transact,
    fault::{Fault, Outcome},
    privacy, rekey,
    tables::{VERSION, VERSIONS},
};
use crate::store::{StoreError, StoreErrorKind, seal::Key};

/// What `file(1)` and we know the database by: `miro`.
const APPLICATION: i32 = 0x6d69_726f;
const CANARY: &[u8] = b"miro-source canary";

/// Creates or upgrades the tables where that is needed, and checks that the key fits.
pub(super) fn prepare(db: &Connection, key: &Key) -> Outcome<()> {
    match version(db)? {
        0 => transact(db, |db| create(db, key))?,
        VERSION => {}
        older => {
            // Not before the key is known to fit: another's store stays as it is.
            check(db, key)?;
            transact(db, |db| raise(db, older))?;
        }
    }
    check(db, key)
}

/// Brings the tables up from a version.
fn raise(db: &Connection, from: i32) -> Outcome<()> {
    for tables in VERSIONS.iter().skip(usize::try_from(from).unwrap_or_default()).copied().flatten() {
        db.execute_batch(tables)?;
    }
    Ok(db.pragma_update(None, "user_version", VERSION)?)
}

/// Checks that this is a store of a version we know, sealed with this key.
pub(super) fn check(db: &Connection, key: &Key) -> Outcome<()> {
    recognize(db)?;
    if version(db)? == 0 {
        return Err(unusable("it holds nothing yet: `miro-source run` fills it".to_owned()));
    }
    let sealed: Option<Vec<u8>> = db.query_row("SELECT sealed FROM canary", [], |row| row.get(0)).optional()?;
    match sealed.map(|sealed| key.open(CANARY, &sealed)) {
        Some(Ok(_)) => Ok(()),
        _ => Err(unusable(
            "the configured key does not fit it: put back the key it was made with (`[store] key`); `miro-source key rotate` goes on where a change of keys was cut short, and \
             `miro-source key lost` where the key is lost"
                .to_owned(),
        )),
    }
}

/// Checks, changing nothing, that this is a store of a version we know, or nothing yet.
pub(super) fn recognize(db: &Connection) -> Outcome<()> {
    match version(db)? {
        0..=VERSION => Ok(()),
        newer => Err(unusable(format!(
            "it was written by a newer miro-source (schema {newer}, this one knows up to {VERSION}): use that version, or a backup from before"
        ))),
    }
}

/// Whether the tables are those of an older version, which only an owner brings up.
pub(super) fn is_older(db: &Connection) -> Outcome<bool> {
    Ok(version(db)? < VERSION)
}

/// The version of a store of this key's that is to be brought up.
pub(super) fn to_raise(db: &Connection, key: &Key) -> Outcome<Option<i32>> {
    match version(db)? {
        0 | VERSION => Ok(None),
        older => check(db, key).map(|()| Some(older)),
    }
}

/// A question that the tables of an older version have no answer to, in words that say what to do.
pub(super) fn outdated(db: &Connection, fault: Fault) -> Fault {
    let Fault::Sql(error) = &fault else { return fault };
    // A table or a column that is not there.
    let unknown = error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_ERROR);
    match version(db) {
        Ok(older) if unknown && older < VERSION => unusable(format!(
            "the store is of an older miro-source (schema {older}, this one's is {VERSION}), which had nothing of the kind: `miro-source run` upgrades it"
        )),
        _ => fault,
    }
}

/// The version of the tables; 0 for a file without any.
fn version(db: &Connection) -> Outcome<i32> {
    let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, version, tables) {
        (0, 0, 0) => Ok(0),
        (APPLICATION, version, _) if version > 0 => Ok(version),
        _ => Err(unusable("it is a database of something else: check `[store] path`".to_owned())),
    }
}

fn create(db: &Connection, key: &Key) -> Outcome<()> {
    raise(db, 0)?;
    seal_canary(db, key, key.fingerprinting())?;
    privacy::begin_clean(db)?;
    db.pragma_update(None, "application_id", APPLICATION)?;
    Ok(())
}

/// Makes the store one of this key's, in which fingerprints are made with `fingerprinting`.
pub(super) fn seal_canary(db: &Connection, key: &Key, fingerprinting: &[u8]) -> Outcome<()> {
    let sealed = rekey::seal(key, CANARY, fingerprinting)?;
    db.execute("DELETE FROM canary", [])?;
    db.execute("INSERT INTO canary (sealed) VALUES (?1)", [sealed])?;
    Ok(())
}

/// The key as it is used in this store: its fingerprints are those of the first one.
pub(super) fn settled(db: &Connection, key: &Key) -> Outcome<Key> {
    let sealed: Vec<u8> = db.query_row("SELECT sealed FROM canary", [], |row| row.get(0))?;
    // Before keys could change nothing was in it.
    let carried = key.open(CANARY, &sealed).ok().and_then(|carried| carried.as_slice().try_into().ok());
    Ok(carried.map_or_else(|| key.clone(), |carried: [u8; 32]| key.fingerprinting_with(&carried)))
}

fn unusable(message: String) -> Fault {
    StoreError::new(StoreErrorKind::Unusable, message).into()
}
