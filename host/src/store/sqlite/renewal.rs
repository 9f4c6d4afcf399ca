//! A damaged store is set aside, and a new one takes its place with what can still be read of it.
//!
//! What always holds:
//!
//! - **Nothing is deleted.** The file stays under another name, with what stood beside it.
//! - **Either is there, whole.** The new one is made under a name of its own and renamed when it is complete; until then the damaged
//!   one is in its place, and all begins again.
//! - **Nothing is lost.** Events are not carried over: which of them a sink had is not to be trusted. Each source reads the time again
//!   that its records are kept, and before that all that a reader may not have had, that was not read yet, or that may have come late;
//!   where that cannot be told, all that the vendor keeps. It is a recorded gap that is being filled, and sinks get it once more. Gaps
//!   and backfills that were open stay so.
//! - **No place is used twice.** The log goes on behind where it ended.
//! - **Damage only.** Another key, another's database, a newer version, a disk that fails or is full: those are no damage.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use audit_pipeline::source::Gap;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, types::Value};

use super::{
    Open, chain, connection, copy, fault::Outcome, gaps, grants, histories, ids, log, marker::Marker, names, notes, owed, prune,
    restored::LOG, schema, suspicion, switch,
};
use crate::{
    condition::Checkup,
    disk,
    model::{Instant, Lane, SourceName},
    respond::{STOPPED, Switch, Switched},
    store::{ERASED_LOST, History, KEEPING, Purpose, Result, StoreError, StoreErrorKind, lock::StoreLock},
};

/// What is carried over, in an order that keeps what refers to something behind it: tokens and what they are sealed for, the log of
/// what was done to people, alerts and what they lead to, what is so, who is who, who was erased, and what was not read yet.
const CARRIED: [&str; 24] = [
    "canary",
    "sources",
    "grants",
    "governance",
    "responses",
    "reactions",
    "alerts",
    "alert_places",
    "alert_history",
    "suppressions",
    "behaviours",
    "outlets",
    "alert_outbox",
    "audiences",
    "conditions",
    "notices",
    "ledgers",
    "directories",
    "people",
    "person_addresses",
    "actions",
    "erased",
    "gaps",
    "histories",
];

/// Notes that are carried over, by how their keys begin.
const NOTED: [&str; 3] = [KEEPING, Checkup::KEY, ERASED_LOST];

/// What the new store is to know.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// The sources whose log is read again.
    pub sources: BTreeMap<SourceName, Reread>,
    /// How those are read that only the store knows. None where they are not.
    pub others: Option<Reread>,
    /// The time.
    pub now: Instant,
}

/// How the log of a source is read again.
#[derive(Clone, Copy, Debug)]
pub struct Reread {
    /// How long its records are kept.
    pub retention: Duration,
    /// How long the vendor keeps them.
    pub keeps: Duration,
    /// How late its events may come.
    pub lateness: Duration,
}

/// What became of the damaged store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// Where it is.
    pub aside: PathBuf,
    /// From when each source is read again.
    pub since: Vec<(SourceName, Instant)>,
    /// Rows of it that the new one has.
    pub carried: u64,
    /// The tables that could not be read to their end.
    pub lost: Vec<String>,
}

/// Whether an error on opening says that the store at `path` is damaged, rather than that it is none, or cannot be reached.
pub fn is_damage(error: &StoreError, path: &Path) -> bool {
    let cause = error.source.as_ref().and_then(|cause| cause.downcast_ref::<rusqlite::Error>());
    let no_database = cause.is_some_and(|cause| cause.sqlite_error_code() == Some(ErrorCode::NotADatabase));
    // A file that was never a store has nothing beside it that knows it.
    error.kind == StoreErrorKind::Damaged || no_database && Marker::beside(path, ".responses").knows_file(LOG)
}

/// Sets the store at `path` aside and puts a new one in its place. Takes the lock: nobody may be using it.
pub fn renew(options: &Open, renewal: &Renewal) -> Result<Renewed> {
    let path = &options.path;
    let _lock = StoreLock::acquire(path)?;
    let (new, renewed) = prepare(options, renewal)?;
    disk::put(&new, path).map_err(|cause| copy::failed("write", path, cause))?;
    suspicion::forget(path)?;
    Ok(renewed)
}

/// The new store, complete under a name of its own, where nothing is missing but that it takes the place.
pub(super) fn prepare(options: &Open, renewal: &Renewal) -> Result<(PathBuf, Renewed)> {
    let path = &options.path;
    let ending = format!(".damaged-{}", renewal.now.compact());
    let aside = disk::with_ending(path, &ending);
    let new = disk::with_ending(path, ".renewing");
    for ending in ["", "-wal", "-shm"] {
        // Left by one that was cut short.
        copy::remove(&disk::with_ending(&new, ending))?;
    }
    disk::create_private(&new).map_err(|cause| copy::failed("write", &new, cause))?;
    let made = make(&Open { path: new.clone(), ..options.clone() }, options, &aside, renewal);
    let made = made.map_err(|fault| fault.of("make a new store"))?;
    let aside = copy::put_aside(path, &options.key, &ending)?;
    // Whatever is cut short from here on begins again with the damaged one, or goes on with the new one.
    recognize(path, &new, &made)?;
    let Made { since, carried, lost, .. } = made;
    Ok((new, Renewed { aside, since, carried, lost }))
}

