//! The generations of components: which is current, which may be gone back to, and what became of the others.
//!
//! While a generation is on probation, `kept` holds where every stream of its sources stood when it became current, in a
//! form that the generation before it reads. Going back restores all of it in one transaction (I6); pages of a generation
//! that was taken back are refused from then on, so that one under way cannot undo the restoring.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    chain,
    fault::{Outcome, damaged},
    names::{column, find, instant, number, register, source, stream_column},
    rekey::{Sealed, rows},
};
use crate::{
    model::{GenerationNumber, Instant, SourceName, Stream},
    respond::{Deed, Kind, Said},
    store::{Checkpoint, PROBATION, Refused, StoreError, StoreErrorKind, Successor, Tenure, TenureState, seal::Key},
};

/// What has not shown itself by then is not going to: a source that cannot poll must not hold the others' probation open.
const PROBATION_ENDS: u64 = 24 * 3_600_000;
/// How much of the past is told.
const HISTORY: i64 = 100;

const COLUMNS: &str =
    "number, component, digest, name, version, born, ended, state, reason, configured, probation, lasting, polls, failures";

fn state(column: i64) -> Outcome<TenureState> {
    match column {
        0 => Ok(TenureState::Current),
        1 => Ok(TenureState::Replaced),
        2 => Ok(TenureState::TakenBack),
        3 => Ok(TenureState::Refused),
        other => Err(damaged(format!("the store holds a state of a generation that does not exist: {other}"))),
    }
}

/// Makes a generation current.
pub(super) fn install(db: &Connection, key: &Key, next: &Successor<'_>) -> Outcome<GenerationNumber> {
    let Successor { component, digest, name, version, configured, reason, probation, at, .. } = next;
    let before: Option<i64> = db
        .prepare_cached("SELECT number FROM generations WHERE component = ?1 AND state = 0")?
        .query_row([component], |row| row.get(0))
        .optional()?;
    db.execute(
        "UPDATE generations SET package = NULL WHERE component = ?1 AND package IS NOT NULL AND number IS NOT ?2",
        params![component, before],
    )?;
    db.execute(
        "UPDATE generations SET state = 1, ended = ?2, probation = 0 WHERE component = ?1 AND state = 0",
        params![component, column(at.0)],
    )?;
    db.execute("DELETE FROM kept WHERE generation IN (SELECT number FROM generations WHERE component = ?1)", [component])?;
    db.execute(
        "INSERT INTO generations (component, digest, name, version, born, state, reason, configured, probation, package)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9)",
        params![component, digest, name, version, column(at.0), reason, configured, probation.is_some(), pack(key, next)?],
    )?;
    let new = db.last_insert_rowid();
    // The first of all replaces nothing.
    if before.is_some() {
        let source = probation.and_then(|sources| sources.first().filter(|_| sources.len() == 1));
        tell(db, *at, source, format!("{component} is {name} {version}, {digest}, from now on: {reason}"))?;
    }
    for source in probation.iter().flat_map(|sources| sources.iter()) {
        let source = register(db, source)?;
        // Without a checkpoint yet, the row counts polls; `begin` fills it.
        db.execute("INSERT INTO kept (generation, source, stream) VALUES (?1, ?2, 0)", [new, source])?;
        db.execute(
            "INSERT OR REPLACE INTO kept (generation, source, stream, body, through, at, finished)
             SELECT ?1, checkpoints.source, stream, body, checkpoints.through, at, histories.finished
             FROM checkpoints LEFT JOIN histories ON histories.id = stream AND stream <> 0 WHERE checkpoints.source = ?2",
            [new, source],
        )?;
    }
    forget(db, component)?;
    Ok(GenerationNumber(new))
}

/// The source that runs a generation on probation, where it is the only one.
fn only_source(db: &Connection, generation: GenerationNumber) -> Outcome<Option<SourceName>> {
    let mut statement =
        db.prepare_cached("SELECT DISTINCT name FROM kept JOIN sources ON sources.id = kept.source WHERE generation = ?1 LIMIT 2")?;
    let names: Vec<SourceName> = statement.query_map([generation.0], |row| source(row, 0))?.collect::<Result<_, _>>()?;
    Ok(match names.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    })
}

/// The governance log says which component runs: of one source, where it alone runs it.
fn tell(db: &Connection, at: Instant, source: Option<&SourceName>, about: String) -> Outcome<()> {
    chain::append(db, &Said::Deed(Deed { at, who: None, deed: Kind::Component, about, source: source.cloned() }))
}

