//! Event ids as they are remembered: 16 bytes each, whatever their length.
//!
//! Five bytes keep an id near its neighbours, so that the ids of a page touch few pages of the file: the first twelve
//! decimal digits of the id, which in most vendors' ids are a time or a counter. Where they are not, nothing is lost
//! but speed. Eleven bytes of SHA-256 tell ids apart: a wrong match takes some 10^13 ids *with the same digits*.

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::{
    fault::{Outcome, damaged},
    names::{find, instant, optional_instant},
    notes,
};
use crate::{
    model::{Instant, SourceName},
    store::Purpose,
};

const DIGITS: usize = 12;

/// An id as it is remembered.
pub(super) fn key(id: &str) -> [u8; 16] {
    let digits = id.bytes().filter(u8::is_ascii_digit).take(DIGITS);
    let near = digits.fold(0u64, |number, digit| number * 10 + u64::from(digit - b'0'));
    let hash = Sha256::digest(id.as_bytes());
    let mut key = [0; 16];
    let bytes = near.to_be_bytes().into_iter().skip(3).chain(hash);
    for (to, from) in key.iter_mut().zip(bytes) {
        *to = from;
    }
    key
}

/// Remembers an id. Whether it is new: to a sink, what was only learned from is. The time of that is negative.
pub(super) fn remember(db: &Connection, source: i64, id: &str, seconds: i64, purpose: &Purpose) -> Outcome<bool> {
    let mut statement = db.prepare_cached(match purpose {
        Purpose::Learning => "INSERT OR IGNORE INTO seen (source, id, stored) VALUES (?1, ?2, -?3)",
        Purpose::Delivery | Purpose::Sink(_) => {
            "INSERT INTO seen (source, id, stored) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET stored = excluded.stored WHERE stored < 0"
        }
    })?;
    Ok(statement.execute(params![source, key(id), seconds])? == 1)
}

/// When each of these was stored for more than learning, to the second.
pub(super) fn remembered(db: &Connection, source: &SourceName, ids: &[String]) -> Outcome<Vec<Option<Instant>>> {
    let Some(source) = find(db, source)? else { return Ok(vec![None; ids.len()]) };
    let mut statement = db.prepare_cached("SELECT stored * 1000 FROM seen WHERE source = ?1 AND id = ?2 AND stored >= 0")?;
    let mut stored = |id: &String| Ok(statement.query_row(params![source, key(id)], |row| instant(row, 0)).optional()?);
    ids.iter().map(&mut stored).collect()
}

fn forgotten_key(source: &SourceName) -> String {
    format!("ids/forgotten/{source}")
}

/// Before when ids of what was stored are forgotten; the beginning where none ever were.
pub(super) fn forgotten(db: &Connection, source: &SourceName) -> Outcome<Instant> {
    let noted = notes::get(db, &forgotten_key(source))?;
    let before =
        noted.map(|before| before.parse::<u64>().map_err(|why| damaged(format!("the store does not say which ids it forgot: {why}"))));
    before.transpose().map(|before| before.map_or(Instant::EPOCH, Instant))
}

/// Notes that ids of what was stored before then are forgotten.
pub(super) fn forget(db: &Connection, source: &SourceName, before: Instant) -> Outcome<()> {
    let before = forgotten(db, source)?.max(before);
    notes::put(db, &forgotten_key(source), &before.0.to_string())
}

/// When the latest of a source was stored, to the second. Reads all of them.
pub(super) fn latest(db: &Connection, source: i64) -> Outcome<Option<Instant>> {
    let mut statement = db.prepare_cached("SELECT max(abs(stored)) * 1000 FROM seen WHERE source = ?1")?;
    Ok(statement.query_row([source], |row| optional_instant(row, 0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i2_ids_that_differ_anywhere_are_told_apart() {
        let ids = ["2023-09-01T09:30:10.840687Z#1", "2023-09-01T09:30:10.840687Z#2", "1", "01", "", "é", "e"];
        for (at, one) in ids.iter().enumerate() {
            for other in &ids[at + 1..] {
                assert_ne!(key(one), key(other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn ids_of_one_minute_are_neighbours() {
        let near = |id: &str| key(id)[..5].to_vec();
        assert_eq!(near("2023-09-01T09:30:10.840687Z#1"), near("2023-09-01T09:30:59.000001Z#9"));
        assert!(near("2023-09-01T09:30:59Z") < near("2023-09-01T09:31:00Z"));
        assert_eq!(near("999999999999"), [0xe8, 0xd4, 0xa5, 0x0f, 0xff], "twelve digits fit");
    }
}
