//! What is to be done where a policy finds something.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    alerts::{packed, unpacked},
    fault::Outcome,
    names::{column, instant, register},
};
use crate::{model::Instant, respond::Reaction};

pub(super) fn set(db: &Connection, reactions: &[Reaction], at: Instant) -> Outcome<()> {
    let mut known =
        db.prepare_cached("SELECT since FROM reactions WHERE source = ?1 AND responder = ?2 AND action = ?3 AND digest = ?4")?;
    let mut rows = Vec::with_capacity(reactions.len());
    for reaction in reactions {
        let source = register(db, &reaction.source)?;
        let key = params![source, reaction.responder.as_str(), reaction.action.as_str(), reaction.digest];
        let since = known.query_row(key, |row| instant(row, 0)).optional()?.unwrap_or(at);
        rows.push((source, Reaction { since, ..reaction.clone() }));
    }
    db.execute("DELETE FROM reactions", [])?;
    let mut insert = db.prepare_cached(
        "INSERT OR REPLACE INTO reactions (source, responder, action, digest, since, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (source, reaction) in &rows {
        let (responder, action) = (reaction.responder.as_str(), reaction.action.as_str());
        insert.execute(params![source, responder, action, reaction.digest, column(reaction.since.0), packed(reaction)?])?;
    }
    Ok(())
}

pub(super) fn of(db: &Connection, source: i64) -> Outcome<Vec<Reaction>> {
    let mut statement = db.prepare_cached("SELECT body, since FROM reactions WHERE source = ?1")?;
    let mut rows = statement.query([source])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Reaction { since: instant(row, 1)?, ..unpacked(&row.get::<_, String>(0)?)? });
    }
    Ok(found)
}

/// Nothing that happened until then is any reaction's business.
pub(super) fn begin_anew(db: &Connection, at: Instant) -> Outcome<()> {
    db.execute("UPDATE reactions SET since = max(since, ?1)", [column(at.0)])?;
    Ok(())
}
