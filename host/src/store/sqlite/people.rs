//! The people of directories: one row a person, kept for ever. A directory forgets who left, Entra after 30 days; what they do
//! with an account that somebody forgot to close comes later.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    fault::{Outcome, damaged},
    names::{column, instant, number},
};
use crate::{
    directory::{Person, PersonState},
    model::{Instant, ResponderName},
};

fn state_column(state: PersonState) -> i64 {
    match state {
        PersonState::Active => 0,
        PersonState::Disabled => 1,
        PersonState::Deleted => 2,
    }
}

fn state(column: i64) -> Outcome<PersonState> {
    match column {
        0 => Ok(PersonState::Active),
        1 => Ok(PersonState::Disabled),
        2 => Ok(PersonState::Deleted),
        other => Err(damaged(format!("the store holds a person in a state that does not exist: {other}"))),
    }
}

/// Each once, lower case, in their order.
pub(super) fn addresses(emails: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for email in emails.iter().map(|email| email.trim().to_lowercase()) {
        if !email.is_empty() && !found.contains(&email) {
            found.push(email);
        }
    }
    found
}

pub(super) fn put(db: &Connection, directory: &ResponderName, people: &[Person], checkpoint: &str, at: Instant) -> Outcome<Vec<Person>> {
    let mut before: BTreeMap<&str, Option<PersonState>> = BTreeMap::new();
    for person in people {
        let known = by_id(db, directory, &person.id)?;
        before.entry(&person.id).or_insert(known.as_ref().map(|known| known.state));
        store(db, directory, person, known.as_ref(), at)?;
    }
    let mut upsert = db.prepare_cached("INSERT OR REPLACE INTO directories (directory, checkpoint, at) VALUES (?1, ?2, ?3)")?;
    upsert.execute(params![directory.as_str(), checkpoint, column(at.0)])?;
    let mut left = Vec::new();
    for (id, before) in before {
        left.extend(by_id(db, directory, id)?.filter(|now| now.state.is_departed() && before != Some(now.state)));
    }
    Ok(left)
}

fn store(db: &Connection, directory: &ResponderName, person: &Person, known: Option<&Person>, at: Instant) -> Outcome<()> {
    let same = known.filter(|known| known.state == person.state);
    let learned = same.map_or(at, |same| same.learned);
    let since = person.since.or(same.and_then(|same| same.since)).unwrap_or(learned);
    let name = person.name.as_ref().or(known.and_then(|known| known.name.as_ref()));
    let directory = directory.as_str();
    let mut upsert =
        db.prepare_cached("INSERT OR REPLACE INTO people (directory, id, name, state, since, learned) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    upsert.execute(params![directory, person.id, name, state_column(person.state), column(since.0), column(learned.0)])?;
    let emails = addresses(&person.emails);
    if emails.is_empty() || known.is_some_and(|known| known.emails == emails) {
        return Ok(());
    }
    db.prepare_cached("DELETE FROM person_addresses WHERE directory = ?1 AND person = ?2")?.execute([directory, &person.id])?;
    let mut insert = db.prepare_cached("INSERT INTO person_addresses (directory, address, person, place) VALUES (?1, ?2, ?3, ?4)")?;
    for (place, email) in emails.iter().enumerate() {
        insert.execute(params![directory, email, person.id, column(u64::try_from(place).unwrap_or(u64::MAX))])?;
    }
    Ok(())
}

pub(super) fn checkpoint(db: &Connection, directory: &ResponderName) -> Outcome<Option<String>> {
    let mut statement = db.prepare_cached("SELECT checkpoint FROM directories WHERE directory = ?1")?;
    Ok(statement.query_row([directory.as_str()], |row| row.get(0)).optional()?)
}

const COLUMNS: &str = "id, name, state, since, learned";

fn person(db: &Connection, directory: &ResponderName, row: &Row<'_>) -> Outcome<Person> {
    let id: String = row.get(0)?;
    let mut statement = db.prepare_cached("SELECT address FROM person_addresses WHERE directory = ?1 AND person = ?2 ORDER BY place")?;
    let emails = statement.query_map([directory.as_str(), &id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Person { id, emails, name: row.get(1)?, state: state(row.get(2)?)?, since: Some(instant(row, 3)?), learned: instant(row, 4)? })
}

fn by_id(db: &Connection, directory: &ResponderName, id: &str) -> Outcome<Option<Person>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM people WHERE directory = ?1 AND id = ?2"))?;
    let mut rows = statement.query([directory.as_str(), id])?;
    rows.next()?.map(|row| person(db, directory, row)).transpose()
}

pub(super) fn find(db: &Connection, directory: &ResponderName, email_or_id: &str) -> Outcome<Option<Person>> {
    if let Some(found) = by_id(db, directory, email_or_id)? {
        return Ok(Some(found));
    }
    let mut statement = db.prepare_cached("SELECT person FROM person_addresses WHERE directory = ?1 AND address = ?2 LIMIT 2")?;
    let address = email_or_id.trim().to_lowercase();
    let found = statement.query_map([directory.as_str(), &address], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    match found.as_slice() {
        [only] => by_id(db, directory, only),
        _ => Ok(None),
    }
}

pub(super) fn departed(db: &Connection, directory: &ResponderName) -> Outcome<Vec<Person>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM people WHERE directory = ?1 AND state <> 0 ORDER BY id"))?;
    let mut rows = statement.query([directory.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(person(db, directory, row)?);
    }
    Ok(found)
}

pub(super) fn count(db: &Connection, directory: &ResponderName) -> Outcome<u64> {
    let mut statement = db.prepare_cached("SELECT count(*) FROM people WHERE directory = ?1 AND state = 0")?;
    Ok(statement.query_row([directory.as_str()], |row| number(row, 0))?)
}
