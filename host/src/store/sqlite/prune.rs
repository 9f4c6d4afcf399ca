//! Forgetting what is old: records that every reader has passed, ids, behaviours, closed alerts and what was done about them by
//! their own age.
//!
//! In small transactions, so that commits never wait long.

use rusqlite::{Connection, params};

use super::{
    chunk,
    fault::{Fault, Outcome},
    log,
    names::{column, lane_column, source},
};
use crate::{
    model::{Instant, Lane},
    privacy::{Hold, Marks, line},
    store::{Old, Prune, Result},
};

/// Chunks that go in one transaction.
const CHUNKS: usize = 256;
/// Ids looked at in one transaction.
const IDS: i64 = 20_000;
/// Behaviours or alerts that go in one transaction.
const FOUND: i64 = 1000;
/// Pages given back in one transaction.
const PAGES: i64 = 1024;

/// One transaction, as the store runs it. Returns how much was done.
type Step<'a> = &'a mut dyn FnMut(&Connection) -> Outcome<u64>;

/// A source whose past is forgotten.
struct Of<'a> {
    source: i64,
    old: &'a Old,
    /// Who is held.
    held: Marks,
}

/// Forgets. Returns how many records went.
pub(super) fn run(mut transact: impl FnMut(Step<'_>) -> Result<u64>, chunks: &chunk::Cache, prune: &Prune) -> Result<u64> {
    let mut sources = Vec::new();
    transact(&mut |db| {
        let mut statement = db.prepare_cached("SELECT id, name FROM sources")?;
        sources = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, source(row, 1)?)))?.collect::<std::result::Result<_, _>>()?;
        Ok(0)
    })?;
    let mut gone = 0;
    for (source, name) in &sources {
        let old = prune.of(name);
        let mut after = Some(Vec::new());
        while let Some(from) = after.take() {
            transact(&mut |db| {
                after = ids(db, *source, &from, prune)?;
                Ok(0)
            })?;
        }
        if old.hold == Hold::All {
            continue;
        }
        let of = Of { source: *source, old, held: old.hold.marks() };
        transact(&mut |db| {
            let before = params![of.source, column(old.records_before.0)];
            db.execute("DELETE FROM late WHERE source = ?1 AND received < ?2", before)?;
            // They hold what records hold.
            db.execute("DELETE FROM transcripts WHERE source = ?1 AND at < ?2", before)?;
            Ok(0)
        })?;
        for lane in Lane::ALL {
            let mut after = Some(0);
            while let Some(from) = after {
                gone += transact(&mut |db| {
                    let (events, next) = records(db, chunks, &of, lane, from)?;
                    after = next;
                    Ok(events)
                })?;
            }
        }
        for forget in [behaviours, alerts, suppressions, responses] {
            let mut after = Some(0);
            while let Some(from) = after {
                transact(&mut |db| {
                    after = forget(db, &of, from)?;
                    Ok(0)
                })?;
            }
        }
    }
    while transact(&mut shrink)? > 0 {}
    Ok(gone)
}

/// Deletes some chunks after `from`. How many events went, and where to go on.
fn records(db: &Connection, chunks: &chunk::Cache, of: &Of<'_>, lane: Lane, from: i64) -> Outcome<(u64, Option<i64>)> {
    // A sink that a routed chunk is not meant for is no reader of it; a detector reads all. Without any reader nothing goes.
    let mut select = db.prepare_cached(
        "SELECT last, count, received,
            (EXISTS (SELECT 1 FROM cursors WHERE cursors.source = ?1) OR EXISTS (SELECT 1 FROM detectors WHERE detectors.source = ?1))
            AND NOT EXISTS (SELECT 1 FROM detectors WHERE detectors.source = ?1 AND detectors.seq < chunks.last)
            AND NOT EXISTS (SELECT 1 FROM cursors WHERE cursors.source = ?1 AND cursors.lane = ?2 AND cursors.seq < chunks.last
                AND (route IS NULL OR cursors.sink = (SELECT sink FROM histories WHERE id = route)))
            AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.seq > chunks.last - chunks.count AND parked.seq <= chunks.last)
         FROM chunks WHERE source = ?1 AND lane = ?2 AND last > ?3 ORDER BY last",
    )?;
    let mut delete = db.prepare_cached("DELETE FROM chunks WHERE last = ?1")?;
    let mut rows = select.query([of.source, lane_column(lane), from])?;
    let (mut old, mut events, mut end) = (Vec::new(), 0, None);
    while let Some(row) = rows.next()? {
        let (last, count, received): (i64, u64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // Later ones were received later.
        if received >= column(of.old.records_before.0) {
            break;
        }
        if row.get(3)? && !is_held(db, chunks, of, (last, row.get(1)?))? {
            old.push(last);
            events += count;
        }
        if old.len() >= CHUNKS {
            end = Some(last);
            break;
        }
    }
    drop(rows);
    for last in old {
        delete.execute([last])?;
    }
    Ok((events, end))
}

