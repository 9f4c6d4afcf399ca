//! What channels know of alerts and conditions, and that there is something to tell.
//!
//! One row a channel and alert, or condition, however often that changed: a channel that is down gets what is so, not all that was, and
//! takes no more room for it.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    alerts::{form_column, get, packed, unpacked},
    conditions,
    fault::Outcome,
    names::{column, number, optional_instant, register},
};
use crate::{
    alert::{Alert, AlertId, State},
    condition::{Key, Spread},
    model::{ChannelName, Instant},
    notify::{Account, Audience, How, Ledger, Matter, Named, Notice, Route, Settled, Waiting},
};

pub(super) fn set(db: &Connection, audiences: &[Audience]) -> Outcome<()> {
    db.execute("DELETE FROM audiences", [])?;
    for audience in audiences {
        let source = register(db, &audience.source)?;
        db.execute(
            "INSERT INTO audiences (channel, source, route) VALUES (?1, ?2, ?3)",
            params![audience.channel.as_str(), source, packed(&audience.route)?],
        )?;
    }
    Ok(())
}

/// An alert changed: whoever is told of it, or was, may have to be told.
pub(super) fn mark(db: &Connection, alert: &Alert) -> Outcome<()> {
    let mut known = db.prepare_cached(
        "UPDATE notices SET revision = revision + 1, due = coalesce(due, ?2), ready = 0, refused = NULL WHERE alert = ?1",
    )?;
    known.execute(params![alert.id.0, column(alert.changed.0)])?;
    if matches!(alert.state, State::Closed(_)) {
        return Ok(());
    }
    let mut routes = db.prepare_cached("SELECT channel, route FROM audiences WHERE source = (SELECT source FROM alerts WHERE id = ?1)")?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO notices (channel, alert, revision, due) VALUES (?1, ?2, 0, ?3)")?;
    let mut rows = routes.query([alert.id.0])?;
    while let Some(row) = rows.next()? {
        let (channel, route): (String, Route) = (row.get(0)?, unpacked(&row.get::<_, String>(1)?)?);
        if route.takes(alert) {
            insert.execute(params![channel, alert.id.0, column(alert.changed.0)])?;
        }
    }
    Ok(())
}

pub(super) fn waiting(db: &Connection, channel: &ChannelName, now: Instant) -> Outcome<Waiting> {
    let (name, at) = (channel.as_str(), column(now.0));
    let mut next = db.prepare_cached(
        "SELECT alert, revision, told, condition FROM notices WHERE channel = ?1 AND due IS NOT NULL AND ready <= ?2
         ORDER BY ready, due, alert, condition LIMIT 1",
    )?;
    let row = next.query_row(params![name, at], |row| {
        Ok(Row { id: AlertId(row.get(0)?), revision: row.get(1)?, told: row.get(2)?, condition: row.get(3)? })
    });
    let next = match row.optional()? {
        None => None,
        Some(Row { id, revision, told, condition }) => {
            let told = told.map(|told| unpacked(&told)).transpose()?;
            let matter = if condition.is_empty() {
                let alert = get(db, id)?;
                let shared = shared(db, &alert)?;
                Matter::Alert { alert: Box::new(alert), shared }
            } else {
                Matter::Condition(Box::new(conditions::find_one(db, &Key::stored(condition))?))
            };
            Some(Notice { matter, told, revision })
        }
    };
    let mut times = db.prepare_cached(
        "SELECT min(CASE WHEN ready > ?2 THEN ready END), min(CASE WHEN told IS NULL THEN due END)
         FROM notices WHERE channel = ?1 AND due IS NOT NULL",
    )?;
    let (wake, oldest) = times.query_row(params![name, at], |row| Ok((optional_instant(row, 0)?, optional_instant(row, 1)?)))?;
    Ok(Waiting { next, wake, oldest, ledger: ledger(db, channel)? })
}

/// A row of something to tell.
struct Row {
    id: AlertId,
    revision: i64,
    told: Option<String>,
    condition: String,
}

/// A condition begins again. Who heard of its end, or never of it, and is not to be told now has nothing to do with it; who waits for
/// the end of what it heard of goes on.
pub(super) fn begin_condition(db: &Connection, key: &Key, channels: &[ChannelName]) -> Outcome<()> {
    let channels = packed(&channels)?;
    let mut delete = db.prepare_cached(
        "DELETE FROM notices WHERE alert = 0 AND condition = ?1 AND channel NOT IN (SELECT value FROM json_each(?2))
                              AND coalesce(json_extract(told, '$.phase'), 'closed') = 'closed'",
    )?;
    delete.execute(params![key.as_str(), channels])?;
    Ok(())
}

/// A condition changed: those channels are to be told, and whoever was before.
pub(super) fn mark_condition(db: &Connection, key: &Key, channels: &[ChannelName], at: Instant) -> Outcome<()> {
    let mut known = db.prepare_cached(
        "UPDATE notices SET revision = revision + 1, due = coalesce(due, ?2), ready = 0, refused = NULL WHERE alert = 0 AND condition = ?1",
    )?;
    known.execute(params![key.as_str(), column(at.0)])?;
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO notices (channel, alert, condition, revision, due) VALUES (?1, 0, ?2, 0, ?3)")?;
    for channel in channels {
        insert.execute(params![channel.as_str(), key.as_str(), column(at.0)])?;
    }
    Ok(())
}

