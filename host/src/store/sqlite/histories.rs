//! Backfills.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    fault::{Outcome, conflict},
    gaps,
    names::{column, instant, number, purpose, purpose_column, register, source},
};
use crate::{
    model::SourceName,
    store::{History, Page, Purpose},
};

/// Begins one. Its number is given here, whatever `history.id` says.
pub(super) fn add(db: &Connection, history: &History) -> Outcome<i64> {
    let source = register(db, &history.source)?;
    let History { start, end, purpose, gap, through, events, finished, .. } = history;
    db.execute(
        "INSERT INTO histories (source, start, end, sink, gap, through, events, finished) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![source, column(start.0), column(end.0), purpose_column(purpose), gap, column(through.0), column(*events), finished],
    )?;
    Ok(db.last_insert_rowid())
}

/// What it is read for.
pub(super) fn purpose_of(db: &Connection, source: &SourceName, id: i64) -> Outcome<Purpose> {
    let mut statement =
        db.prepare_cached("SELECT sink FROM histories WHERE id = ?2 AND source = (SELECT id FROM sources WHERE name = ?1)")?;
    match statement.query_row(params![source.as_str(), id], |row| purpose(row, 0)).optional()? {
        Some(purpose) => Ok(purpose),
        None => Err(conflict(format!("failed to store a page of backfill {id} of source {source}: there is no such backfill"))),
    }
}

/// Moves one on by a page. Complete, it fills the gap it was made for, unless it met gaps itself.
pub(super) fn progress(db: &Connection, id: i64, stored: u64, page: &Page<'_>) -> Outcome<()> {
    let mut update = db.prepare_cached(
        "UPDATE histories SET events = events + ?2, through = ?3, finished = finished OR ?4, unread = unread OR ?5 WHERE id = ?1
         RETURNING gap, start, end, unread",
    )?;
    let after = params![id, column(stored), column(page.through.0), page.finished, !page.gaps.is_empty()];
    let (gap, start, end, unread): (Option<i64>, i64, i64, bool) =
        update.query_row(after, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    match gap {
        Some(gap) if page.finished && !unread => gaps::fill(db, gap, start, end),
        _ => Ok(()),
    }
}

pub(super) fn list(db: &Connection) -> Outcome<Vec<History>> {
    let mut statement = db.prepare_cached(
        "SELECT histories.id, name, start, end, sink, gap, through, events, finished
         FROM histories JOIN sources ON sources.id = source ORDER BY histories.id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(History {
            id: row.get(0)?,
            source: source(row, 1)?,
            start: instant(row, 2)?,
            end: instant(row, 3)?,
            purpose: purpose(row, 4)?,
            gap: row.get(5)?,
            through: instant(row, 6)?,
            events: number(row, 7)?,
            finished: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
