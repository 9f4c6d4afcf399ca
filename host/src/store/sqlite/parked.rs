//! What sinks refused.

use rusqlite::{Connection, params};

use super::{
    fault::Outcome,
    names::{column, instant, register, sink, source},
};
use crate::{
    model::{Seq, SinkName},
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
    let rows = statement.query_map([], |row| {
        Ok(Parked {
            sink: sink(row, 0)?,
            source: source(row, 1)?,
            seq: Seq(row.get(2)?),
            reason: row.get(3)?,
            at: instant(row, 4)?,
            retry: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
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
