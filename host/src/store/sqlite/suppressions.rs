//! Which policy is quiet about whom, and until when.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    fault::Outcome,
    names::{column, instant, number, optional_instant, source},
};
use crate::{
    alert::{Alert, AlertId, Found, Suppression, SuppressionId},
    model::Instant,
};

/// Begins one for the user of an alert; `None` where there is nobody to suppress.
pub(super) fn add(db: &Connection, alert: &Alert, who: &str, since: Instant, until: Instant) -> Outcome<Option<SuppressionId>> {
    let Some(mark) = alert.mark() else { return Ok(None) };
    let mut insert = db.prepare_cached(
        "INSERT INTO suppressions (source, policy, mark, user, alert, who, since, until)
         SELECT source, policy, ?2, ?6, id, ?3, ?4, ?5 FROM alerts WHERE id = ?1",
    )?;
    insert.execute(params![alert.id.0, mark, who, column(since.0), column(until.0), alert.story.who.shown()])?;
    Ok(Some(SuppressionId(db.last_insert_rowid())))
}

/// One that keeps this finding quiet.
pub(super) fn holding(db: &Connection, source: i64, found: &Found, at: Instant) -> Outcome<Option<SuppressionId>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM suppressions
         WHERE source = ?1 AND policy = ?2 AND mark IN (?3, ?4) AND lifted IS NULL AND until > ?5 ORDER BY until DESC LIMIT 1",
    )?;
    let (user, key) = (found.story.who.mark(), format!("key:{}", found.key));
    let row = statement.query_row(params![source, found.policy, user, key, column(at.0)], |row| row.get(0).map(SuppressionId));
    Ok(row.optional()?)
}

/// It kept something quiet.
pub(super) fn count(db: &Connection, id: SuppressionId, at: Instant) -> Outcome<()> {
    db.prepare_cached("UPDATE suppressions SET count = count + 1, latest = ?2 WHERE id = ?1")?.execute([id.0, column(at.0)])?;
    Ok(())
}

/// Ends those in force that an alert began. How many.
pub(super) fn lift_of(db: &Connection, alert: AlertId, at: Instant) -> Outcome<usize> {
    let mut update = db.prepare_cached("UPDATE suppressions SET lifted = ?2 WHERE alert = ?1 AND lifted IS NULL AND until > ?2")?;
    Ok(update.execute([alert.0, column(at.0)])?)
}

pub(super) fn list(db: &Connection) -> Outcome<Vec<Suppression>> {
    let mut statement = db.prepare_cached(
        "SELECT suppressions.id, name, policy, mark, alert, who, since, until, lifted, count, latest, user
         FROM suppressions JOIN sources ON sources.id = source ORDER BY suppressions.id DESC",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Suppression {
            id: SuppressionId(row.get(0)?),
            source: source(row, 1)?,
            policy: row.get(2)?,
            mark: row.get(3)?,
            user: row.get(11)?,
            alert: AlertId(row.get(4)?),
            who: row.get(5)?,
            since: instant(row, 6)?,
            until: instant(row, 7)?,
            lifted: optional_instant(row, 8)?,
            count: number(row, 9)?,
            latest: optional_instant(row, 10)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
