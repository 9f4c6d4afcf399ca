//! How far each sink got, and what waits for it.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    evidence,
    fault::{Outcome, conflict},
    ids, log,
    names::{find, instant, lane_column, number, optional_instant, register, sink, source},
    notes,
};
use crate::{
    model::{Instant, Lane, Seq, SinkName, SourceName},
    store::{Backlog, Reader},
};

pub(super) fn read(db: &Connection, sink: &SinkName, source: &SourceName, lane: Lane) -> Outcome<Option<Seq>> {
    let mut statement =
        db.prepare_cached("SELECT seq FROM cursors WHERE sink = ?1 AND source = (SELECT id FROM sources WHERE name = ?2) AND lane = ?3")?;
    let row = statement.query_row(params![sink.as_str(), source.as_str(), lane_column(lane)], |row| row.get(0).map(Seq));
    Ok(row.optional()?)
}

/// Makes a sink a reader of all lanes, from the beginning.
pub(super) fn join(db: &Connection, sink: &SinkName, source: &SourceName) -> Outcome<()> {
    let source_number = register(db, source)?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO cursors (sink, source, lane, seq) VALUES (?1, ?2, ?3, 0)")?;
    let mut new = 0;
    for lane in Lane::ALL {
        new += insert.execute(params![sink.as_str(), source_number, lane_column(lane)])?;
    }
    if new > 0 {
        note_joined(db, sink, source, source_number)?;
    }
    Ok(())
}

/// Notes from when on nothing was let go of what was stored: from here on retention waits for the sink. What stayed longer than what
/// came with it, such as what is held, says nothing of that.
fn note_joined(db: &Connection, sink: &SinkName, source: &SourceName, number: i64) -> Outcome<()> {
    let next = |latest: Instant| latest.plus(Duration::from_secs(1));
    let mut oldest = db.prepare_cached("SELECT min(received) FROM chunks WHERE source = ?1")?;
    let since = match gone(db, number)? {
        Some(latest) => Some(next(latest)),
        // Let go by a miro-source that did not note it, where anything was.
        None => match oldest.query_row([number], |row| optional_instant(row, 0))? {
            Some(first) => Some(first),
            None => ids::latest(db, number)?.map(next),
        },
    };
    since.map_or(Ok(()), |since| notes::put(db, &joined_key(sink, source), &since.0.to_string()))
}

/// Notes when the latest of what was let go of a source had come.
pub(super) fn note_gone(db: &Connection, source: i64, latest: Instant) -> Outcome<()> {
    let latest = gone(db, source)?.map_or(latest, |before| before.max(latest));
    notes::put(db, &gone_key(source), &latest.0.to_string())
}

fn gone(db: &Connection, source: i64) -> Outcome<Option<Instant>> {
    let key = gone_key(source);
    let noted = notes::list(db, &key)?.into_iter().find(|(found, _)| *found == key);
    Ok(noted.and_then(|(_, latest)| latest.parse().ok().map(Instant)))
}

/// By its number: what is let go of is known by that.
fn gone_key(source: i64) -> String {
    format!("gone/{source}")
}

/// From when on what was stored was meant for a sink, whatever became of it since: from the beginning, where nothing else is noted.
pub(super) fn joined(db: &Connection, sink: &SinkName, source: &SourceName) -> Outcome<Instant> {
    let noted = notes::get(db, &joined_key(sink, source))?;
    // To the second, as it is remembered of events.
    Ok(noted.and_then(|since| since.parse::<u64>().ok()).map_or(Instant::EPOCH, |since| Instant(since / 1000 * 1000)))
}

fn joined_key(sink: &SinkName, source: &SourceName) -> String {
    format!("joined/{sink}/{source}")
}

pub(super) fn advance(db: &Connection, sink: &SinkName, source: &SourceName, lane: Lane, to: Seq, at: Instant) -> Outcome<()> {
    let head = log::head(db)?;
    if to > head {
        return Err(conflict(format!("failed to move the cursor of sink {sink} to {}: the log ends at {}", to.0, head.0)));
    }
    join(db, sink, source)?;
    let before = read(db, sink, source, lane)?.unwrap_or_default();
    let mut update = db.prepare_cached(
        "UPDATE cursors SET seq = ?4 WHERE sink = ?1 AND source = (SELECT id FROM sources WHERE name = ?2) AND lane = ?3 AND seq < ?4",
    )?;
    match update.execute(params![sink.as_str(), source.as_str(), lane_column(lane), to.0])? {
        0 => Ok(()),
        _ => evidence::took(db, sink, source, lane, (before, to), at),
    }
}

pub(super) fn readers(db: &Connection) -> Outcome<Vec<Reader>> {
    let mut statement =
        db.prepare_cached("SELECT DISTINCT sink, name FROM cursors JOIN sources ON sources.id = source ORDER BY sink, name")?;
    let rows = statement.query_map([], |row| Ok(Reader { sink: sink(row, 0)?, source: source(row, 1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn forget(db: &Connection, sink: &SinkName, source: &SourceName) -> Outcome<()> {
    let Some(number) = find(db, source)? else { return Ok(()) };
    for table in ["cursors", "parked"] {
        db.execute(&format!("DELETE FROM {table} WHERE sink = ?1 AND source = ?2"), params![sink.as_str(), number])?;
    }
    notes::remove(db, &joined_key(sink, source))?;
    evidence::forget(db, sink, source)
}

/// Reads the index alone, and of it only what is not delivered.
pub(super) const BACKLOG: &str = "SELECT coalesce(sum(min(count, last - ?3)), 0), min(received) FROM chunks
     WHERE source = ?1 AND lane = ?2 AND last > ?3
       AND (route IS NULL OR ?4 = (SELECT sink FROM histories WHERE id = route))";

pub(super) fn backlog(db: &Connection, sink: &SinkName, source: &SourceName) -> Outcome<Vec<Backlog>> {
    // The chunk that the cursor stands in counts in part.
    let mut statement = db.prepare_cached(BACKLOG)?;
    let number_of = find(db, source)?;
    let waiting = Lane::ALL.iter().map(|&lane| {
        let Seq(cursor) = read(db, sink, source, lane)?.unwrap_or_default();
        let (events, oldest) = statement.query_row(params![number_of, lane_column(lane), cursor, sink.as_str()], |row| {
            let oldest = row.get::<_, Option<i64>>(1)?.map(|_| instant(row, 1)).transpose()?;
            Ok((number(row, 0)?, oldest))
        })?;
        Ok(Backlog { sink: sink.clone(), source: source.clone(), lane, events, oldest })
    });
    waiting.collect()
}
