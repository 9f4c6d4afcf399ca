//! Conditions, open and over, and the lines about them on their way to sinks.

use rusqlite::{Connection, params};

use super::{
    SqliteStore,
    alerts::{packed, unpacked},
    fault::Outcome,
    names::{column, find, instant, lane_column, register},
    notes, notices, outbox,
};
use crate::{
    alert::Activity,
    condition::{Change, HealthLine, Key, Known, Turn, Urgency},
    model::{Instant, Lane, SinkName, SourceName},
    store::{Conditions, Outbox, Result},
};

/// Changes of the state of one source that wait for a sink: older ones are forgotten.
const STATES: i64 = 100;
const MINUTE: u64 = 60_000;

impl Conditions for SqliteStore {
    fn conditions(&self) -> Result<Vec<Known>> {
        self.read_with("list conditions", list)
    }

    fn turn_conditions(&self, change: &Change, at: Instant) -> Result<()> {
        self.write_with("note what holds", |db| turn(db, change, at))
    }

    fn proclaim(&self, key: &str, value: &str, lines: &[HealthLine]) -> Result<()> {
        self.write_with("store a note", |db| {
            notes::put(db, key, value)?;
            tell(db, lines)
        })
    }

    fn outbox_size(&self, sink: &SinkName) -> Result<Outbox> {
        self.read_with("count lines about alerts", |db| outbox::size(db, sink))
    }

    fn arrivals(&self, source: &SourceName, since: Instant) -> Result<Vec<Instant>> {
        self.read_with("list when events came", |db| arrivals(db, source, since))
    }
}

fn list(db: &Connection) -> Outcome<Vec<Known>> {
    let mut statement = db.prepare_cached("SELECT body FROM conditions ORDER BY ended IS NOT NULL, key")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(unpacked(&row.get::<_, String>(0)?)?);
    }
    Ok(found)
}

pub(super) fn find_one(db: &Connection, key: &Key) -> Outcome<Known> {
    let body: String = db.prepare_cached("SELECT body FROM conditions WHERE key = ?1")?.query_row([key.as_str()], |row| row.get(0))?;
    unpacked(&body)
}

fn turn(db: &Connection, change: &Change, at: Instant) -> Outcome<()> {
    for Turn { known, news, channels, lines } in &change.turns {
        let (key, ended) = (known.condition.key(), known.ended.map(|ended| column(ended.0)));
        let mut upsert = db.prepare_cached(
            "INSERT INTO conditions (key, ended, body) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET ended = excluded.ended, body = excluded.body",
        )?;
        upsert.execute(params![key.as_str(), ended, packed(known)?])?;
        if *news == Some(Activity::Create) {
            notices::begin_condition(db, &key, channels)?;
        }
        if news.is_some() {
            notices::mark_condition(db, &key, channels, at)?;
        }
        tell(db, lines)?;
    }
    for spread in &change.spread {
        notices::spread(db, spread, at)?;
    }
    tell(db, &change.lines)?;
    change.notes.iter().try_for_each(|(key, value)| notes::put(db, key, value))
}

/// Puts lines on their way.
fn tell(db: &Connection, lines: &[HealthLine]) -> Outcome<()> {
    let mut insert =
        db.prepare_cached("INSERT INTO alert_outbox (sink, source, alert, activity, policy, body) VALUES (?1, ?2, 0, ?3, 'health', ?4)")?;
    let mut replace = db.prepare_cached(
        "DELETE FROM alert_outbox WHERE sink = ?1 AND source = ?2 AND activity = ?3 AND refused IS NULL AND id NOT IN
            (SELECT id FROM alert_outbox WHERE sink = ?1 AND source = ?2 AND activity = ?3 AND refused IS NULL ORDER BY id DESC LIMIT ?4)",
    )?;
    for line in lines {
        let (sink, source, activity) = (line.sink.as_str(), register(db, &line.source)?, line.urgency.as_str());
        insert.execute(params![sink, source, activity, line.body])?;
        let most = match line.urgency {
            Urgency::Change => continue,
            Urgency::State => STATES,
            Urgency::Heartbeat => 1,
        };
        replace.execute(params![sink, source, activity, most])?;
    }
    Ok(())
}

fn arrivals(db: &Connection, source: &SourceName, since: Instant) -> Outcome<Vec<Instant>> {
    let Some(source) = find(db, source)? else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT received / ?4 * ?4 FROM chunks WHERE source = ?1 AND lane IN (?2, ?3) AND received > ?5 ORDER BY 1",
    )?;
    let after = column(since.0.saturating_add(MINUTE - 1));
    let (live, late) = (lane_column(Lane::Live), lane_column(Lane::Late));
    let rows = statement.query_map(params![source, live, late, column(MINUTE), after], |row| instant(row, 0))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
