//! Who belongs to which group of a directory.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    alerts::{packed, unpacked},
    fault::Outcome,
    names::column,
    people::addresses,
};
use crate::{
    directory::Member,
    model::{Instant, ResponderName},
};

pub(super) fn put(db: &Connection, directory: &ResponderName, group: &str, members: &[Member], at: Instant) -> Outcome<()> {
    let directory = directory.as_str();
    db.prepare_cached("INSERT OR REPLACE INTO member_groups (directory, name, at) VALUES (?1, ?2, ?3)")?.execute(params![
        directory,
        group,
        column(at.0)
    ])?;
    db.prepare_cached("DELETE FROM members WHERE directory = ?1 AND name = ?2")?.execute([directory, group])?;
    let mut insert = db.prepare_cached("INSERT OR REPLACE INTO members (directory, name, person, emails) VALUES (?1, ?2, ?3, ?4)")?;
    for member in members {
        insert.execute(params![directory, group, member.id, packed(&addresses(&member.emails))?])?;
    }
    Ok(())
}

pub(super) fn list(db: &Connection, directory: &ResponderName, group: &str) -> Outcome<Option<Vec<Member>>> {
    let directory = directory.as_str();
    let mut stored = db.prepare_cached("SELECT 1 FROM member_groups WHERE directory = ?1 AND name = ?2")?;
    if stored.query_row([directory, group], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    let mut statement = db.prepare_cached("SELECT person, emails FROM members WHERE directory = ?1 AND name = ?2 ORDER BY person")?;
    let mut rows = statement.query([directory, group])?;
    let mut members = Vec::new();
    while let Some(row) = rows.next()? {
        members.push(Member { id: row.get(0)?, emails: unpacked(&row.get::<_, String>(1)?)? });
    }
    Ok(Some(members))
}
