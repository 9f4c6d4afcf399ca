//! People taken out of the log.
//!
//! A chunk from which events go becomes as many as are left between the holes: each ends at the place of its last event, and every
//! event keeps its place. What only names somebody stays where it is, without the name. What is held stays whole.

use std::{collections::BTreeSet, ops::RangeInclusive};

use rusqlite::{Connection, params};

use super::{chunk, erased, fault::Outcome, holds::Stays, log, names::find};
use crate::{
    privacy::{Hold, Marks, line},
    store::{Erased, Known, Stretch, seal::Key},
};

/// A chunk, but for its events.
struct Row {
    last: i64,
    count: i64,
    lane: i64,
    route: Option<i64>,
    received: i64,
}

/// An event that stays.
struct Left {
    place: i64,
    record: Option<String>,
    at: usize,
}

pub(super) fn stretch(db: &Connection, chunks: &chunk::Cache, key: &Key, stretch: &Stretch, hold: &Hold) -> Outcome<Erased> {
    let mut done = Erased::default();
    let Some(source) = find(db, &stretch.source)? else { return Ok(done) };
    let (marks, stays) = (erased::marks(db, key, Some(source))?, Stays::of(hold));
    let gone: BTreeSet<i64> = stretch.gone.iter().map(|seq| seq.0).collect();
    // In order of place, whatever the source: a stretch is short.
    let mut select = db.prepare_cached(
        "SELECT last, count, lane, route, received FROM chunks
         WHERE last > ?1 AND +source = ?2 AND last <= coalesce((SELECT min(last) FROM chunks WHERE last >= ?3), ?3) ORDER BY last",
    )?;
    let rows = select.query_map(params![stretch.after.0, source, stretch.through.0], |row| {
        Ok(Row { last: row.get(0)?, count: row.get(1)?, lane: row.get(2)?, route: row.get(3)?, received: row.get(4)? })
    })?;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let within = stretch.after.0 + 1..=stretch.through.0;
        rewrite(db, chunks, (&marks, &stays), (source, &row, &within, &gone), &mut done)?;
    }
    Ok(done)
}

fn rewrite(
    db: &Connection,
    chunks: &chunk::Cache,
    (marks, stays): (&Marks, &Stays),
    (source, row, within, gone): (i64, &Row, &RangeInclusive<i64>, &BTreeSet<i64>),
    done: &mut Erased,
) -> Outcome<()> {
    let first = log::first(row.last, row.count)?;
    let chunk = chunks.unpack((row.last, row.count), || log::packed(db, row.last))?;
    let mut left = Vec::new();
    let mut changed = false;
    for (at, place) in (first..=row.last).enumerate() {
        let item = chunk.get(at)?;
        // Who did what comes behind the stretch is not known yet: it has to be readable then.
        let record = within.contains(&place).then(|| line::redact(item.record, &marks.then(item.time), line::Whose::Vendor)).flatten();
        let goes = gone.contains(&place);
        if (goes || record.is_some()) && stays.keep(|held| line::names(item.record, held, line::Whose::Vendor)) {
            done.held += 1;
            left.push(Left { place, record: None, at });
            continue;
        }
        if goes {
            changed = true;
            done.removed += 1;
            done.undelivered += u64::from(undelivered(db, source, row, place)?);
            db.prepare_cached("DELETE FROM parked WHERE seq = ?1")?.execute([place])?;
            continue;
        }
        if record.is_some() {
            changed = true;
            done.redacted += 1;
        }
        left.push(Left { place, record, at });
    }
    if !changed {
        return Ok(());
    }
    db.prepare_cached("DELETE FROM chunks WHERE last = ?1")?.execute([row.last])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO chunks (last, source, lane, route, received, count, body, context) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for run in left.chunk_by(|one, next| one.place + 1 == next.place) {
        let Some(last) = run.last() else { continue };
        let nothing = Known::default();
        let (mut texts, mut known) = (Vec::with_capacity(run.len()), Vec::with_capacity(run.len()));
        for event in run {
            let item = chunk.get(event.at)?;
            texts.push(chunk::Text { time: item.time, action: item.action, record: event.record.as_deref().unwrap_or(item.record) });
            known.push(item.known.unwrap_or(&nothing));
        }
        let packed = chunks.pack(&texts, &known)?;
        let count = i64::try_from(run.len()).unwrap_or(i64::MAX);
        insert.execute(params![last.place, source, row.lane, row.route, row.received, count, packed.body, packed.context])?;
    }
    Ok(())
}

/// Whether some sink that it is meant for had not got to a place.
fn undelivered(db: &Connection, source: i64, row: &Row, place: i64) -> Outcome<bool> {
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM cursors WHERE source = ?1 AND lane = ?2 AND seq < ?3
            AND (?4 IS NULL OR sink = (SELECT sink FROM histories WHERE id = ?4)))",
    )?;
    Ok(statement.query_row(params![source, row.lane, place, row.route], |row| row.get(0))?)
}
