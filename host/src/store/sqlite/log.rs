//! The log: pages in, events out.

use std::borrow::Cow;

use audit_pipeline::types::Event;
use rusqlite::{Connection, OptionalExtension as _, Rows, params};

use super::{
    actions, checkpoints, chunk, erased,
    fault::{Outcome, damaged},
    gaps, generations, histories, ids, lateness,
    names::{column, find, instant, lane, lane_column, register, source},
    schema,
};
use crate::{
    model::{Lane, Seq, SourceName, Stream},
    privacy::Hold,
    store::{Checkpoint, Committed, Known, Page, Purpose, Range, StoredEvent, seal::Key},
};

/// Everything a page brought. Runs inside one transaction: all or nothing (I3). What is held comes in whole, whoever was erased.
pub(super) fn commit(db: &Connection, chunks: &chunk::Cache, key: &Key, page: &Page<'_>, hold: &Hold) -> Outcome<Committed> {
    if let Some(generation) = page.generation {
        generations::fence(db, generation)?;
    }
    let source = register(db, page.source)?;
    let seconds = column(page.received.0 / 1000);
    let kept_out = erased::marks_under(db, key, source, hold)?;
    let held = hold.marks();
    let mut erased = 0;
    let mut new: Vec<Cow<'_, Event>> = Vec::with_capacity(page.events.len());
    let mut known: Vec<&Known> = Vec::with_capacity(page.known.len());
    let (route, purpose) = match page.stream {
        Stream::Live => (None, Purpose::Delivery),
        Stream::History(id) => {
            let purpose = histories::purpose_of(db, page.source, id)?;
            ((purpose != Purpose::Delivery).then_some(id), purpose)
        }
    };
    for (place, event) in page.events.iter().enumerate() {
        if !ids::remember(db, source, &event.id, seconds, &purpose)? {
            continue;
        }
        match erased::left(event, &kept_out, &held) {
            Some(event) => {
                new.push(event);
                known.extend(page.known.get(place));
            }
            // It counts as stored, and is not.
            None => erased += 1,
        }
    }
    let new: Vec<&Event> = new.iter().map(AsRef::as_ref).collect();
    erased::count(db, page.source, erased)?;
    append(db, chunks, page, &Place { source, route }, (&new, &known))?;
    actions::count(db, source, page.received, &new)?;
    for gap in page.gaps {
        gaps::record(db, source, gap, page.received)?;
    }
    let stored = u64::try_from(new.len()).unwrap_or(u64::MAX);
    if let Stream::History(id) = page.stream {
        histories::progress(db, id, stored, page)?;
    }
    let checkpoint = Checkpoint { body: page.checkpoint.to_owned(), through: page.through, at: page.received };
    checkpoints::put(db, source, page.stream, &checkpoint)?;
    let all = u64::try_from(page.events.len()).unwrap_or(u64::MAX);
    let last = if stored > 0 { Some(head(db)?) } else { None };
    Ok(Committed { new: stored, known: all.saturating_sub(stored).saturating_sub(erased), erased, last })
}

struct Place {
    source: i64,
    route: Option<i64>,
}

/// Appends events. Of each of them something is known, or of none.
fn append(
    db: &Connection,
    chunks: &chunk::Cache,
    page: &Page<'_>,
    place: &Place,
    (mut events, mut known): (&[&Event], &[&Known]),
) -> Outcome<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO chunks (last, source, lane, route, received, count, body, context) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let Seq(mut last) = head(db)?;
    while !events.is_empty() {
        let (now, later) = events.split_at_checked(fitting(events)).unwrap_or((events, &[]));
        let (of_now, of_later) = known.split_at_checked(now.len()).unwrap_or((known, &[]));
        let texts: Vec<_> = now.iter().copied().map(chunk::Text::from).collect();
        let packed = chunks.pack(&texts, of_now)?;
        if page.lane == Lane::Late {
            lateness::record(db, place.source, page.received, last, now)?;
        }
        let count = i64::try_from(now.len()).unwrap_or(i64::MAX);
        last = last.saturating_add(count);
        let (lane, received) = (lane_column(page.lane), column(page.received.0));
        insert.execute(params![last, place.source, lane, place.route, received, count, packed.body, packed.context])?;
        (events, known) = (later, of_later);
    }
    Ok(())
}

/// How many of `events` make one chunk.
fn fitting(events: &[&Event]) -> usize {
    let mut bytes = 0;
    let fits = events.iter().take_while(|event| {
        let before = bytes;
        bytes += event.record.len() + event.action.len();
        before == 0 || bytes <= chunk::BYTES
    });
    fits.count().max(1)
}

/// The latest place ever given.
pub(super) fn head(db: &Connection) -> Outcome<Seq> {
    let mut statement = db.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'")?;
    Ok(Seq(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or_default()))
}

