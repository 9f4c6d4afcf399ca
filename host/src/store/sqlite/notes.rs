//! Small values for show.

use rusqlite::{Connection, OptionalExtension as _};

use super::fault::Outcome;

pub(super) fn put(db: &Connection, key: &str, value: &str) -> Outcome<()> {
    // Unchanged, it costs no sync.
    let mut statement = db.prepare_cached(
        "INSERT INTO notes (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
    )?;
    statement.execute([key, value])?;
    Ok(())
}

pub(super) fn get(db: &Connection, key: &str) -> Outcome<Option<String>> {
    let mut statement = db.prepare_cached("SELECT value FROM notes WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

pub(super) fn list(db: &Connection, prefix: &str) -> Outcome<Vec<(String, String)>> {
    let mut statement = db.prepare_cached("SELECT key, value FROM notes WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key")?;
    let rows = statement.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn remove(db: &Connection, key: &str) -> Outcome<()> {
    db.prepare_cached("DELETE FROM notes WHERE key = ?1")?.execute([key])?;
    Ok(())
}
