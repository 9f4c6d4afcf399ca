//! What the store knows of people: all of it, taken out of it, and kept out of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Result;
use crate::{
    model::{Instant, Seq, SourceName},
    privacy::{Hold, Identity, Marks},
};

/// Note of when a store was damaged so that it could not be read who was erased from it. There until an erasure is
/// over.
pub const ERASED_LOST: &str = "lost/erased";

/// Something that is kept of a person, outside of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The table it stands in.
    pub table: &'static str,
    /// What stands there, by column. JSON as such, bytes in base64.
    pub row: serde_json::Map<String, serde_json::Value>,
}

/// Events of one source that are gone through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Whose.
    pub source: SourceName,
    /// Strictly after this place.
    pub after: Seq,
    /// Up to this one.
    pub through: Seq,
    /// Those that go.
    pub gone: Vec<Seq>,
}

/// What an erasure did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Events that are gone.
    pub removed: u64,
    /// Of them, those that some sink had not got.
    pub undelivered: u64,
    /// Events that only named the person, and do not any more.
    pub redacted: u64,
    /// Rows that are gone or do not name the person any more, by table.
    pub rows: BTreeMap<String, u64>,
    /// Responses that are not over and stay as they are until then.
    pub waiting: u64,
    /// Events that stay whole: they name somebody who is held too.
    pub held: u64,
    /// Rows that do.
    pub held_rows: u64,
}

impl Erased {
    /// Adds another part of it.
    pub fn add(&mut self, other: &Self) {
        self.removed += other.removed;
        self.undelivered += other.undelivered;
        self.redacted += other.redacted;
        for (table, rows) in &other.rows {
            *self.rows.entry(table.clone()).or_default() += rows;
        }
        self.waiting = other.waiting.max(self.waiting);
        self.held += other.held;
        self.held_rows = other.held_rows.max(self.held_rows);
    }
}

/// The part of the store that knows what is kept of people. What always holds:
///
/// - **Kept out first.** From [`keep_out`](Self::keep_out) on nothing that comes in and happened until then holds the person. What stands
///   in the store goes after that: whatever is cut short is ended by doing it again.
/// - **Later is later.** What happened after the erasure is stored as anybody's; erasing again takes that too.
/// - **A hold wins.** What [`hold`](Self::hold) names comes in whole, also of who was erased, and stays whole, whoever is erased. That
///   nobody who is held is kept out is up to whoever erases.
/// - **Places stay.** An event that is gone leaves a hole in the log; every other keeps its place, and so its meaning to every cursor.
/// - **Its id stays.** It counts as stored: whoever reads it again drops it, and nobody misses it.
/// - **Nobody is remembered.** Kept are keyed hashes, how large what was hashed is, and when.
/// - **The governance log is not changed.** It proves what was done to people.
pub trait Privacy: Send + Sync + 'static {
    /// Keeps a person out of what happened until `at`, of one source or of all. How many identities were not kept out so far.
    fn keep_out(&self, source: Option<&SourceName>, identities: &[Identity], at: Instant) -> Result<u64>;
    /// What a legal hold keeps from now on, of all sources that have one. Not written down.
    fn hold(&self, holds: &[(SourceName, Hold)]) -> Result<()>;
    /// Who is kept out of a source; of none: who is kept out of all.
    fn kept_out(&self, source: Option<&SourceName>) -> Result<Marks>;
    /// How many identities are kept out.
    fn erasures(&self) -> Result<u64>;
    /// Takes everybody who is kept out of events, but for those that are held.
    fn erase_events(&self, stretch: &Stretch) -> Result<Erased>;
    /// Takes everybody who is kept out of all but the log, but for what is held: of one source, or of all.
    fn erase_rows(&self, source: Option<&SourceName>) -> Result<Erased>;
    /// Sees to it that what was taken out is not in the files any more.
    fn scrub(&self) -> Result<()>;
    /// Hands out all that names somebody, outside of the log: of one source, or of all.
    fn kept_of(&self, source: Option<&SourceName>, marks: &Marks, each: &mut dyn FnMut(Kept) -> Result<()>) -> Result<()>;
}
