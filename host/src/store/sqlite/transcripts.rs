//! The last pages of each source as transcripts, sealed: what a new generation must prove itself on.

use rusqlite::{Connection, params};
use zeroize::Zeroizing;

use super::{
    erased,
    fault::{Fault, Outcome},
    names::{column, find, register},
    rekey::{Sealed, rows},
};
use crate::{
    model::{Instant, SourceName},
    privacy::{Marks, line},
    store::{StoreError, StoreErrorKind, seal::Key},
};

/// A transcript is at most this long, opened.
const MOST: usize = 32 << 20;

/// What is sealed.
pub(super) fn sealed(db: &Connection) -> Outcome<Vec<Sealed>> {
    rows(db, "SELECT transcripts.id, sealed, name FROM transcripts JOIN sources ON sources.id = transcripts.source", |row| {
        Ok(purpose(&row.get::<_, String>(2)?))
    })
}

fn purpose(source: &str) -> Vec<u8> {
    format!("miro-source transcript v1 {source}").into_bytes()
}

/// Keeps one, and of the source's earlier ones the latest, `most` in all.
pub(super) fn keep(db: &Connection, key: &Key, source: &SourceName, at: Instant, body: &[u8], most: u64) -> Outcome<()> {
    let failed = |why: std::io::Error| Fault::from(StoreError::new(StoreErrorKind::Retry, format!("failed to seal a transcript: {why}")));
    let packed = Zeroizing::new(zstd::bulk::compress(body, 3).map_err(failed)?);
    let sealed = key.seal(&purpose(source.as_str()), &packed).map_err(failed)?;
    let source = register(db, source)?;
    let kept_out = erased::marks(db, key, Some(source))?;
    if names(&String::from_utf8_lossy(body), &kept_out) {
        // Others prove as much.
        return Ok(());
    }
    db.prepare_cached("INSERT INTO transcripts (source, at, sealed) VALUES (?1, ?2, ?3)")?.execute(params![
        source,
        column(at.0),
        sealed
    ])?;
    db.prepare_cached(
        "DELETE FROM transcripts WHERE source = ?1 AND id <= (SELECT id FROM transcripts WHERE source = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![source, column(most)])?;
    Ok(())
}

/// Those of a source, oldest first. One that does not open is damaged: it is passed over, since it proves nothing.
pub(super) fn list(db: &Connection, key: &Key, source: &SourceName) -> Outcome<Vec<Vec<u8>>> {
    let Some(number) = find(db, source)? else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached("SELECT sealed FROM transcripts WHERE source = ?1 ORDER BY id")?;
    let sealed = statement.query_map([number], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    let opened = sealed.iter().filter_map(|sealed| {
        let opened = key.open(&purpose(source.as_str()), sealed).ok().and_then(|packed| zstd::bulk::decompress(&packed, MOST).ok());
        if opened.is_none() {
            tracing::warn!(%source, "a transcript is damaged and left out");
        }
        opened
    });
    Ok(opened.collect())
}

/// Those that name somebody, opened: their numbers and what they say.
pub(super) fn naming(db: &Connection, key: &Key, source: Option<i64>, marks: &Marks) -> Outcome<Vec<(i64, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT transcripts.id, sealed, name FROM transcripts JOIN sources ON sources.id = source WHERE ?1 IS NULL OR source = ?1",
    )?;
    let mut rows = statement.query([source])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, sealed, name): (i64, Vec<u8>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let opened = key.open(&purpose(&name), &sealed).ok().and_then(|packed| zstd::bulk::decompress(&packed, MOST).ok());
        let text = opened.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        if names(&text, marks) {
            found.push((id, text));
        }
    }
    Ok(found)
}

/// Whether a transcript names somebody. The answers in it are texts within texts.
fn names(text: &str, marks: &Marks) -> bool {
    !marks.is_empty() && (line::names(text, marks, line::Whose::Host) || marks.name(text))
}

/// Lets go of those that name somebody. How many.
pub(super) fn erase(db: &Connection, key: &Key, source: Option<i64>, marks: &Marks) -> Outcome<u64> {
    let mut gone = 0;
    for (id, _) in naming(db, key, source, marks)? {
        db.execute("DELETE FROM transcripts WHERE id = ?1", [id])?;
        gone += 1;
    }
    Ok(gone)
}
