//! Lines about alerts, responses and health on their way to sinks, written with the change that they tell of.
//!
//! A line that says an alert changed takes the place of an older one that has not left yet: a sink that is down for a day
//! gets what is so, not all that was.

use rusqlite::{Connection, params};

use super::{
    alerts::{packed, unpacked},
    fault::Outcome,
    names::{number, register, source},
    notes, notices,
};
use crate::{
    alert::{Activity, Alert, AlertFormat, AlertId, Dispatch, Outlet, render},
    model::{SinkName, SourceName},
    neutral,
    respond::{Record, ocsf},
    store::Outbox,
};

pub(super) fn set(db: &Connection, outlets: &[Outlet]) -> Outcome<()> {
    db.execute("DELETE FROM outlets", [])?;
    for outlet in outlets {
        let source = register(db, &outlet.source)?;
        db.execute(
            "INSERT INTO outlets (sink, source, format) VALUES (?1, ?2, ?3)",
            params![outlet.sink.as_str(), source, packed(&outlet.format)?],
        )?;
    }
    Ok(())
}

/// Tells every outlet and channel of an alert's source. An alert that an incident held from the beginning is told of by that
/// alone; of one that was told of before, only its end is.
pub(super) fn tell(db: &Connection, alert: &mut Alert, activity: Activity) -> Outcome<()> {
    match (activity, alert.announced, alert.incident) {
        (Activity::Create, _, None) => alert.announced = Some(alert.changed),
        (Activity::Update, Some(_), None) | (Activity::Close, Some(_), _) => {}
        _ => return Ok(()),
    }
    let mut statement =
        db.prepare_cached("SELECT sink, source, format FROM outlets WHERE source = (SELECT source FROM alerts WHERE id = ?1)")?;
    let mut replace = db.prepare_cached("DELETE FROM alert_outbox WHERE alert = ?1 AND sink = ?2 AND activity = ?3 AND refused IS NULL")?;
    let mut insert =
        db.prepare_cached("INSERT INTO alert_outbox (sink, source, alert, activity, policy, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut rows = statement.query([alert.id.0])?;
    let kind = packed(&activity)?;
    while let Some(row) = rows.next()? {
        let (sink, source, format): (String, i64, AlertFormat) = (row.get(0)?, row.get(1)?, unpacked(&row.get::<_, String>(2)?)?);
        if activity == Activity::Update {
            replace.execute(params![alert.id.0, sink, kind])?;
        }
        insert.execute(params![sink, source, alert.id.0, kind, alert.policy, render(alert, activity, format)])?;
    }
    notices::mark(db, alert)
}

/// Whose business a record of the governance log is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose<'a> {
    /// That of whoever gets the alerts of this source.
    Source(&'a SourceName),
    /// That of whoever gets those of every source: it may name any of them, and who looks after it.
    Host,
    /// That of everybody who gets any: nothing acts for anybody.
    Everybody,
}

/// Tells each sink whose business it is, once, what the governance log says. A record is never replaced by a later one: all of them
/// together are the log. A sink that gets the alerts of some sources only has a log with holes.
pub(super) fn record(db: &Connection, whose: Whose<'_>, alert: Option<AlertId>, record: &Record) -> Outcome<()> {
    let (source, all) = match whose {
        Whose::Source(source) => (Some(source.as_str()), None),
        Whose::Host => (None, Some(every(db)?)),
        Whose::Everybody => (None, None),
    };
    let mut outlets = db.prepare_cached(
        "SELECT sink, min(source), format FROM outlets WHERE ?1 IS NULL OR source = (SELECT id FROM sources WHERE name = ?1)
         GROUP BY sink HAVING ?2 IS NULL OR count(DISTINCT source) >= ?2",
    )?;
    let mut insert = db.prepare_cached(
        "INSERT INTO alert_outbox (sink, source, alert, activity, policy, body) VALUES (?1, ?2, ?3, 'governance', 'governance', ?4)",
    )?;
    let alert = alert.map_or(0, |alert| alert.0);
    let mut rows = outlets.query(params![source, all])?;
    while let Some(row) = rows.next()? {
        let (sink, source): (String, i64) = (row.get(0)?, row.get(1)?);
        let line = match unpacked(&row.get::<_, String>(2)?)? {
            AlertFormat::Ocsf => ocsf(record).to_string(),
            // There is no such thing in CEF: the line itself.
            AlertFormat::Cef => record.line(),
        };
        insert.execute(params![sink, source, alert, neutral::json(&line)])?;
    }
    Ok(())
}

/// How many sources a sink gets the alerts of that gets those of every one.
fn every(db: &Connection) -> Outcome<i64> {
    let noted = notes::list(db, Outlet::SOURCES)?
        .into_iter()
        .find(|(key, _)| key == Outlet::SOURCES)
        .and_then(|(_, count)| count.parse::<i64>().ok());
    let heard: i64 = db.query_row("SELECT count(DISTINCT source) FROM outlets", [], |row| row.get(0))?;
    Ok(noted.unwrap_or_default().max(heard))
}

/// Those for a sink: of some sources, or of all.
pub(super) fn next(
    db: &Connection,
    (sink, of): (&SinkName, Option<&[SourceName]>),
    behind: i64,
    lines: usize,
    bytes: usize,
) -> Outcome<Vec<Dispatch>> {
    let mut statement = db.prepare_cached(
        "SELECT alert_outbox.id, name, policy, body FROM alert_outbox JOIN sources ON sources.id = source
         WHERE sink = ?1 AND alert_outbox.id > ?2 AND refused IS NULL ORDER BY alert_outbox.id",
    )?;
    let mut rows = statement.query(params![sink.as_str(), behind])?;
    let mut found: Vec<Dispatch> = Vec::new();
    let mut size = 0_usize;
    while let Some(row) = rows.next()? {
        let source = source(row, 1)?;
        if of.is_some_and(|of| !of.contains(&source)) {
            continue;
        }
        let next = Dispatch { id: row.get(0)?, source, policy: row.get(2)?, body: row.get(3)? };
        size = size.saturating_add(next.body.len() + 1);
        let fits = found.len() < lines && size <= bytes && found.first().is_none_or(|first| first.source == next.source);
        if !fits && !found.is_empty() {
            break;
        }
        found.push(next);
    }
    Ok(found)
}

pub(super) fn size(db: &Connection, sink: &SinkName) -> Outcome<Outbox> {
    let mut statement = db.prepare_cached(
        "SELECT count(*) FILTER (WHERE refused IS NULL), count(*) FILTER (WHERE refused IS NOT NULL) FROM alert_outbox WHERE sink = ?1",
    )?;
    Ok(statement.query_row([sink.as_str()], |row| Ok(Outbox { waiting: number(row, 0)?, refused: number(row, 1)? }))?)
}

pub(super) fn remove(db: &Connection, ids: &[i64]) -> Outcome<()> {
    let mut delete = db.prepare_cached("DELETE FROM alert_outbox WHERE id = ?1")?;
    for id in ids {
        delete.execute([id])?;
    }
    Ok(())
}

pub(super) fn refuse(db: &Connection, id: i64, reason: &str) -> Outcome<()> {
    db.execute("UPDATE alert_outbox SET refused = ?2 WHERE id = ?1", params![id, reason])?;
    Ok(())
}

/// Lines that a sink refused go again, those of one or of all. Returns how many.
pub(super) fn retry(db: &Connection, sink: Option<&SinkName>) -> Outcome<u64> {
    let mut statement =
        db.prepare_cached("UPDATE alert_outbox SET refused = NULL WHERE refused IS NOT NULL AND (?1 IS NULL OR sink = ?1)")?;
    let released = statement.execute([sink.map(SinkName::as_str)])?;
    Ok(u64::try_from(released).unwrap_or(u64::MAX))
}
