//! Forgetting what is old: records that every reader has passed, ids, behaviours, closed alerts and what was done about them by
//! their own age.
//!
//! In small transactions, so that commits never wait long; who is held is looked for outside of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    SqliteStore, chunk, cursors,
    fault::{Fault, Outcome},
    ids, log,
    names::{self, column, lane_column},
};
use crate::{
    model::{Instant, Lane, SourceName},
    privacy::{Hold, Marks, line},
    store::{Old, Prune, Result},
};

/// Chunks looked at in one transaction.
const CHUNKS: i64 = 256;
/// Ids looked at at once.
const IDS: i64 = 10_000;
/// Behaviours or alerts that go in one transaction.
const FOUND: i64 = 1000;
/// Pages given back in one transaction.
const PAGES: i64 = 1024;
const WHAT: &str = "forget what is old";

/// Whether every reader has passed a chunk, and nothing of it is parked. A sink that a routed chunk is not meant for is no reader of it;
/// a detector reads all. Without any reader none is passed.
pub(super) const PASSED: &str = "(
    (EXISTS (SELECT 1 FROM cursors WHERE cursors.source = chunks.source)
        OR EXISTS (SELECT 1 FROM detectors WHERE detectors.source = chunks.source))
    AND NOT EXISTS (SELECT 1 FROM detectors WHERE detectors.source = chunks.source AND detectors.seq < chunks.last)
    AND NOT EXISTS (SELECT 1 FROM cursors WHERE cursors.source = chunks.source AND cursors.lane = chunks.lane AND cursors.seq < chunks.last
        AND (route IS NULL OR cursors.sink = (SELECT sink FROM histories WHERE id = route)))
    AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.seq > chunks.last - chunks.count AND parked.seq <= chunks.last))";

/// A source whose past is forgotten.
struct Of<'a> {
    source: i64,
    old: &'a Old,
    /// Who is held.
    held: Marks,
}

impl<'a> Of<'a> {
    /// None where all of it stays.
    fn new(source: i64, old: &'a Old) -> Option<Self> {
        (old.hold != Hold::All).then(|| Self { source, old, held: old.hold.marks() })
    }
}

/// The chunks of each source that name somebody who is held: those are not unpacked again while the hold is the same.
#[derive(Debug, Default)]
pub(super) struct Held(Mutex<BTreeMap<i64, (Hold, BTreeSet<i64>)>>);

impl Held {
    /// Those of these that are known to.
    fn among(&self, of: &Of<'_>, chunks: &[Row]) -> BTreeSet<i64> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = found.get(&of.source).filter(|(hold, _)| *hold == of.old.hold).map(|(_, known)| known);
        known.map_or_else(BTreeSet::new, |known| chunks.iter().map(|row| row.last).filter(|last| known.contains(last)).collect())
    }

    fn add(&self, of: &Of<'_>, chunks: Vec<i64>) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (hold, known) = found.entry(of.source).or_default();
        if *hold != of.old.hold {
            (*hold, *known) = (of.old.hold.clone(), BTreeSet::new());
        }
        known.extend(chunks);
    }