/// Whether a chunk names somebody who is held.
fn is_held(db: &Connection, chunks: &chunk::Cache, of: &Of<'_>, (last, count): (i64, i64)) -> Outcome<bool> {
    if of.held.is_empty() {
        return Ok(false);
    }
    let chunk = chunks.unpack((last, count), || log::packed(db, last))?;
    for place in 0..usize::try_from(count).unwrap_or_default() {
        if line::names(chunk.get(place)?.record, &of.held, line::Whose::Vendor) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Forgets some ids after `from`, looking at so many. Where to go on.
fn ids(db: &Connection, source: i64, from: &[u8], prune: &Prune) -> Outcome<Option<Vec<u8>>> {
    let mut select = db.prepare_cached("SELECT id FROM seen WHERE source = ?1 AND id > ?2 ORDER BY id LIMIT 1 OFFSET ?3")?;
    let mut found = select.query_map(params![source, from, IDS - 1], |row| row.get::<_, Vec<u8>>(0))?;
    let end = found.next().transpose()?;
    drop(found);
    let mut delete =
        db.prepare_cached("DELETE FROM seen WHERE source = ?1 AND id > ?2 AND (?3 IS NULL OR id <= ?3) AND abs(stored) < ?4")?;
    delete.execute(params![source, from, end, column(prune.ids_before.0 / 1000)])?;
    Ok(end)
}

/// The numbers of some rows after `from` that are old and name nobody who is held, and where to go on. `sql` gives the number and the
/// text of each.
fn old(db: &Connection, sql: &str, of: &Of<'_>, before: Instant, from: i64) -> Outcome<(Vec<i64>, Option<i64>)> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![of.source, column(before.0), from, FOUND])?;
    let (mut old, mut seen, mut last) = (Vec::new(), 0, None);
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        (seen, last) = (seen + 1, Some(id));
        if of.held.is_empty() || !line::names(row.get_ref(1)?.as_str().unwrap_or_default(), &of.held, line::Whose::Host) {
            old.push(id);
        }
    }
    Ok((old, last.filter(|_| seen == FOUND)))
}

/// Deletes these.
fn delete(db: &Connection, from: &str, rows: &[i64]) -> Outcome<()> {
    let mut delete = db.prepare_cached(&format!("DELETE FROM {from} = ?1"))?;
    for id in rows {
        delete.execute([id])?;
    }
    Ok(())
}

/// Forgets some behaviours. Where to go on.
fn behaviours(db: &Connection, of: &Of<'_>, from: i64) -> Outcome<Option<i64>> {
    let sql =
        "SELECT id, body FROM behaviours INDEXED BY behaviours_by_found WHERE source = ?1 AND found < ?2 AND id > ?3 ORDER BY id LIMIT ?4";
    let (rows, next) = old(db, sql, of, of.old.behaviours_before, from)?;
    delete(db, "behaviours WHERE id", &rows)?;
    Ok(next)
}

/// Forgets some closed alerts, with their history. Where to go on.
fn alerts(db: &Connection, of: &Of<'_>, from: i64) -> Outcome<Option<i64>> {
    let sql = "SELECT id, body FROM alerts WHERE source = ?1 AND state = 2 AND changed < ?2 AND id > ?3 ORDER BY id LIMIT ?4";
    let (rows, next) = old(db, sql, of, of.old.alerts_before, from)?;
    for table in ["alert_places WHERE alert", "alert_history WHERE alert", "notices WHERE alert", "alerts WHERE id"] {
        delete(db, table, &rows)?;
    }
    Ok(next)
}

/// Forgets some suppressions that are long over. Where to go on.
fn suppressions(db: &Connection, of: &Of<'_>, from: i64) -> Outcome<Option<i64>> {
    let sql = "SELECT id, json_array(mark, user) FROM suppressions
        WHERE source = ?1 AND coalesce(lifted, until) < ?2 AND id > ?3 ORDER BY id LIMIT ?4";
    let (rows, next) = old(db, sql, of, of.old.alerts_before, from)?;
    delete(db, "suppressions WHERE id", &rows)?;
    Ok(next)
}

/// Forgets some responses that are final, with their alert: while that is there, what was done about it is not done again. Where to go on.
///
/// The records of them stay for ever. Nothing but the whole chain proves what was done to people, and by whom.
fn responses(db: &Connection, of: &Of<'_>, from: i64) -> Outcome<Option<i64>> {
    let sql = "SELECT id, body FROM responses
        WHERE source = ?1 AND state IN ('succeeded', 'failed', 'reverted', 'skipped') AND changed < ?2 AND id > ?3
            AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.id = responses.alert) ORDER BY id LIMIT ?4";
    let (rows, next) = old(db, sql, of, of.old.alerts_before, from)?;
    delete(db, "responses WHERE id", &rows)?;
    Ok(next)
}

/// Gives free pages back, but for an eighth, which the next events will want.
fn shrink(db: &Connection) -> Outcome<u64> {
    let count = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(Fault::from);
    let spare = count("freelist_count")? - count("page_count")? / 8;
    if spare < PAGES / 8 {
        return Ok(0);
    }
    let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({})", spare.min(PAGES)))?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    Ok(1)
}