pub(super) fn read(db: &Connection, chunks: &chunk::Cache, range: &Range<'_>) -> Outcome<Vec<StoredEvent>> {
    let Some(source) = find(db, range.source)? else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(
        "SELECT last, count, received, lane FROM chunks
         WHERE source = ?1 AND lane = ?2 AND last > ?3
           AND (?4 IS NULL OR route IS NULL OR ?4 = (SELECT sink FROM histories WHERE id = route))
         ORDER BY last",
    )?;
    let sink = range.sink.map(crate::model::SinkName::as_str);
    let rows = statement.query(params![source, lane_column(range.lane), range.after.0, sink])?;
    collect(db, chunks, rows, range.after, &Portion { events: range.events, bytes: range.bytes })
}

/// How much of the log is read at once.
pub(super) struct Portion {
    pub(super) events: usize,
    pub(super) bytes: usize,
}

/// All lanes of a source, in order of place.
pub(super) fn read_all(
    db: &Connection,
    chunks: &chunk::Cache,
    source: &SourceName,
    after: Seq,
    portion: &Portion,
) -> Outcome<Vec<StoredEvent>> {
    let Some(source) = find(db, source)? else { return Ok(Vec::new()) };
    // Each lane is in order by the index, so that they are merged and nothing is sorted.
    let mut statement = db.prepare_cached(
        "SELECT last, count, received, lane FROM chunks WHERE source = ?1 AND lane = 0 AND last > ?2
         UNION ALL SELECT last, count, received, lane FROM chunks WHERE source = ?1 AND lane = 1 AND last > ?2
         UNION ALL SELECT last, count, received, lane FROM chunks WHERE source = ?1 AND lane = 2 AND last > ?2
         ORDER BY last",
    )?;
    let rows = statement.query(params![source, after.0])?;
    collect(db, chunks, rows, after, portion)
}

/// The events of these chunks behind `after`, up to a portion.
fn collect(db: &Connection, chunks: &chunk::Cache, mut rows: Rows<'_>, after: Seq, portion: &Portion) -> Outcome<Vec<StoredEvent>> {
    let mut found = Vec::new();
    let mut bytes = 0usize;
    while let Some(row) = rows.next()? {
        let (last, received, lane) = (row.get(0)?, instant(row, 2)?, lane(row.get(3)?)?);
        let count = row.get(1)?;
        let first = first(last, count)?;
        let chunk = chunks.unpack((last, count), || packed(db, last))?;
        for seq in first.max(after.0.saturating_add(1))..=last {
            if found.len() >= portion.events {
                return Ok(found);
            }
            let item = chunk.get(usize::try_from(seq - first).unwrap_or(usize::MAX))?;
            bytes = bytes.saturating_add(item.record.len());
            if bytes > portion.bytes && !found.is_empty() {
                return Ok(found);
            }
            found.push(stored(seq, lane, received, item));
        }
    }
    Ok(found)
}

pub(super) fn event(db: &Connection, chunks: &chunk::Cache, seq: Seq) -> Outcome<Option<(SourceName, StoredEvent)>> {
    let mut statement = db.prepare_cached(
        "SELECT last, count, lane, received, name FROM chunks JOIN sources ON sources.id = source WHERE last >= ?1 ORDER BY last LIMIT 1",
    )?;
    let row = statement.query_row([seq.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, instant(row, 3)?, source(row, 4)?)));
    let Some((last, count, column, received, source)) = row.optional()? else { return Ok(None) };
    let first = first(last, count)?;
    let Ok(place) = usize::try_from(seq.0.saturating_sub(first)) else { return Ok(None) };
    let chunk = chunks.unpack((last, count), || packed(db, last))?;
    Ok(Some((source, stored(seq.0, lane(column)?, received, chunk.get(place)?))))
}

fn stored(seq: i64, lane: Lane, received: crate::model::Instant, item: chunk::Item<'_>) -> StoredEvent {
    let known = item.known.cloned().unwrap_or_default();
    StoredEvent { seq: Seq(seq), lane, time: item.time, received, action: item.action.to_owned(), record: item.record.to_owned(), known }
}

pub(super) fn first(last: i64, count: i64) -> Outcome<i64> {
    match last.checked_sub(count).and_then(|before| before.checked_add(1)) {
        Some(first) if count > 0 => Ok(first),
        _ => Err(damaged("the log is damaged: a chunk has no size")),
    }
}

pub(super) fn packed(db: &Connection, last: i64) -> Outcome<chunk::Packed> {
    let mut statement = match db.prepare_cached("SELECT body, context FROM chunks WHERE last = ?1") {
        // Who only looks may look before an owner has brought the tables up.
        Err(_) if schema::is_older(db)? => db.prepare_cached("SELECT body, NULL FROM chunks WHERE last = ?1")?,
        prepared => prepared?,
    };
    Ok(statement.query_row([last], |row| Ok(chunk::Packed { body: row.get(0)?, context: row.get(1)? }))?)
}
