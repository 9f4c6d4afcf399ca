//! What there is when a finding comes.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    alerts::form_column,
    fault::Outcome,
    names::{column, instant, number},
    suppressions,
};
use crate::{
    alert::{AlertId, Cause, Crowd, Form, Found, Known, Situation, midnight, place},
    model::Instant,
};

/// Addresses of one finding that are looked at.
const ADDRESSES: usize = 8;
/// Alerts of one crowd that are looked at.
const CROWD: i64 = 100;

pub(super) fn of(db: &Connection, source: i64, found: &Found, at: Instant) -> Outcome<Situation> {
    let mut crowds = vec![crowd(db, source, Cause::Policy(found.policy.clone()), at)?];
    for address in found.story.addresses.iter().take(ADDRESSES) {
        crowds.push(crowd(db, source, Cause::Place(place(address)), at)?);
    }
    // What is open already comes first.
    crowds.sort_by_key(|crowd| crowd.incident.is_none());
    let today = db
        .prepare_cached("SELECT count(*) FROM alerts WHERE source = ?1 AND policy = ?2 AND form = 0 AND raised >= ?3")?
        .query_row(params![source, found.policy, column(midnight(at).0)], |row| number(row, 0))?;
    Ok(Situation {
        suppression: suppressions::holding(db, source, found, at)?,
        same: open(db, source, &found.policy, &found.key, &Form::Single)?,
        today,
        crowds,
    })
}

/// The latest open alert with a fingerprint.
fn open(db: &Connection, source: i64, policy: &str, key: &str, form: &Form) -> Outcome<Option<Known>> {
    let mut statement = db.prepare_cached(
        "SELECT id, last_seen FROM alerts WHERE source = ?1 AND policy = ?2 AND key = ?3 AND form = ?4 AND state <> 2
         ORDER BY last_seen DESC LIMIT 1",
    )?;
    let row = statement.query_row(params![source, policy, key, form_column(form)], |row| {
        Ok(Known { id: AlertId(row.get(0)?), last_seen: instant(row, 1)? })
    });
    Ok(row.optional()?)
}

fn crowd(db: &Connection, source: i64, cause: Cause, at: Instant) -> Outcome<Crowd> {
    let sql = match cause {
        Cause::Policy(_) => {
            "SELECT id FROM alerts WHERE source = ?1 AND policy = ?2 AND form = 0 AND raised > ?3 AND incident IS NULL AND state <> 2
             ORDER BY id LIMIT ?4"
        }
        Cause::Place(_) => {
            "SELECT id FROM alert_places JOIN alerts ON id = alert
             WHERE alert_places.source = ?1 AND place = ?2 AND raised > ?3 AND form = 0 AND incident IS NULL AND state <> 2
             ORDER BY id LIMIT ?4"
        }
    };
    let (Cause::Policy(shared) | Cause::Place(shared)) = &cause;
    let since = column(at.minus(cause.within()).0);
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![source, shared, since, CROWD], |row| row.get(0).map(AlertId))?;
    let alerts = rows.collect::<Result<_, _>>()?;
    let incident = open(db, source, cause.policy(), &cause.key(), &Form::Incident(cause.clone()))?;
    Ok(Crowd { cause, incident, alerts })
}
