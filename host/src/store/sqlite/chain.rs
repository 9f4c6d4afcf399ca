//! The governance log: added to in the transaction of what it tells, and told to the sinks in the same.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    fault::{Outcome, conflict},
    names::column,
    notes,
    outbox::{self, Whose},
};
use crate::respond::{Deed, Head, Record, Said, Turn};

pub(super) fn head(db: &Connection) -> Outcome<Head> {
    let mut statement = db.prepare_cached("SELECT number, hash FROM governance ORDER BY number DESC LIMIT 1")?;
    let last = statement.query_row([], |row| Ok(Head { number: row.get(0)?, hash: row.get(1)? })).optional()?;
    Ok(last.unwrap_or_default())
}

pub(super) fn append(db: &Connection, said: &Said) -> Outcome<()> {
    let record = Record::next(&head(db)?, said).map_err(|why| conflict(format!("failed to write the governance log: {why}")))?;
    let mut insert = db.prepare_cached("INSERT INTO governance (number, body, previous, hash) VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute(params![record.number, record.body, record.previous, record.hash])?;
    let (whose, alert) = match said {
        Said::Response(changed) => (Whose::Source(&changed.after.source), changed.after.cause.alert()),
        Said::Deed(deed) => (deed.source.as_ref().map_or(Whose::Host, Whose::Source), None),
        Said::Switch(_) => (Whose::Everybody, None),
    };
    outbox::record(db, whose, alert, &record)
}

/// Something that happened. With a turn, only where that is another than its note says, which then says it. `false`: it is not.
pub(super) fn deed(db: &Connection, deed: &Deed, turn: Option<Turn<'_>>) -> Outcome<bool> {
    if let Some(Turn { note, value }) = turn {
        if notes::list(db, note)?.iter().any(|(key, noted)| key == note && noted == value) {
            return Ok(false);
        }
        notes::put(db, note, value)?;
    }
    append(db, &Said::Deed(deed.clone()))?;
    Ok(true)
}

pub(super) fn list(db: &Connection, after: i64, most: usize) -> Outcome<Vec<Record>> {
    let mut statement =
        db.prepare_cached("SELECT number, body, previous, hash FROM governance WHERE number > ?1 ORDER BY number LIMIT ?2")?;
    let most = column(u64::try_from(most).unwrap_or(u64::MAX));
    let rows = statement
        .query_map([after, most], |row| Ok(Record { number: row.get(0)?, body: row.get(1)?, previous: row.get(2)?, hash: row.get(3)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
