//! What had waited when a sink took it, noted in the transaction in which that is: only where a sink is behind, and a small value a lane.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    SqliteStore, cursors,
    fault::{Outcome, damaged},
    ids,
    names::{instant, lane, lane_column, source},
    notes,
};
use crate::{
    model::{Instant, Lane, Seq, SinkName, SourceName},
    store::{Evidence, PROMPT, Result, Waited},
};

impl Evidence for SqliteStore {
    fn joined(&self, sink: &SinkName, source: &SourceName) -> Result<Instant> {
        self.read_with("read when a sink joined", |db| cursors::joined(db, sink, source))
    }

    fn forgotten(&self, source: &SourceName) -> Result<Instant> {
        self.read_with("read which ids are forgotten", |db| ids::forgotten(db, source))
    }

    fn waited(&self, sink: &SinkName, source: &SourceName, lane: Lane) -> Result<Vec<Waited>> {
        self.read_with("read what a sink took late", |db| {
            let Some(text) = notes::get(db, &key(sink, source, lane))? else { return Ok(Vec::new()) };
            serde_json::from_str(&text).map_err(|why| damaged(format!("the store does not say when sink {sink} took what it got: {why}")))
        })
    }
}

fn key(sink: &SinkName, source: &SourceName, lane: Lane) -> String {
    format!("waited/{sink}/{source}/{lane}")
}

/// A sink took what of a lane stands strictly after the one place, up to the other.
pub(super) fn took(
    db: &Connection,
    sink: &SinkName,
    source: &SourceName,
    lane: Lane,
    (after, through): (Seq, Seq),
    at: Instant,
) -> Outcome<()> {
    let mut oldest = db.prepare_cached(
        "SELECT received FROM chunks WHERE source = (SELECT id FROM sources WHERE name = ?1) AND lane = ?2 AND last > ?3 ORDER BY last LIMIT 1",
    )?;
    let stored = oldest.query_row(params![source.as_str(), lane_column(lane), after.0], |row| instant(row, 0)).optional()?;
    if stored.is_none_or(|stored| at.since(stored) <= PROMPT) {
        return Ok(());
    }
    let key = key(sink, source, lane);
    // Where it cannot be read, all may have been taken just now.
    let all = Waited { after: Seq::default(), through, since: at, by: at };
    let mut waited = match notes::get(db, &key)? {
        Some(text) => serde_json::from_str(&text).unwrap_or_else(|_| vec![all]),
        None => Vec::new(),
    };
    Waited::add(&mut waited, Waited { after, ..all });
    let text = serde_json::to_string(&waited).map_err(|why| damaged(format!("failed to note when a sink took what it got: {why}")))?;
    notes::put(db, &key, &text)
}

/// A sink took these after all, which had been parked.
pub(super) fn took_again(db: &Connection, sink: &SinkName, accepted: &[Seq], at: Instant) -> Outcome<()> {
    let mut select = db.prepare_cached(
        "SELECT name, lane, last - count FROM chunks JOIN sources ON sources.id = source WHERE last >= ?1 ORDER BY last LIMIT 1",
    )?;
    let mut stretches: BTreeMap<(SourceName, Lane), (Seq, Seq)> = BTreeMap::new();
    for seq in accepted {
        let row = select.query_row([seq.0], |row| Ok((source(row, 0)?, row.get(1)?, row.get::<_, i64>(2)?))).optional()?;
        // Of one that is not there any more nothing is asked.
        let Some((source, column, _)) = row.filter(|(_, _, before)| *before < seq.0) else { continue };
        let (first, last) = stretches.entry((source, lane(column)?)).or_insert((*seq, *seq));
        (*first, *last) = ((*first).min(*seq), (*last).max(*seq));
    }
    for ((source, lane), (first, last)) in stretches {
        took(db, sink, &source, lane, (Seq(first.0.saturating_sub(1)), last), at)?;
    }
    Ok(())
}

/// A sink reads a source no more.
pub(super) fn forget(db: &Connection, sink: &SinkName, source: &SourceName) -> Outcome<()> {
    Lane::ALL.into_iter().try_for_each(|lane| notes::remove(db, &key(sink, source, lane)))
}
