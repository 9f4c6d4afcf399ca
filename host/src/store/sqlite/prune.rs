//! Forgetting what is old: records that every reader has passed, ids, behaviours, closed alerts and what was done about them by
//! their own age.
//!
//! In small transactions, so that commits never wait long.

use rusqlite::{Connection, params};

use super::{
    fault::{Fault, Outcome},
    names::{column, lane_column},
};
use crate::{
    model::Lane,
    store::{Prune, Result},
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

/// Forgets. Returns how many records went.
pub(super) fn run(mut transact: impl FnMut(Step<'_>) -> Result<u64>, prune: &Prune) -> Result<u64> {
    let mut sources = Vec::new();
    transact(&mut |db| {
        let mut statement = db.prepare_cached("SELECT id FROM sources")?;
        sources = statement.query_map([], |row| row.get::<_, i64>(0))?.collect::<std::result::Result<_, _>>()?;
        db.execute("DELETE FROM late WHERE received < ?1", [column(prune.records_before.0)])?;
        // They hold what records hold.
        db.execute("DELETE FROM transcripts WHERE at < ?1", [column(prune.records_before.0)])?;
        Ok(0)
    })?;
    let mut gone = 0;
    for &source in &sources {
        for lane in Lane::ALL {
            let mut after = Some(0);
            while let Some(from) = after {
                gone += transact(&mut |db| {
                    let (events, next) = records(db, source, lane, from, prune)?;
                    after = next;
                    Ok(events)
                })?;
            }
        }
        let mut after = Some(Vec::new());
        while let Some(from) = after.take() {
            transact(&mut |db| {
                after = ids(db, source, &from, prune)?;
                Ok(0)
            })?;
        }
    }
    while transact(&mut |db| behaviours(db, prune))? > 0 {}
    while transact(&mut |db| alerts(db, prune))? > 0 {}
    while transact(&mut |db| responses(db, prune))? > 0 {}
    while transact(&mut shrink)? > 0 {}
    Ok(gone)
}

/// Deletes some chunks after `from`. How many events went, and where to go on.
fn records(db: &Connection, source: i64, lane: Lane, from: i64, prune: &Prune) -> Outcome<(u64, Option<i64>)> {
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
    let mut rows = select.query([source, lane_column(lane), from])?;
    let (mut old, mut events, mut end) = (Vec::new(), 0, None);
    while let Some(row) = rows.next()? {
        let (last, count, received): (i64, u64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // Later ones were received later.
        if received >= column(prune.records_before.0) {
            break;
        }
        if row.get(3)? {
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

/// Forgets some behaviours. How many.
fn behaviours(db: &Connection, prune: &Prune) -> Outcome<u64> {
    let mut delete = db.prepare_cached("DELETE FROM behaviours WHERE id IN (SELECT id FROM behaviours WHERE found < ?1 LIMIT ?2)")?;
    Ok(u64::try_from(delete.execute([column(prune.behaviours_before.0), FOUND])?).unwrap_or_default())
}

/// Forgets some closed alerts, with their history, and suppressions that are long over. How many alerts.
fn alerts(db: &Connection, prune: &Prune) -> Outcome<u64> {
    let before = column(prune.alerts_before.0);
    db.prepare_cached("DELETE FROM suppressions WHERE coalesce(lifted, until) < ?1")?.execute([before])?;
    let mut select = db.prepare_cached("SELECT id FROM alerts WHERE state = 2 AND changed < ?1 LIMIT ?2")?;
    let old = select.query_map([before, FOUND], |row| row.get::<_, i64>(0))?.collect::<std::result::Result<Vec<_>, _>>()?;
    for table in ["alert_places WHERE alert", "alert_history WHERE alert", "notices WHERE alert", "alerts WHERE id"] {
        let mut delete = db.prepare_cached(&format!("DELETE FROM {table} = ?1"))?;
        for id in &old {
            delete.execute([id])?;
        }
    }
    Ok(u64::try_from(old.len()).unwrap_or_default())
}

/// Forgets some responses that are final, with their alert: while that is there, what was done about it is not done again. How many.
///
/// The records of them stay for ever. Nothing but the whole chain proves what was done to people, and by whom.
fn responses(db: &Connection, prune: &Prune) -> Outcome<u64> {
    let mut delete = db.prepare_cached(
        "DELETE FROM responses WHERE id IN (
            SELECT id FROM responses WHERE state IN ('succeeded', 'failed', 'reverted', 'skipped') AND changed < ?1
            AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.id = responses.alert) LIMIT ?2)",
    )?;
    Ok(u64::try_from(delete.execute([column(prune.alerts_before.0), FOUND])?).unwrap_or_default())
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
