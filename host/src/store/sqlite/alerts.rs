//! Alerts and their history.

use std::cmp::Reverse;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    fault::{Outcome, conflict, damaged},
    names::{column, instant, number},
    schema,
};
use crate::alert::{Alert, AlertId, AlertQuery, Entry, Form, Severity, State, Wanted, place};

pub(super) fn form_column(form: &Form) -> i64 {
    match form {
        Form::Single => 0,
        Form::Limit => 1,
        Form::Incident(_) => 2,
    }
}

fn state_column(state: &State) -> i64 {
    match state {
        State::Open => 0,
        State::InProgress { .. } => 1,
        State::Closed(_) => 2,
    }
}

/// A value as it lies in a column.
pub(super) fn packed<T: Serialize>(value: &T) -> Outcome<String> {
    serde_json::to_string(value).map_err(|why| conflict(format!("failed to store what was found: {why}")))
}

/// A value out of a column.
pub(super) fn unpacked<T: DeserializeOwned>(text: &str) -> Outcome<T> {
    serde_json::from_str(text).map_err(|why| damaged(format!("the store holds something that is no part of an alert ({why})")))
}

/// Stores a new alert. Its number.
pub(super) fn add(db: &Connection, source: i64, alert: &Alert) -> Outcome<AlertId> {
    let mut insert = db.prepare_cached(
        "INSERT INTO alerts (source, policy, key, form, state, who, raised, last_seen, changed, incident, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    insert.execute(params![
        source,
        alert.policy,
        alert.key,
        form_column(&alert.form),
        state_column(&alert.state),
        alert.story.who.searchable(),
        column(alert.raised.0),
        column(alert.last_seen.0),
        column(alert.changed.0),
        alert.incident.map(|incident| incident.0),
        packed(alert)?,
    ])?;
    let id = AlertId(db.last_insert_rowid());
    places(db, id, alert)?;
    Ok(id)
}

/// Stores what changed.
pub(super) fn put(db: &Connection, alert: &Alert) -> Outcome<()> {
    let mut update =
        db.prepare_cached("UPDATE alerts SET state = ?2, who = ?3, last_seen = ?4, changed = ?5, incident = ?6, body = ?7 WHERE id = ?1")?;
    update.execute(params![
        alert.id.0,
        state_column(&alert.state),
        alert.story.who.searchable(),
        column(alert.last_seen.0),
        column(alert.changed.0),
        alert.incident.map(|incident| incident.0),
        packed(alert)?,
    ])?;
    places(db, alert.id, alert)
}

/// Where it came from, for finding what comes from the same place.
fn places(db: &Connection, id: AlertId, alert: &Alert) -> Outcome<()> {
    if alert.form != Form::Single {
        return Ok(());
    }
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO alert_places (source, place, alert) SELECT source, ?2, id FROM alerts WHERE id = ?1")?;
    for address in &alert.story.addresses {
        insert.execute(params![id.0, place(address)])?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn alert((id, body): (i64, String)) -> Outcome<Alert> {
    Ok(Alert { id: AlertId(id), ..unpacked(&body)? })
}

pub(super) fn find(db: &Connection, id: AlertId) -> Outcome<Option<Alert>> {
    db.prepare_cached("SELECT id, body FROM alerts WHERE id = ?1")?.query_row([id.0], read).optional()?.map(alert).transpose()
}

/// One that is known to be there.
pub(super) fn get(db: &Connection, id: AlertId) -> Outcome<Alert> {
    find(db, id)?.ok_or_else(|| conflict(format!("there is no alert {id}: `miro-source alerts list --state all` shows what there is")))
}

/// The latest alert with a fingerprint, whatever its state.
pub(super) fn same(db: &Connection, source: i64, policy: &str, key: &str, form: &Form) -> Outcome<Option<AlertId>> {
    let mut statement = db.prepare_cached("SELECT max(id) FROM alerts WHERE source = ?1 AND policy = ?2 AND key = ?3 AND form = ?4")?;
    Ok(statement.query_row(params![source, policy, key, form_column(form)], |row| row.get::<_, Option<i64>>(0))?.map(AlertId))
}

pub(super) fn list(db: &Connection, query: &AlertQuery) -> Outcome<Vec<Alert>> {
    let wanted = match query.wanted {
        Wanted::Unresolved => "state <> 2 AND incident IS NULL",
        Wanted::Open => "state = 0 AND incident IS NULL",
        Wanted::InProgress => "state = 1 AND incident IS NULL",
        Wanted::Closed => "state = 2 AND incident IS NULL",
        Wanted::All => "TRUE",
    };
    let mut statement = db.prepare(&format!(
        "SELECT id, body FROM alerts
         WHERE {wanted} AND (?1 IS NULL OR policy = ?1) AND (?2 IS NULL OR instr(who, ?2)) AND (?3 IS NULL OR last_seen >= ?3)
           AND (?4 IS NULL OR incident = ?4)
           AND (?6 IS NULL OR EXISTS (SELECT 1 FROM json_each(body, '$.story.addresses') AS each WHERE each.value = ?6))
         ORDER BY last_seen DESC, id DESC LIMIT ?5"
    ))?;
    let key = params![
        query.policy,
        query.user.as_ref().map(|user| user.to_lowercase()),
        query.since.map(|since| column(since.0)),
        query.incident.map(|incident| incident.0),
        column(query.most),
        query.address,
    ];
    let rows = statement.query_map(key, read)?;
    rows.map(|row| alert(row?)).collect()
}

/// How many are not closed and stand by themselves, of each severity. None in a store from before there were any.
pub(super) fn unresolved(db: &Connection) -> Outcome<Vec<(Severity, u64)>> {
    let mut statement = match db.prepare_cached(
        "SELECT json_extract(body, '$.story.severity'), count(*) FROM alerts WHERE state IN (0, 1) AND incident IS NULL GROUP BY 1",
    ) {
        Err(_) if schema::is_older(db)? => return Ok(Vec::new()),
        prepared => prepared?,
    };
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, number(row, 1)?)))?;
    let each = rows.map(|row| row.map_err(Into::into).and_then(|(severity, count)| Ok((unpacked(&format!("\"{severity}\""))?, count))));
    let mut found = each.collect::<Outcome<Vec<(Severity, u64)>>>()?;
    found.sort_by_key(|(severity, _)| Reverse(*severity));
    Ok(found)
}

/// Writes a line of the history of an alert.
pub(super) fn note(db: &Connection, id: AlertId, entry: &Entry) -> Outcome<()> {
    db.prepare_cached("INSERT INTO alert_history (alert, at, who, change) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        id.0,
        column(entry.at.0),
        entry.who,
        packed(&entry.change)?
    ])?;
    Ok(())
}

pub(super) fn history(db: &Connection, id: AlertId) -> Outcome<Vec<Entry>> {
    let mut statement = db.prepare_cached("SELECT at, who, change FROM alert_history WHERE alert = ?1 ORDER BY id")?;
    let mut rows = statement.query([id.0])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(Entry { at: instant(row, 0)?, who: row.get(1)?, change: unpacked(&row.get::<_, String>(2)?)? });
    }
    Ok(entries)
}
