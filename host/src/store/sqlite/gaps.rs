//! Stretches of time that cannot be read.

use audit_pipeline::source::Gap;
use rusqlite::{Connection, params};

use super::{
    fault::Outcome,
    names::{column, instant, source},
};
use crate::{model::Instant, store::StoredGap};

/// Writes a gap down, as one with those it touches that have the same cause and are not filled.
pub(super) fn record(db: &Connection, source: i64, gap: &Gap, found: Instant) -> Outcome<()> {
    let (start, end) = (column(gap.start), column(gap.end));
    if start >= end {
        return Ok(());
    }
    let touching = "source = ?1 AND cause = ?2 AND NOT filled AND start <= ?4 AND end >= ?3";
    let select = format!("SELECT min(id), min(start), max(end) FROM gaps WHERE {touching}");
    let touched = db.query_row(&select, params![source, gap.cause, start, end], |row| match row.get::<_, Option<i64>>(0)? {
        Some(id) => Ok(Some((id, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))),
        None => Ok(None),
    })?;
    let Some((id, from, to)) = touched else {
        db.execute(
            "INSERT INTO gaps (source, start, end, cause, found) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![source, start, end, gap.cause, column(found.0)],
        )?;
        return Ok(());
    };
    // The eldest stays; backfills of the others now fill it.
    let others = format!("SELECT id FROM gaps WHERE {touching} AND id <> ?5");
    let key = params![source, gap.cause, start, end, id];
    db.execute(&format!("UPDATE histories SET gap = ?5 WHERE gap IN ({others})"), key)?;
    db.execute(&format!("DELETE FROM gaps WHERE id IN ({others})"), key)?;
    // Longer than it was, it is news.
    db.execute(
        "UPDATE gaps SET start = ?2, end = ?3, found = CASE WHEN ?2 < start OR ?3 > end THEN ?4 ELSE found END WHERE id = ?1",
        params![id, from.min(start), to.max(end), column(found.0)],
    )?;
    Ok(())
}

/// A backfill has read `start..end`: what it covers of the gap is no gap any more.
pub(super) fn fill(db: &Connection, gap: i64, start: i64, end: i64) -> Outcome<()> {
    db.execute(
        "UPDATE gaps SET
            filled = (?2 <= start AND ?3 >= end),
            start = CASE WHEN ?2 <= start AND ?3 > start AND ?3 < end THEN ?3 ELSE start END,
            end = CASE WHEN ?3 >= end AND ?2 < end AND ?2 > start THEN ?2 ELSE end END
         WHERE id = ?1 AND NOT filled",
        [gap, start, end],
    )?;
    Ok(())
}

pub(super) fn list(db: &Connection) -> Outcome<Vec<StoredGap>> {
    let mut statement = db.prepare_cached(
        "SELECT gaps.id, name, start, end, cause, found, filled FROM gaps JOIN sources ON sources.id = source ORDER BY gaps.id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(StoredGap {
            id: row.get(0)?,
            source: source(row, 1)?,
            start: instant(row, 2)?,
            end: instant(row, 3)?,
            cause: row.get(4)?,
            found: instant(row, 5)?,
            filled: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