/// What a new store has of the old one.
struct Made {
    since: Vec<(SourceName, Instant)>,
    carried: u64,
    lost: Vec<String>,
    /// The version of each source's tokens.
    pairs: Vec<(SourceName, u64)>,
    /// The number of records in the governance log.
    records: u64,
}

/// The new store, with what could be carried over.
fn make(new: &Open, old: &Open, aside: &Path, renewal: &Renewal) -> Outcome<Made> {
    let db = connection::writer(new)?;
    schema::prepare(&db, &new.key)?;
    // Only what is whole is left at the end.
    db.pragma_update(None, "foreign_keys", false)?;
    let from = connection::single(old);
    let done = connection::transact(&db, |db| {
        let (mut carried, mut lost) = (0, Vec::new());
        for table in CARRIED {
            let (rows, whole) = match &from {
                Ok(from) => carry(from, db, table, open_of(table))?,
                Err(_) => (0, false),
            };
            carried += rows;
            if !whole {
                lost.push(table.to_owned());
            }
        }
        let from = from.as_ref().ok();
        if let Some(from) = from {
            // Where that cannot be told, they are over.
            carried += carry(from, db, "histories", &undelivered())?.0;
            if !carry_notes(from, db)? {
                lost.push("notes".to_owned());
            }
        }
        tidy(db)?;
        keep_stopped(from, db, renewal)?;
        go_on_behind(from, db, renewal.now)?;
        let since = read_again(from, db, aside, renewal)?;
        if lost.iter().any(|table| table == "erased") {
            notes::put(db, ERASED_LOST, &renewal.now.0.to_string())?;
        }
        let records = u64::try_from(chain::head(db)?.number).unwrap_or_default();
        Ok(Made { since, carried, lost, pairs: grants::versions(db)?, records })
    })?;
    // The key must still be the one that it opens with: the canary of the damaged one may be damaged too.
    schema::check(&db, &new.key)?;
    db.close().map_err(|(_, cause)| cause)?;
    Ok(done)
}

/// What of a table is carried over: of what is read, that which was not read yet.
fn open_of(table: &str) -> &'static str {
    match table {
        "gaps" => "NOT filled",
        "histories" => "NOT finished",
        _ => "TRUE",
    }
}

/// The backfills that are complete, of sources some of whose backfilled events a reader has not had.
fn undelivered() -> String {
    let (lane, passed) = (names::lane_column(Lane::History), prune::PASSED);
    format!("finished AND EXISTS (SELECT 1 FROM chunks WHERE chunks.source = histories.source AND chunks.lane = {lane} AND NOT {passed})")
}

/// Carries over some small values. Whether all of them could be read.
fn carry_notes(from: &Connection, to: &Connection) -> Outcome<bool> {
    for prefix in NOTED {
        let Ok(notes) = notes::list(from, prefix) else { return Ok(false) };
        notes.iter().try_for_each(|(key, text)| notes::put(to, key, text))?;
    }
    Ok(true)
}

