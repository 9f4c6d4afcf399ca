//! Domain values as columns.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::fault::{Fault, Outcome, damaged};
use crate::{
    model::{DetectorName, Instant, Lane, SinkName, SourceName, Stream},
    store::Purpose,
};

/// A source's number, made where it has none.
pub(super) fn register(db: &Connection, source: &SourceName) -> Outcome<i64> {
    if let Some(id) = find(db, source)? {
        return Ok(id);
    }
    db.execute("INSERT INTO sources (name) VALUES (?1)", [source.as_str()])?;
    Ok(db.last_insert_rowid())
}

/// A source's number.
pub(super) fn find(db: &Connection, source: &SourceName) -> Outcome<Option<i64>> {
    let mut statement = db.prepare_cached("SELECT id FROM sources WHERE name = ?1")?;
    Ok(statement.query_row([source.as_str()], |row| row.get(0)).optional()?)
}

/// Every source that is known, with its number.
pub(super) fn all(db: &Connection) -> Outcome<Vec<(i64, SourceName)>> {
    let mut statement = db.prepare_cached("SELECT id, name FROM sources ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, source(row, 1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// SQLite has no unsigned numbers; what does not fit is later than anything anyway.
pub(super) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(at)?).unwrap_or_default())
}

pub(super) fn instant(row: &Row<'_>, at: usize) -> rusqlite::Result<Instant> {
    number(row, at).map(Instant)
}

pub(super) fn optional_instant(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Instant>> {
    let number = row.get::<_, Option<i64>>(at)?;
    Ok(number.map(|number| Instant(u64::try_from(number).unwrap_or_default())))
}

pub(super) fn source(row: &Row<'_>, at: usize) -> rusqlite::Result<SourceName> {
    name(row.get(at)?, at)
}

pub(super) fn sink(row: &Row<'_>, at: usize) -> rusqlite::Result<SinkName> {
    name(row.get(at)?, at)
}

pub(super) fn detector(row: &Row<'_>, at: usize) -> rusqlite::Result<DetectorName> {
    name(row.get(at)?, at)
}

/// What a backfill is read for: nothing for every sink, the name of one, or the empty text for none.
pub(super) fn purpose(row: &Row<'_>, at: usize) -> rusqlite::Result<Purpose> {
    match row.get::<_, Option<String>>(at)? {
        None => Ok(Purpose::Delivery),
        Some(text) if text.is_empty() => Ok(Purpose::Learning),
        Some(text) => name(text, at).map(Purpose::Sink),
    }
}

pub(super) fn purpose_column(purpose: &Purpose) -> Option<&str> {
    match purpose {
        Purpose::Delivery => None,
        Purpose::Sink(sink) => Some(sink.as_str()),
        Purpose::Learning => Some(""),
    }
}

fn name<N: TryFrom<String, Error = crate::model::InvalidName>>(text: String, at: usize) -> rusqlite::Result<N> {
    N::try_from(text).map_err(|invalid| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, invalid.into()))
}

pub(super) fn lane_column(lane: Lane) -> i64 {
    match lane {
        Lane::Live => 0,
        Lane::Late => 1,
        Lane::History => 2,
    }
}

pub(super) fn lane(column: i64) -> Result<Lane, Fault> {
    match column {
        0 => Ok(Lane::Live),
        1 => Ok(Lane::Late),
        2 => Ok(Lane::History),
        other => Err(damaged(format!("the store holds a lane that does not exist: {other}"))),
    }
}

pub(super) fn stream_column(stream: Stream) -> i64 {
    match stream {
        Stream::Live => 0,
        Stream::History(id) => id,
    }
}
