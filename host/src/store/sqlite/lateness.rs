//! How late the late events came.

use std::time::Duration;

use audit_pipeline::types::Event;
use rusqlite::{Connection, params};

use super::{
    fault::Outcome,
    names::{column, instant, number},
};
use crate::{
    model::{Instant, Seq, SourceName},
    store::{Delay, Lateness},
};

/// Writes down the delays of events whose places follow `before`.
pub(super) fn record(db: &Connection, source: i64, received: Instant, before: i64, events: &[&Event]) -> Outcome<()> {
    let mut insert = db.prepare_cached("INSERT OR REPLACE INTO late (source, received, seq, delay) VALUES (?1, ?2, ?3, ?4)")?;
    for (seq, event) in (before.saturating_add(1)..).zip(events) {
        insert.execute(params![source, column(received.0), seq, column(received.0.saturating_sub(event.time))])?;
    }
    Ok(())
}

/// Asks the primary key for what came after one row: what came before it costs nothing.
pub(super) const AFTER: &str = "SELECT received, seq, delay FROM late
     WHERE source = (SELECT id FROM sources WHERE name = ?1) AND (received, seq) > (?2, ?3) ORDER BY received, seq LIMIT ?4";

pub(super) fn after(db: &Connection, source: &SourceName, after: &Delay, most: usize) -> Outcome<Vec<Delay>> {
    let mut statement = db.prepare_cached(AFTER)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![source.as_str(), column(after.received.0), after.seq.0, most], |row| {
        Ok(Delay { received: instant(row, 0)?, seq: Seq(row.get(1)?), delay: Duration::from_millis(number(row, 2)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn measure(db: &Connection, source: &SourceName, since: Instant) -> Outcome<Lateness> {
    let mut statement = db.prepare_cached(
        "SELECT delay FROM late WHERE source = (SELECT id FROM sources WHERE name = ?1) AND received >= ?2 ORDER BY delay",
    )?;
    let delays = statement.query_map(params![source.as_str(), column(since.0)], |row| number(row, 0))?.collect::<Result<Vec<_>, _>>()?;
    // Nearest rank.
    let percentile = |percent: usize| {
        let rank = (delays.len() * percent).div_ceil(100);
        delays.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    };
    Ok(Lateness {
        events: u64::try_from(delays.len()).unwrap_or(u64::MAX),
        median: percentile(50),
        p99: percentile(99),
        max: delays.last().copied().unwrap_or_default(),
    })
}