/// A stream begins: while its source's generation is on probation, that is where it stood.
pub(super) fn keep_begun(db: &Connection, source: i64, stream: Stream, first: &Checkpoint) -> Outcome<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO kept (generation, source, stream, body, through, at, finished)
         SELECT generation, source, ?2, ?3, ?4, ?5, 0 FROM kept WHERE source = ?1 AND stream = 0
         ON CONFLICT DO UPDATE SET body = excluded.body, through = excluded.through, at = excluded.at WHERE body IS NULL",
    )?;
    statement.execute(params![source, stream_column(stream), first.body, column(first.through.0), column(first.at.0)])?;
    Ok(())
}

/// A generation that was taken back has no say any more.
pub(super) fn fence(db: &Connection, generation: GenerationNumber) -> Outcome<()> {
    let mut statement = db.prepare_cached("SELECT state FROM generations WHERE number = ?1")?;
    match statement.query_row([generation.0], |row| row.get::<_, i64>(0)).optional()? {
        Some(2) => {
            let text = format!("generation {generation} of the component was taken back while this page was read");
            Err(StoreError::new(StoreErrorKind::TakenBack, text).into())
        }
        _ => Ok(()),
    }
}

/// A source completed a poll on a generation. Whether its probation is over now.
pub(super) fn polled(db: &Connection, generation: GenerationNumber, source: &SourceName, at: Instant) -> Outcome<bool> {
    let Some(source) = find(db, source)? else { return Ok(false) };
    db.prepare_cached("UPDATE kept SET polls = polls + 1 WHERE generation = ?1 AND source = ?2 AND stream = 0")?
        .execute([generation.0, source])?;
    let mut left = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM kept WHERE generation = ?1 AND stream = 0 AND polls < ?2)
            AND ?3 < (SELECT born + ?4 FROM generations WHERE number = ?1)",
    )?;
    let left: bool = left.query_row(params![generation.0, column(PROBATION), column(at.0), column(PROBATION_ENDS)], |row| row.get(0))?;
    if left {
        return Ok(false);
    }
    db.execute("UPDATE generations SET probation = 0 WHERE number = ?1", [generation.0])?;
    db.execute("DELETE FROM kept WHERE generation = ?1", [generation.0])?;
    Ok(true)
}

/// How many polls of this source are over. `None`: it is not on probation.
pub(super) fn polls(db: &Connection, generation: GenerationNumber, source: &SourceName) -> Outcome<Option<u64>> {
    let Some(source) = find(db, source)? else { return Ok(None) };
    let mut statement = db.prepare_cached("SELECT polls FROM kept WHERE generation = ?1 AND source = ?2 AND stream = 0")?;
    Ok(statement.query_row([generation.0, source], |row| number(row, 0)).optional()?)
}

/// Goes back to the generation before, and to where its streams stood. Its number; `None` where there is none.
pub(super) fn take_back(db: &Connection, generation: GenerationNumber, reason: &str, at: Instant) -> Outcome<Option<GenerationNumber>> {
    let previous: Option<i64> = db
        .prepare_cached(
            "SELECT number FROM generations WHERE component = (SELECT component FROM generations WHERE number = ?1 AND state = 0 AND probation)
             AND state = 1 AND package IS NOT NULL ORDER BY number DESC LIMIT 1",
        )?
        .query_row([generation.0], |row| row.get(0))
        .optional()?;
    let Some(previous) = previous else { return Ok(None) };
    db.execute(
        "UPDATE checkpoints SET (body, through, at) =
            (SELECT body, through, at FROM kept WHERE generation = ?1 AND kept.source = checkpoints.source AND kept.stream = checkpoints.stream)
         WHERE EXISTS (SELECT 1 FROM kept
            WHERE generation = ?1 AND kept.source = checkpoints.source AND kept.stream = checkpoints.stream AND body IS NOT NULL)",
        [generation.0],
    )?;
    // A backfill that the failed generation called complete is not.
    db.execute(
        "UPDATE histories SET finished = 0, through = (SELECT through FROM kept WHERE generation = ?1 AND stream = histories.id)
         WHERE id IN (SELECT stream FROM kept WHERE generation = ?1 AND stream <> 0 AND NOT finished)",
        [generation.0],
    )?;
    db.execute(
        "UPDATE generations SET state = 2, reason = ?2, ended = ?3, probation = 0, package = NULL WHERE number = ?1",
        params![generation.0, reason, column(at.0)],
    )?;
    db.execute("UPDATE generations SET state = 0, ended = NULL WHERE number = ?1", [previous])?;
    let source = only_source(db, generation)?;
    db.execute("DELETE FROM kept WHERE generation = ?1", [generation.0])?;
    tell(db, at, source.as_ref(), format!("generation {generation} is taken back, generation {previous} is current again: {reason}"))?;
    Ok(Some(GenerationNumber(previous)))
}

