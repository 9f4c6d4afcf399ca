//! What is kept of people, on the connections of the store.

use rusqlite::Connection;

use super::{
    SqliteStore, erased, erasing,
    fault::{Fault, Outcome},
    holdings::{self, Act, HOLDINGS, Place},
    holds::Holds,
    names::find,
    notes, transcripts,
};
use crate::{
    model::{Instant, SourceName},
    privacy::{Hold, Identity, Marks},
    store::{ERASED_LOST, Erased, Kept, Privacy, Result, StoreError, StoreErrorKind, Stretch},
};

impl Privacy for SqliteStore {
    fn keep_out(&self, source: Option<&SourceName>, identities: &[Identity], at: Instant) -> Result<u64> {
        let key = self.key();
        self.write_with("keep a person out", |db| erased::keep_out(db, &key, source, identities, at))
    }

    fn hold(&self, holds: &[(SourceName, Hold)]) -> Result<()> {
        self.hold_what(holds);
        Ok(())
    }

    fn kept_out(&self, source: Option<&SourceName>) -> Result<Marks> {
        let key = self.key();
        self.read_with("read who is kept out", |db| erased::marks(db, &key, numbered(db, source)?))
    }

    fn erasures(&self) -> Result<u64> {
        self.read_with("count who is kept out", erased::number)
    }

    fn erase_events(&self, stretch: &Stretch) -> Result<Erased> {
        let (key, hold) = (self.key(), self.hold_on(&stretch.source));
        let done = self.write_with("erase events", |db| erasing::stretch(db, &self.chunks, &key, stretch, &hold))?;
        if done.removed + done.redacted > 0 {
            // Whoever reads from here on reads what is so: nobody else is reading.
            self.read_with("read the log again", |_| {
                self.chunks.clear();
                Ok(())
            })?;
            self.held.clear();
        }
        Ok(done)
    }

    fn erase_rows(&self, source: Option<&SourceName>) -> Result<Erased> {
        let (key, holds) = (self.key(), self.holds());
        let mut done = Erased::default();
        let (number, marks, holds) = self.read_with("read who is kept out", |db| {
            let number = numbered(db, source)?;
            Ok((number, erased::marks(db, &key, number)?, Holds::of(db, &holds)?))
        })?;
        for holding in HOLDINGS.iter().filter(|holding| holding.act != Act::Keep && holding.is_of(number)) {
            let mut after: Place = None;
            let mut rows = 0;
            loop {
                let taken = self.write_with("erase a person", |db| holding.erase(db, number, &marks, &holds, &after))?;
                rows += taken.rows;
                done.held_rows += taken.held;
                if taken.next.is_none() {
                    break;
                }
                after = taken.next;
            }
            if rows > 0 {
                done.rows.insert(holding.table.to_owned(), rows);
            }
        }
        let gone = self.write_with("erase transcripts", |db| transcripts::erase(db, &key, number, &marks))?;
        if gone > 0 {
            done.rows.insert("transcripts".to_owned(), gone);
        }
        done.waiting = self.read_with("read responses", |db| holdings::waiting(db, number, &marks))?;
        Ok(done)
    }

    fn scrub(&self) -> Result<()> {
        let Some(writes) = &self.writes else { return Err(super::fault::read_only("clean the file")) };
        let clean = self.read_with("read whether the file is clean", |db| {
            Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM clean)", [], |row| row.get::<_, bool>(0))?)
        })?;
        if !clean {
            // What a version before this one deleted is left in the file until it is written anew.
            writes.alone("write the file anew", |db| Ok(db.execute_batch("VACUUM")?))?;
            self.write_with("note that the file is clean", begin_clean)?;
        }
        self.write_with("note that an erasure is over", |db| notes::remove(db, ERASED_LOST))?;
        writes.alone("empty the log of the file", |db| {
            let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            let text = "the store was read at that moment, so that what was erased may still stand in its log: run the command again";
            if busy { Err(Fault::from(StoreError::new(StoreErrorKind::Retry, text))) } else { Ok(()) }
        })
    }

    fn kept_of(&self, source: Option<&SourceName>, marks: &Marks, each: &mut dyn FnMut(Kept) -> Result<()>) -> Result<()> {
        let key = self.key();
        let number = self.read_with("read a source", |db| numbered(db, source))?;
        for holding in HOLDINGS.iter().filter(|holding| holding.is_of(number)) {
            let mut after: Place = None;
            loop {
                let (kept, next) = self.read_with("read what is kept of a person", |db| holding.hand_out(db, number, marks, &after))?;
                kept.into_iter().try_for_each(&mut *each)?;
                if next.is_none() {
                    break;
                }
                after = next;
            }
        }
        let sealed = self.read_with("read transcripts", |db| transcripts::naming(db, &key, number, marks))?;
        for (id, body) in sealed {
            let body = serde_json::from_str(&body).unwrap_or(serde_json::Value::String(body));
            each(Kept { table: "transcripts", row: [("id".to_owned(), id.into()), ("body".to_owned(), body)].into_iter().collect() })?;
        }
        Ok(())
    }
}

/// The number of a source. One that was never heard of has nothing.
fn numbered(db: &Connection, source: Option<&SourceName>) -> Outcome<Option<i64>> {
    Ok(match source {
        None => None,
        Some(source) => Some(find(db, source)?.unwrap_or(-1)),
    })
}

/// Nothing that was deleted is left in the file: it is new, or was written anew.
pub(super) fn begin_clean(db: &Connection) -> Outcome<()> {
    db.execute("INSERT INTO clean (yes) VALUES (1)", [])?;
    Ok(())
}
