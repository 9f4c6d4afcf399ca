//! How far each stream read.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    fault::{Outcome, conflict},
    generations,
    names::{column, instant, register, stream_column},
};
use crate::{
    model::{SourceName, Stream},
    store::Checkpoint,
};

pub(super) fn read(db: &Connection, source: &SourceName, stream: Stream) -> Outcome<Option<Checkpoint>> {
    let mut statement = db.prepare_cached(
        "SELECT body, through, at FROM checkpoints WHERE source = (SELECT id FROM sources WHERE name = ?1) AND stream = ?2",
    )?;
    let row = statement.query_row(params![source.as_str(), stream_column(stream)], |row| {
        Ok(Checkpoint { body: row.get(0)?, through: instant(row, 1)?, at: instant(row, 2)? })
    });
    Ok(row.optional()?)
}

pub(super) fn begin(db: &Connection, source: &SourceName, stream: Stream, first: &Checkpoint) -> Outcome<()> {
    if read(db, source, stream)?.is_some() {
        return Err(conflict(format!("failed to begin {stream:?} of source {source}: it has begun already")));
    }
    let source = register(db, source)?;
    generations::keep_begun(db, source, stream, first)?;
    put(db, source, stream, first)
}

pub(super) fn put(db: &Connection, source: i64, stream: Stream, checkpoint: &Checkpoint) -> Outcome<()> {
    let mut statement =
        db.prepare_cached("INSERT OR REPLACE INTO checkpoints (source, stream, body, through, at) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let Checkpoint { body, through, at } = checkpoint;
    statement.execute(params![source, stream_column(stream), body, column(through.0), column(at.0)])?;
    Ok(())
}