/// Copies the rows of a table for which `only` is so, as far as they can be read. How many, and whether to the end.
fn carry(from: &Connection, to: &Connection, table: &str, only: &str) -> Outcome<(u64, bool)> {
    let columns = |db: &Connection| -> rusqlite::Result<Vec<String>> {
        let mut statement = db.prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    // An older version has fewer, or not the table at all.
    let Ok(there) = columns(from) else { return Ok((0, false)) };
    let columns: Vec<String> = columns(to)?.into_iter().filter(|column| there.contains(column)).collect();
    if columns.is_empty() {
        return Ok((0, true));
    }
    let (names, marks) = (columns.join(", "), vec!["?"; columns.len()].join(", "));
    // Whose key fits is known of the new one; it has the old one's where that is whole.
    if table == "canary" {
        return canary(from, to);
    }
    let mut insert = to.prepare(&format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"))?;
    let Ok(mut select) = from.prepare(&format!("SELECT {names} FROM {table} WHERE {only}")) else { return Ok((0, false)) };
    let read = |row: &rusqlite::Row<'_>| (0..columns.len()).map(|column| row.get::<_, Value>(column)).collect::<rusqlite::Result<Vec<_>>>();
    let Ok(rows) = select.query_map([], read) else { return Ok((0, false)) };
    let mut carried = 0;
    for row in rows {
        let Ok(row) = row else { return Ok((carried, false)) };
        match insert.execute(rusqlite::params_from_iter(row)) {
            Ok(rows) => carried += rows as u64,
            // What breaks a rule of the tables was damaged: a hole in the governance log.
            Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => return Ok((carried, false)),
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok((carried, true))
}

/// What fingerprints are made with: without it configured tokens would count as changed.
fn canary(from: &Connection, to: &Connection) -> Outcome<(u64, bool)> {
    let sealed: rusqlite::Result<Option<Vec<u8>>> = from.query_row("SELECT sealed FROM canary", [], |row| row.get(0)).optional();
    let Ok(Some(sealed)) = sealed else { return Ok((0, false)) };
    to.execute("UPDATE canary SET sealed = ?1", [sealed])?;
    Ok((1, true))
}

/// Lets go of what refers to something that is not there.
fn tidy(db: &Connection) -> Outcome<()> {
    for table in CARRIED.into_iter().skip(2) {
        let of = |column: &str, other: &str| format!("DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {other})");
        let has = |column: &str| {
            db.query_row("SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2", [table, column], |row| row.get::<_, bool>(0))
        };
        // An erasure may be of every source.
        if !matches!(table, "governance" | "erased") && has("source")? {
            db.execute(&of("source", "sources"), [])?;
        }
        if matches!(table, "alert_places" | "alert_history") {
            db.execute(&of("alert", "alerts"), [])?;
        }
    }
    db.execute(
        "DELETE FROM notices WHERE CASE alert WHEN 0 THEN condition NOT IN (SELECT key FROM conditions) ELSE alert NOT IN (SELECT id FROM alerts) END",
        [],
    )?;
    // They begin again: what they stored is not there.
    db.execute(
        "UPDATE histories SET through = start, events = 0, finished = 0, unread = 0,
            gap = CASE WHEN gap IN (SELECT id FROM gaps) THEN gap END",
        [],
    )?;
    Ok(())
}

/// Whether anything may act. Where that cannot be read, nothing does until a person says so.
fn keep_stopped(from: Option<&Connection>, to: &Connection, renewal: &Renewal) -> Outcome<()> {
    match from.map(|from| notes::list(from, STOPPED)) {
        Some(Ok(found)) => found.iter().try_for_each(|(key, text)| notes::put(to, key, text)),
        _ => {
            let why = "the store was damaged: whether anything was to act could not be read";
            let stopped = Switched { switch: Switch::Stop, who: "miro-source".to_owned(), why: Some(why.to_owned()), at: renewal.now };
            switch::put(to, &stopped).map(drop)
        }
    }
}

/// Numbers go on behind the old ones: what refers to an event that is gone must not find another.
fn go_on_behind(from: Option<&Connection>, to: &Connection, now: Instant) -> Outcome<()> {
    let read = |from: &Connection| -> rusqlite::Result<Vec<(String, i64)>> {
        let mut statement = from.prepare("SELECT name, seq FROM sqlite_sequence")?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    let mut ends = from.and_then(|from| read(from).ok()).unwrap_or_default();
    if !ends.iter().any(|(name, _)| name == "chunks") {
        // No log is ever as long as there are milliseconds.
        ends.push(("chunks".to_owned(), names::column(now.0)));
    }
    for (name, end) in ends {
        to.execute("DELETE FROM sqlite_sequence WHERE name = ?1 AND seq < ?2", rusqlite::params![name, end])?;
        to.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
            rusqlite::params![name, end],
        )?;
    }
    debug_assert!(log::head(to).is_ok_and(|head| head.0 > 0));
    Ok(())
}

/// Each source reads its time again, into a gap that is filled by that. From when.
fn read_again(from: Option<&Connection>, db: &Connection, aside: &Path, renewal: &Renewal) -> Outcome<Vec<(SourceName, Instant)>> {
    let mut again = renewal.sources.clone();
    if let Some(others) = renewal.others {
        for (_, name) in names::all(db)? {
            again.entry(name).or_insert(others);
        }
    }
    let (now, mut since) = (renewal.now, Vec::new());
    for (name, reread) in again {
        let source = names::register(db, &name)?;
        let start = owed::begin(from, &name, &reread, now);
        let cause = format!("the store was damaged and is set aside as {}: read again, and delivered once more", aside.display());
        gaps::record(db, source, &Gap { start: start.0, end: now.0, cause }, now)?;
        let gap = db.last_insert_rowid();
        let history = History {
            id: 0,
            source: name.clone(),
            start,
            end: now,
            purpose: Purpose::Delivery,
            gap: Some(gap),
            through: start,
            events: 0,
            finished: false,
        };
        histories::add(db, &history)?;
        // It remembers nothing that it does not read again.
        ids::forget(db, &name, start)?;
        since.push((name, start));
    }
    Ok(since)
}

/// What stands beside the store at `path` knows the file that takes its place, before it does: what that holds is as late as it ever
/// was. What is behind stays so.
fn recognize(path: &Path, new: &Path, made: &Made) -> Result<()> {
    let marker = |ending| Marker::of_next(path, new, ending);
    let (pairs, records) = (marker(".grants"), marker(".responses"));
    for (source, version) in &made.pairs {
        if *version >= pairs.issued(source.as_str())? {
            pairs.set(source.as_str(), *version)?;
        }
    }
    // One that could not be read to its end stays that of a copy, however long it has become; one that was restored stays so.
    if made.records >= records.issued(LOG)? && !records.is_restored(LOG)? && !made.lost.iter().any(|table| table == "governance") {
        records.set(LOG, made.records)?;
    }
    Ok(())
}