/// A candidate failed its proof.
pub(super) fn refuse(db: &Connection, refused: &Refused<'_>) -> Outcome<GenerationNumber> {
    let Refused { component, digest, name, version, reason, lasting, at } = refused;
    db.execute(
        "INSERT INTO generations (component, digest, name, version, born, ended, state, reason, configured, lasting)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, 3, ?6, '', ?7)",
        params![component, digest, name, version, column(at.0), reason, lasting],
    )?;
    let number = GenerationNumber(db.last_insert_rowid());
    tell(db, *at, None, format!("{name} {version}, {digest}, is refused for {component}: {reason}"))?;
    forget(db, component)?;
    Ok(number)
}

/// Adds to what a generation did.
pub(super) fn tally(db: &Connection, generation: GenerationNumber, polls: u64, failures: u64) -> Outcome<()> {
    let mut statement = db.prepare_cached("UPDATE generations SET polls = polls + ?2, failures = failures + ?3 WHERE number = ?1")?;
    statement.execute(params![generation.0, column(polls), column(failures)])?;
    Ok(())
}

/// All that is told, oldest first.
pub(super) fn list(db: &Connection) -> Outcome<Vec<Tenure>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM generations ORDER BY number"))?;
    let rows = statement.query_map([], row)?.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().map(|(tenure, column)| Ok(Tenure { state: state(column)?, ..tenure })).collect()
}

/// What is sealed.
pub(super) fn sealed(db: &Connection) -> Outcome<Vec<Sealed>> {
    rows(db, "SELECT number, package, component, digest FROM generations WHERE package IS NOT NULL", |row| {
        Ok(purpose(&row.get::<_, String>(2)?, &row.get::<_, String>(3)?))
    })
}

/// Bytes and signatures of a generation, where they are kept.
pub(super) fn package(db: &Connection, key: &Key, generation: GenerationNumber) -> Outcome<Option<Vec<u8>>> {
    let mut statement = db.prepare_cached("SELECT component, digest, package FROM generations WHERE number = ?1")?;
    let row = statement.query_row([generation.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?)));
    match row.optional()? {
        Some((component, digest, Some(sealed))) => unpack(key, &component, &digest, sealed).map(Some),
        Some((_, _, None)) | None => Ok(None),
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<(Tenure, i64)> {
    let tenure = Tenure {
        number: GenerationNumber(row.get(0)?),
        component: row.get(1)?,
        digest: row.get(2)?,
        name: row.get(3)?,
        version: row.get(4)?,
        born: instant(row, 5)?,
        ended: row.get::<_, Option<i64>>(6)?.map(|at| Instant(u64::try_from(at).unwrap_or_default())),
        state: TenureState::Current,
        reason: row.get(8)?,
        configured: row.get(9)?,
        probation: row.get(10)?,
        lasting: row.get(11)?,
        polls: number(row, 12)?,
        failures: number(row, 13)?,
    };
    Ok((tenure, row.get(7)?))
}

fn forget(db: &Connection, component: &str) -> Outcome<()> {
    db.execute(
        "DELETE FROM generations WHERE component = ?1 AND state <> 0 AND package IS NULL AND number <=
            (SELECT number FROM generations WHERE component = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
        params![component, HISTORY],
    )?;
    Ok(())
}

/// A package is sealed for its component and digest: what comes out was put in by a host with this key.
fn purpose(component: &str, digest: &str) -> Vec<u8> {
    format!("miro-source package v1 {digest} {component}").into_bytes()
}

fn pack(key: &Key, next: &Successor<'_>) -> Outcome<Vec<u8>> {
    let sealed = zstd::bulk::compress(next.package, 3).and_then(|packed| key.seal(&purpose(next.component, next.digest), &packed));
    sealed.map_err(|why| StoreError::new(StoreErrorKind::Retry, format!("failed to seal a component: {why}")).into())
}

fn unpack(key: &Key, component: &str, digest: &str, sealed: Vec<u8>) -> Outcome<Vec<u8>> {
    /// Larger than any component that is admitted.
    const MOST: usize = 64 << 20;
    let opened = key.open(&purpose(component, digest), &sealed).ok();
    opened.and_then(|packed| zstd::bulk::decompress(&packed, MOST).ok()).ok_or_else(|| {
        let text = format!("the component sha256:{digest} kept in the store is damaged: restore the store from a backup");
        StoreError::new(StoreErrorKind::Unusable, text).into()
    })
}
