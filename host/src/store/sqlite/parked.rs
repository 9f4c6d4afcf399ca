//! What sinks refused.

use rusqlite::{Connection, Row, params};

use super::{
    fault::Outcome,
    names::{column, instant, register, sink, source},
};
use crate::{
    model::{Seq, SinkName, SourceName},
    store::Parked,
};

pub(super) fn put(db: &Connection, parked: &Parked) -> Outcome<()> {
    let source = register(db, &parked.source)?;
    let mut statement =
        db.prepare_cached("INSERT OR REPLACE INTO parked (sink, seq, source, reason, at, retry) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    statement.execute(params![parked.sink.as_str(), parked.seq.0, source, parked.reason, column(parked.at.0), parked.retry])?;
    Ok(())
}

pub(super) fn list(db: &Connection) -> Outcome<Vec<Parked>> {
    let mut statement = db.prepare_cached(
        "SELECT sink, name, seq, reason, at, retry FROM parked JOIN sources ON sources.id = source ORDER BY at, seq, sink",
    )?;
    let rows = statement.query_map([], one)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Those of a sink and of `sources` that are to be tried again, in the order of the log: the first `most`, read no further.
pub(super) fn to_retry(db: &Connection, sink: &SinkName, sources: &[SourceName], most: usize) -> Outcome<Vec<Parked>> {
    let mut statement = db.prepare_cached(
        "SELECT sink, name, seq, reason, at, retry FROM parked JOIN sources ON sources.id = source WHERE sink = ?1 AND retry ORDER BY seq",
    )?;
    let rows = statement.query_map([sink.as_str()], one)?;
    let wanted = rows.filter(|row| row.as_ref().map_or(true, |parked| sources.contains(&parked.source)));
    Ok(wanted.take(most).collect::<Result<_, _>>()?)
}

fn one(row: &Row<'_>) -> rusqlite::Result<Parked> {
    Ok(Parked {
        sink: sink(row, 0)?,
        source: source(row, 1)?,
        seq: Seq(row.get(2)?),
        reason: row.get(3)?,
        at: instant(row, 4)?,
        retry: row.get(5)?,
    })
}

pub(super) fn retry(db: &Connection, sink: Option<&SinkName>, seq: Option<Seq>) -> Outcome<u64> {
    let mut statement = db.prepare_cached("UPDATE parked SET retry = 1 WHERE (?1 IS NULL OR sink = ?1) AND (?2 IS NULL OR seq = ?2)")?;
    let marked = statement.execute(params![sink.map(SinkName::as_str), seq.map(|seq| seq.0)])?;
    Ok(u64::try_from(marked).unwrap_or(u64::MAX))
}

pub(super) fn remove(db: &Connection, sink: &SinkName, seq: Seq) -> Outcome<()> {
    db.prepare_cached("DELETE FROM parked WHERE sink = ?1 AND seq = ?2")?.execute(params![sink.as_str(), seq.0])?;
    Ok(())
}
