//! What there is when a finding comes.

use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

use super::{
    alerts::form_column,
    fault::Outcome,
    names::{column, instant, number},
    suppressions,
};
use crate::{
    alert::{AlertId, Cause, Crowd, Form, Found, Known, Situation, Story, midnight, place},
    enrich::FeedChange,
    model::Instant,
};

/// Addresses of one finding that are looked at.
const ADDRESSES: usize = 8;
/// Alerts of one crowd that are looked at.
const CROWD: i64 = 100;

pub(super) fn of(db: &Connection, source: i64, found: &Found, at: Instant) -> Outcome<Situation> {
    let Story { addresses, changes, .. } = &found.story;
    let feeds = changes.iter().cloned().map(Cause::Feed);
    let places = addresses.iter().take(ADDRESSES).map(|address| Cause::Place(place(address)));
    let causes = feeds.chain(places).chain([Cause::Policy(found.policy.clone())]);
    let mut crowds = causes.map(|cause| crowd(db, source, cause, at)).collect::<Outcome<Vec<_>>>()?;
    // A feed before everything else; of the others, what is open already comes first.
    crowds.sort_by_key(|crowd| !matches!(crowd.cause, Cause::Feed(_)) && crowd.incident.is_none());
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
    let since = column(at.minus(cause.within()).0);
    let alerts = match &cause {
        Cause::Policy(policy) => those(
            db,
            "SELECT id FROM alerts WHERE source = ?1 AND policy = ?2 AND form = 0 AND raised > ?3 AND incident IS NULL AND state <> 2
             ORDER BY id LIMIT ?4",
            params![source, policy, since, CROWD],
        )?,
        Cause::Place(place) => those(
            db,
            "SELECT id FROM alert_places JOIN alerts ON id = alert
             WHERE alert_places.source = ?1 AND place = ?2 AND raised > ?3 AND form = 0 AND incident IS NULL AND state <> 2
             ORDER BY id LIMIT ?4",
            params![source, place, since, CROWD],
        )?,
        // Few are unresolved, and few findings ask.
        Cause::Feed(FeedChange { feed, at }) => those(
            db,
            "SELECT id FROM alerts
             WHERE source = ?1 AND state IN (0, 1) AND last_seen >= ?3 AND raised >= ?3 AND form = 0
               AND NOT EXISTS (SELECT 1 FROM alerts AS holding WHERE holding.id = alerts.incident AND holding.policy = ?5)
               AND EXISTS (SELECT 1 FROM json_each(body, '$.story.changes') AS each
                           WHERE json_extract(each.value, '$.feed') = ?2 AND json_extract(each.value, '$.at') = ?3)
             ORDER BY id LIMIT ?4",
            params![source, feed, column(at.0), CROWD, cause.policy()],
        )?,
    };
    let incident = open(db, source, cause.policy(), &cause.key(), &Form::Incident(cause.clone()))?;
    Ok(Crowd { cause, incident, alerts })
}

/// Open alerts.
fn those(db: &Connection, sql: &str, key: &[&dyn ToSql]) -> Outcome<Vec<AlertId>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(key, |row| row.get(0).map(AlertId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
