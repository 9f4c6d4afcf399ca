//! Sealed credentials, and the journal of their refresh (I4, I5).

use std::borrow::Cow;

use audit_pipeline::types::Credentials;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    fault::{Fault, Outcome, conflict},
    names::{column, instant, number, register, source},
    rekey::{Sealed, rows},
};
use crate::{
    model::{Instant, SourceName},
    store::{Grant, Intent, StoreError, StoreErrorKind, seal::Key},
};

/// A pair to store.
pub(super) struct New<'a> {
    pub(super) credentials: &'a Credentials,
    pub(super) fingerprint: &'a [u8],
    pub(super) at: Instant,
}

#[derive(Serialize, Deserialize)]
struct Pair<'a> {
    access: Cow<'a, str>,
    refresh: Option<Cow<'a, str>>,
    expires: Option<u64>,
}

fn purpose(source: &str, version: u64) -> Vec<u8> {
    [b"grant\0".as_slice(), source.as_bytes(), b"\0", &version.to_le_bytes()].concat()
}

/// What is sealed.
pub(super) fn sealed(db: &Connection) -> Outcome<Vec<Sealed>> {
    rows(db, "SELECT source, sealed, version, name FROM grants JOIN sources ON sources.id = grants.source", |row| {
        Ok(purpose(&row.get::<_, String>(3)?, number(row, 2)?))
    })
}

pub(super) fn version(db: &Connection, source: &SourceName) -> Outcome<Option<u64>> {
    let mut statement = db.prepare_cached("SELECT version FROM grants WHERE source = (SELECT id FROM sources WHERE name = ?1)")?;
    Ok(statement.query_row([source.as_str()], |row| number(row, 0)).optional()?)
}

/// The version that each source has.
pub(super) fn versions(db: &Connection) -> Outcome<Vec<(SourceName, u64)>> {
    let mut statement = db.prepare("SELECT name, version FROM grants JOIN sources ON sources.id = grants.source")?;
    let rows = statement.query_map([], |row| Ok((source(row, 0)?, number(row, 1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn read(db: &Connection, key: &Key, source: &SourceName) -> Outcome<Option<Grant>> {
    let mut statement = db.prepare_cached(
        "SELECT version, sealed, fingerprint, obtained, intent_since, intent_attempts, dead
         FROM grants WHERE source = (SELECT id FROM sources WHERE name = ?1)",
    )?;
    let row = statement.query_row([source.as_str()], |row| {
        let attempts: u32 = row.get(5)?;
        let intent = (attempts > 0).then(|| instant(row, 4).map(|since| Intent { since, attempts })).transpose()?;
        Ok((number(row, 0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?, instant(row, 3)?, intent, row.get(6)?))
    });
    let Some((version, sealed, fingerprint, obtained, intent, dead)) = row.optional()? else { return Ok(None) };
    let broken = || unusable(format!("the stored credentials of source {source} do not open: authorize it again with `miro-source auth`"));
    let plain = key.open(&purpose(source.as_str(), version), &sealed).map_err(|_| broken())?;
    let pair: Pair<'_> = serde_json::from_slice(&plain).map_err(|_| broken())?;
    let credentials =
        Credentials { access_token: pair.access.into_owned(), refresh_token: pair.refresh.map(Cow::into_owned), expires_at: pair.expires };
    Ok(Some(Grant { version, credentials, fingerprint, obtained, intent, dead }))
}

/// The version after `after`, which must be the latest.
pub(super) fn next(db: &Connection, source: &SourceName, after: Option<u64>) -> Outcome<u64> {
    if version(db, source)? == after { Ok(after.unwrap_or_default().saturating_add(1)) } else { Err(stale(source)) }
}

/// Puts a pair in the place of the one before, in one step: until it is durable, the old one is there.
pub(super) fn put(db: &Connection, key: &Key, source: &SourceName, version: u64, new: &New<'_>) -> Outcome<()> {
    let Credentials { access_token, refresh_token, expires_at } = new.credentials;
    let pair = Pair { access: access_token.into(), refresh: refresh_token.as_deref().map(Cow::from), expires: *expires_at };
    // Enough that it never grows: growing leaves copies.
    let room = 6 * (access_token.len() + refresh_token.as_ref().map_or(0, String::len)) + 128;
    let mut plain = Zeroizing::new(Vec::with_capacity(room));
    let sealed = serde_json::to_writer(&mut *plain, &pair)
        .map_err(std::io::Error::from)
        .and_then(|()| key.seal(&purpose(source.as_str(), version), &plain))
        .map_err(|cause| unusable(format!("failed to seal the credentials of source {source}: {cause}")))?;
    let mut statement =
        db.prepare_cached("INSERT OR REPLACE INTO grants (source, version, sealed, fingerprint, obtained) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    statement.execute(params![register(db, source)?, column(version), sealed, new.fingerprint, column(new.at.0)])?;
    Ok(())
}

pub(super) fn open_intent(db: &Connection, source: &SourceName, version: u64, at: Instant) -> Outcome<Intent> {
    let (since, attempts) = change(
        db,
        "UPDATE grants SET intent_since = coalesce(intent_since, ?3), intent_attempts = intent_attempts + 1",
        source,
        version,
        column(at.0),
    )?;
    Ok(Intent { since: Instant(u64::try_from(since.unwrap_or_default()).unwrap_or_default()), attempts })
}

/// Takes the latest attempt back. Those before it, whose answers were lost, stay on record.
pub(super) fn close_intent(db: &Connection, source: &SourceName, version: u64) -> Outcome<()> {
    let sql = "UPDATE grants SET intent_since = CASE WHEN intent_attempts > 1 THEN intent_since END, intent_attempts = max(intent_attempts - ?3, 0)";
    change(db, sql, source, version, 1).map(drop)
}

pub(super) fn bury(db: &Connection, source: &SourceName, version: u64, reason: &str) -> Outcome<()> {
    change(db, "UPDATE grants SET dead = ?3", source, version, reason).map(drop)
}

/// Changes the latest pair, and only if it has this version.
fn change(db: &Connection, set: &str, source: &SourceName, version: u64, to: impl rusqlite::ToSql) -> Outcome<(Option<i64>, u32)> {
    let sql =
        format!("{set} WHERE source = (SELECT id FROM sources WHERE name = ?1) AND version = ?2 RETURNING intent_since, intent_attempts");
    let row = db.prepare_cached(&sql)?.query_row(params![source.as_str(), column(version), to], |row| Ok((row.get(0)?, row.get(1)?)));
    row.optional()?.ok_or_else(|| stale(source))
}

fn stale(source: &SourceName) -> Fault {
    conflict(format!("the credentials of source {source} were replaced meanwhile: read them again"))
}

fn unusable(message: String) -> Fault {
    StoreError::new(StoreErrorKind::Unusable, message).into()
}