    /// Some of them may have been written anew.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Forgets. Returns how many records went.
pub(super) fn run(store: &SqliteStore, prune: &Prune) -> Result<u64> {
    let (mut gone, stopped) = (0, || prune.stop.is_cancelled());
    for (source, name) in store.read_with(WHAT, names::all)? {
        if stopped() {
            break;
        }
        let old = prune.of(&name);
        let mut after = (old.ids_before > Instant::EPOCH).then(Vec::new);
        while let Some(from) = after.take().filter(|_| !stopped()) {
            after = forget_ids(store, (source, &name), &from, old.ids_before)?;
        }
        let Some(of) = Of::new(source, old) else { continue };
        if old.records_before > Instant::EPOCH {
            store.write_with(WHAT, |db| beside(db, &of))?;
            gone += records(store, &of, stopped)?;
        }
        let (found, closed) = (old.behaviours_before, old.alerts_before);
        let each: [(Forget, Instant); 4] = [(behaviours, found), (alerts, closed), (suppressions, closed), (responses, closed)];
        for (forget, before) in each {
            let mut after = (before > Instant::EPOCH).then_some(0);
            while let Some(from) = after.filter(|_| !stopped()) {
                after = store.write_with(WHAT, |db| forget(db, &of, from))?;
            }
        }
    }
    while !stopped() && store.read_with(WHAT, spare)? > 0 {
        store.write_with(WHAT, shrink)?;
    }
    Ok(gone)
}

/// Forgets some rows after one. Where to go on.
type Forget = fn(&Connection, &Of<'_>, i64) -> Outcome<Option<i64>>;

/// Whether any record would go.
pub(super) fn is_any(store: &SqliteStore, prune: &Prune) -> Result<bool> {
    for (source, name) in store.read_with("look for what is old", names::all)? {
        let Some(of) = Of::new(source, prune.of(&name)) else { continue };
        for lane in Lane::ALL {
            let mut after = Some(0);
            while let Some(from) = after {
                let looked = store.read_with("look for what is old", |db| look(db, store, &of, lane, from))?;
                if !looked.old.is_empty() {
                    return Ok(true);
                }
                after = looked.next;
            }
        }
    }
    Ok(false)
}

/// Deletes what is as old as the records: how late they came, and what holds the same.
fn beside(db: &Connection, of: &Of<'_>) -> Outcome<()> {
    let before = params![of.source, column(of.old.records_before.0)];
    db.execute("DELETE FROM late WHERE source = ?1 AND received < ?2", before)?;
    db.execute("DELETE FROM transcripts WHERE source = ?1 AND at < ?2", before)?;
    Ok(())
}

/// Deletes the records of a source that may go. How many went.
fn records(store: &SqliteStore, of: &Of<'_>, stopped: impl Fn() -> bool) -> Result<u64> {
    let mut gone = 0;
    for lane in Lane::ALL {
        let mut after = Some(0);
        while let Some(from) = after.filter(|_| !stopped()) {
            // What takes long is decided while nobody waits for it.
            let looked = store.read_with(WHAT, |db| look(db, store, of, lane, from))?;
            if !looked.old.is_empty() {
                gone += store.write_with(WHAT, |db| delete_passed(db, of.source, &looked.old))?;
            }
            after = looked.next;
        }
    }
    Ok(gone)
}

/// Some chunks of a lane, looked at.
#[derive(Default)]
struct Looked {
    /// Those that may go, and how many events each holds.
    old: Vec<(i64, u64)>,
    /// Where to go on.
    next: Option<i64>,
}

/// A chunk, but for its events.
struct Row {
    last: i64,
    count: i64,
    received: i64,
}

/// Looks at some chunks after `from`: of what is not new, what every reader has passed and what names nobody who is held.
fn look(db: &Connection, store: &SqliteStore, of: &Of<'_>, lane: Lane, from: i64) -> Outcome<Looked> {
    let Some(until) = passed_until(db, of.source, lane)? else { return Ok(Looked::default()) };
    // The index alone: what waits and what is held costs no more.
    let mut select = db.prepare_cached(SOME)?;
    let far = if lane == Lane::History { i64::MAX } else { until };
    let rows = select.query_map(params![of.source, lane_column(lane), from, CHUNKS, far, until], |row| {
        Ok(Row { last: row.get(0)?, count: row.get(1)?, received: row.get(2)? })
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let seen = rows.len();
    // Later ones were received later.
    rows.retain(|row| row.received < column(of.old.records_before.0));
    let next = rows.last().map(|row| row.last).filter(|_| rows.len() == seen && i64::try_from(seen) == Ok(CHUNKS));
    let (known, mut held, mut old) = (store.held.among(of, &rows), Vec::new(), Vec::new());
    let mut passed = db.prepare_cached(&format!("SELECT {PASSED} FROM chunks WHERE last = ?1"))?;
    for row in rows.into_iter().filter(|row| !known.contains(&row.last)) {
        if !passed.query_row([row.last], |row| row.get::<_, bool>(0))? {
            continue;
        }
        if is_held(db, &store.chunks, of, (row.last, row.count))? {
            held.push(row.last);
        } else {
            old.push((row.last, u64::try_from(row.count).unwrap_or_default()));
        }
    }
    if !held.is_empty() {
        store.held.add(of, held);
    }
    Ok(Looked { old, next })
}

/// Some chunks of a lane. Behind the last one that every reader has passed only what was backfilled for some readers, where it was for
/// those.
pub(super) const SOME: &str = "SELECT last, count, received FROM chunks
     WHERE source = ?1 AND lane = ?2 AND last > ?3 AND last <= ?5 AND (last <= ?6 OR route IS NOT NULL) ORDER BY last LIMIT ?4";

/// Behind that place nothing of a lane is passed that is for every reader, so that what waits is not looked at, however much it is. None
/// without any reader.
fn passed_until(db: &Connection, source: i64, lane: Lane) -> Outcome<Option<i64>> {
    let mut readers = db.prepare_cached(
        "SELECT min(seq) FROM
            (SELECT seq FROM cursors WHERE source = ?1 AND lane = ?2 UNION ALL SELECT seq FROM detectors WHERE source = ?1)",
    )?;
    Ok(readers.query_row(params![source, lane_column(lane)], |row| row.get(0))?)
}

/// Deletes chunks of a source, but for those that have a reader since they were looked at. How many events went.
fn delete_passed(db: &Connection, source: i64, chunks: &[(i64, u64)]) -> Outcome<u64> {
    let mut delete = db.prepare_cached(&format!("DELETE FROM chunks WHERE last = ?1 AND {PASSED} RETURNING received"))?;
    let (mut gone, mut latest) = (0, None);
    for (last, events) in chunks {
        if let Some(received) = delete.query_row([last], |row| names::instant(row, 0)).optional()? {
            gone += events;
            latest = latest.max(Some(received));
        }
    }
    latest.map_or(Ok(()), |latest| cursors::note_gone(db, source, latest))?;
    Ok(gone)
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

/// Forgets some ids after `from`, looking at so many, and notes that. Where to go on.
fn forget_ids(store: &SqliteStore, (source, name): (i64, &SourceName), from: &[u8], before: Instant) -> Result<Option<Vec<u8>>> {
    let before_seconds = column(before.0 / 1000);
    // Where none is old there is nothing to write, and nobody waits.
    let (is_any, end) = store.read_with(WHAT, |db| look_at_ids(db, source, from, before_seconds))?;
    if is_any {
        store.write_with(WHAT, |db| {
            let mut delete =
                db.prepare_cached("DELETE FROM seen WHERE source = ?1 AND id > ?2 AND (?3 IS NULL OR id <= ?3) AND abs(stored) < ?4")?;
            match delete.execute(params![source, from, end, before_seconds])? {
                0 => Ok(()),
                _ => ids::forget(db, name, before),
            }
        })?;
    }
    Ok(end)
}

/// Whether any of some ids after `from` is old, and the last of them where there may be more.
fn look_at_ids(db: &Connection, source: i64, from: &[u8], before: i64) -> Outcome<(bool, Option<Vec<u8>>)> {
    let mut select = db.prepare_cached("SELECT id, abs(stored) < ?3 FROM seen WHERE source = ?1 AND id > ?2 ORDER BY id LIMIT ?4")?;
    let mut rows = select.query(params![source, from, before, IDS])?;
    let (mut is_any, mut left) = (false, IDS);
    while let Some(row) = rows.next()? {
        (is_any, left) = (is_any || row.get(1)?, left - 1);
        if left == 0 {
            return Ok((is_any, Some(row.get(0)?)));
        }
    }
    Ok((is_any, None))
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
    // What was said of it counts too.
    let sql =
        "SELECT id, body || coalesce((SELECT group_concat(json_array(who) || change, ' ') FROM alert_history WHERE alert = alerts.id), '')
        FROM alerts WHERE source = ?1 AND state = 2 AND changed < ?2 AND id > ?3 ORDER BY id LIMIT ?4";
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

/// How many free pages to give back: all but an eighth of the file, which the next events will want. 0 where that is not worth it.
fn spare(db: &Connection) -> Outcome<i64> {
    let count = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(Fault::from);
    let spare = count("freelist_count")? - count("page_count")? / 8;
    Ok(if spare < PAGES / 8 { 0 } else { spare })
}

/// Gives some free pages back.
fn shrink(db: &Connection) -> Outcome<()> {
    let spare = spare(db)?.min(PAGES);
    if spare == 0 {
        return Ok(());
    }
    let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({spare})"))?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}
