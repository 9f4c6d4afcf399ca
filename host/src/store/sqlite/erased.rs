//! Who was erased, and what is left of what names them.

use std::{borrow::Cow, path::Path};

use audit_pipeline::types::Event;
use rusqlite::{Connection, params, types::Value};

use super::{
    Access, Open, connection, copy,
    fault::{Outcome, damaged},
    names::{column, instant, register},
    notes, schema,
};
use crate::{
    model::{Instant, SourceName},
    privacy::{Hold, Identity, Kind, Mark, Marks, Size, line},
    store::{Result, seal::Key},
};

/// The number of no source: of every one.
const EVERY: i64 = 0;

/// Whoever is kept out already is kept out until the later time.
const PUT: &str = "INSERT INTO erased (source, hash, kind, words, bytes, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (source, hash) DO UPDATE SET at = excluded.at, kind = min(kind, excluded.kind) WHERE excluded.at > at";

/// Keeps a person out of what happened until then. How many identities were not before.
pub(super) fn keep_out(db: &Connection, key: &Key, source: Option<&SourceName>, identities: &[Identity], at: Instant) -> Outcome<u64> {
    let source = source.map_or(Ok(EVERY), |source| register(db, source))?;
    let mut insert = db.prepare_cached(PUT)?;
    let mut added = 0;
    for mark in identities.iter().filter_map(|identity| Mark::of(identity, key, at)) {
        let kind = match mark.kind {
            Kind::Account => 0,
            Kind::Name => 1,
        };
        let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        added += insert.execute(params![source, mark.hash, kind, size(mark.size.words), size(mark.size.bytes), column(mark.until.0)])?;
    }
    Ok(u64::try_from(added).unwrap_or_default())
}

/// Who is kept out of a source, or out of all.
pub(super) fn marks(db: &Connection, key: &Key, source: Option<i64>) -> Outcome<Marks> {
    let mut statement = db.prepare_cached("SELECT hash, kind, words, bytes, at FROM erased WHERE source IN (?1, ?2)")?;
    let mut rows = statement.query([EVERY, source.unwrap_or(EVERY)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = match row.get(1)? {
            0 => Kind::Account,
            1 => Kind::Name,
            other => return Err(damaged(format!("the store holds an erasure of a kind that does not exist: {other}"))),
        };
        let size = |at| row.get::<_, i64>(at).map(|count| usize::try_from(count).unwrap_or_default());
        found.push(Mark { kind, size: Size { words: size(2)?, bytes: size(3)? }, hash: row.get(0)?, until: instant(row, 4)? });
    }
    Ok(Marks::keyed(key, found))
}

/// Who is kept out of a source on which there is this hold: nobody where it keeps all of it.
pub(super) fn marks_under(db: &Connection, key: &Key, source: i64, hold: &Hold) -> Outcome<Marks> {
    if *hold == Hold::All { Ok(Marks::plain(&[])) } else { marks(db, key, Some(source)) }
}

/// Who was erased from a store, to be kept out of another.
pub(super) struct Gone {
    /// As it is used in that store.
    key: Key,
    rows: Vec<(Option<SourceName>, [Value; 5])>,
}

impl Gone {
    /// Whether nobody was.
    pub(super) fn is_nobody(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Who was erased from a store that nobody uses. Nobody, where it is another key's or from before anybody could be.
pub(super) fn gone(from: &Path, key: &Key) -> Result<Gone> {
    copy::read(from, key, "read who was erased", |db| {
        if schema::check(db, key).is_err() || schema::is_older(db)? {
            return Ok(Gone { key: key.clone(), rows: Vec::new() });
        }
        let mut select =
            db.prepare("SELECT name, hash, kind, words, bytes, at FROM erased LEFT JOIN sources ON sources.id = erased.source")?;
        let mut rows = select.query([])?;
        let mut gone = Vec::new();
        while let Some(row) = rows.next()? {
            let name = row.get::<_, Option<String>>(0)?.map(|name| name.parse::<SourceName>()).transpose();
            let name = name.map_err(|why| damaged(format!("the store holds the name of no source: {why}")))?;
            gone.push((name, [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?]));
        }
        Ok(Gone { key: schema::settled(db, key)?, rows: gone })
    })
}

/// Keeps them out of a store that was copied before, which is brought up where it is of an older miro-source. How many identities were
/// not known there, or not as erased so late. Where the two hash differently, none.
pub(super) fn bring(gone: &Gone, to: &Path, key: &Key) -> Result<u64> {
    let open = Open::new(to, key.clone(), Access::Owner);
    let brought = || -> Outcome<u64> {
        let single = connection::single(&open)?;
        if schema::settled(&single, key)?.fingerprinting() != gone.key.fingerprinting() {
            return Ok(0);
        }
        drop(single);
        let db = connection::writer(&open)?;
        schema::prepare(&db, key)?;
        connection::transact(&db, |db| {
            let mut insert = db.prepare(PUT)?;
            let mut brought = 0;
            for (source, [hash, kind, words, bytes, at]) in &gone.rows {
                let source = source.as_ref().map_or(Ok(EVERY), |source| register(db, source))?;
                brought += insert.execute(params![source, hash, kind, words, bytes, at])?;
            }
            Ok(u64::try_from(brought).unwrap_or_default())
        })
    };
    brought().map_err(|fault| fault.of("bring over who was erased"))
}

/// How many identities are kept out.
pub(super) fn number(db: &Connection) -> Outcome<u64> {
    Ok(db.query_row("SELECT count(*) FROM erased", [], |row| super::names::number(row, 0))?)
}

/// Whether somebody of a directory is kept out.
pub(super) fn is(id: &str, addresses: &[String], marks: &Marks) -> bool {
    marks.is_account(id) || addresses.iter().any(|address| marks.is_account(address))
}

/// What is left of an event on its way into the log: all of it where it names somebody who is held. None where nothing is.
pub(super) fn left<'a>(event: &'a Event, marks: &Marks, held: &Marks) -> Option<Cow<'a, Event>> {
    let marks = marks.then(Instant(event.time));
    let stays = |held: &Marks| held.acted(&event.actor) || line::names(&event.record, held, line::Whose::Vendor);
    if marks.is_empty() || (!held.is_empty() && stays(held)) {
        return Some(Cow::Borrowed(event));
    }
    if marks.acted(&event.actor) {
        return None;
    }
    Some(match line::redact(&event.record, &marks, line::Whose::Vendor) {
        Some(record) => Cow::Owned(Event { record, ..event.clone() }),
        None => Cow::Borrowed(event),
    })
}

/// Counts what came in of people who are kept out, for show.
pub(super) fn count(db: &Connection, source: &SourceName, events: u64) -> Outcome<()> {
    if events == 0 {
        return Ok(());
    }
    let key = format!("erased/{source}");
    let before = notes::list(db, &key)?.into_iter().find(|(name, _)| *name == key).and_then(|(_, count)| count.parse::<u64>().ok());
    notes::put(db, &key, &before.unwrap_or_default().saturating_add(events).to_string())
}