/// What one channel fails to tell, another one is to tell.
pub(super) fn spread(db: &Connection, spread: &Spread, at: Instant) -> Outcome<()> {
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO notices (channel, alert, condition, revision, due)
         SELECT ?3, 0, condition, 0, ?4 FROM notices WHERE channel = ?1 AND alert = 0 AND condition = ?2 AND due IS NOT NULL",
    )?;
    insert.execute(params![spread.from.as_str(), spread.key.as_str(), spread.to.as_str(), column(at.0)])?;
    Ok(())
}

/// Whether another open alert has the same fingerprint.
fn shared(db: &Connection, alert: &Alert) -> Outcome<bool> {
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM alerts WHERE source = (SELECT source FROM alerts WHERE id = ?1) AND policy = ?2 AND key = ?3
                        AND form = ?4 AND state <> 2 AND id <> ?1)",
    )?;
    Ok(statement.query_row(params![alert.id.0, alert.policy, alert.key, form_column(&alert.form)], |row| row.get(0))?)
}

fn ledger(db: &Connection, channel: &ChannelName) -> Outcome<Ledger> {
    let mut statement = db.prepare_cached("SELECT body FROM ledgers WHERE channel = ?1")?;
    let body: Option<String> = statement.query_row([channel.as_str()], |row| row.get(0)).optional()?;
    body.map_or_else(|| Ok(Ledger::default()), |body| unpacked(&body))
}

fn put(db: &Connection, channel: &ChannelName, ledger: &Ledger) -> Outcome<()> {
    let mut upsert =
        db.prepare_cached("INSERT INTO ledgers (channel, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body")?;
    upsert.execute(params![channel.as_str(), packed(ledger)?])?;
    Ok(())
}

pub(super) fn settle(db: &Connection, channel: &ChannelName, settled: Option<&Settled>, ledger: &Ledger) -> Outcome<()> {
    put(db, channel, ledger)?;
    let Some(Settled { named, revision, how }) = settled else { return Ok(()) };
    let name = channel.as_str();
    let (alert, condition) = match named {
        Named::Alert(id) => (id.0, ""),
        Named::Condition(key) => (0, key.as_str()),
    };
    match how {
        How::Told(told) => {
            let mut update = db.prepare_cached(
                "UPDATE notices SET told = ?4, ready = 0, due = CASE WHEN revision = ?3 THEN NULL ELSE due END
                 WHERE channel = ?1 AND alert = ?2 AND condition = ?5",
            )?;
            update.execute(params![name, alert, revision, packed(told)?, condition])?;
        }
        How::Dropped => {
            let mut update = db.prepare_cached(
                "UPDATE notices SET due = NULL, ready = 0 WHERE channel = ?1 AND alert = ?2 AND condition = ?4 AND revision = ?3",
            )?;
            update.execute(params![name, alert, revision, condition])?;
            let mut delete = db.prepare_cached(
                "DELETE FROM notices WHERE channel = ?1 AND alert = ?2 AND condition = ?3 AND due IS NULL AND told IS NULL AND refused IS NULL",
            )?;
            delete.execute(params![name, alert, condition])?;
        }
        How::Later(at) => {
            let mut update =
                db.prepare_cached("UPDATE notices SET ready = ?4 WHERE channel = ?1 AND alert = ?2 AND condition = ?5 AND revision = ?3")?;
            update.execute(params![name, alert, revision, column(at.0), condition])?;
        }
        How::Refused(reason) => {
            let mut update = db.prepare_cached(
                "UPDATE notices SET due = NULL, ready = 0, refused = ?4 WHERE channel = ?1 AND alert = ?2 AND condition = ?5 AND revision = ?3",
            )?;
            update.execute(params![name, alert, revision, reason, condition])?;
        }
    }
    Ok(())
}

pub(super) fn lapse(db: &Connection, channel: &ChannelName, before: Instant) -> Outcome<()> {
    let name = channel.as_str();
    let key = params![name, column(before.0)];
    let mut oldest = db.prepare_cached("SELECT min(due) FROM notices WHERE channel = ?1 AND told IS NULL AND due < ?2")?;
    let Some(since) = oldest.query_row(key, |row| optional_instant(row, 0))? else { return Ok(()) };
    let gone =
        db.prepare_cached("UPDATE notices SET due = NULL, ready = 0 WHERE channel = ?1 AND told IS NULL AND due < ?2")?.execute(key)?;
    // What is left of one that the channel does not know says nothing.
    db.prepare_cached("DELETE FROM notices WHERE channel = ?1 AND due IS NULL AND told IS NULL AND refused IS NULL")?.execute([name])?;
    let mut ledger = ledger(db, channel)?;
    ledger.lapse(u64::try_from(gone).unwrap_or_default(), since);
    put(db, channel, &ledger)
}

pub(super) fn account(db: &Connection, channel: &ChannelName, now: Instant) -> Outcome<Account> {
    let mut statement = db.prepare_cached(
        "SELECT count(*) FILTER (WHERE due IS NOT NULL AND ready <= ?2), count(*) FILTER (WHERE due IS NOT NULL AND ready > ?2),
                count(*) FILTER (WHERE refused IS NOT NULL)
         FROM notices WHERE channel = ?1",
    )?;
    let ledger = ledger(db, channel)?;
    Ok(statement.query_row(params![channel.as_str(), column(now.0)], |row| {
        Ok(Account { ledger, waiting: number(row, 0)?, held: number(row, 1)?, refused: number(row, 2)? })
    })?)
}
