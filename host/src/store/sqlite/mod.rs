//! The store in one SQLite file.
//!
//! What lies where:
//!
//! | table | holds |
//! |---|---|
//! | `chunks` | the log: the new events of a page, compressed together (`chunk`), in order of place, and what was known of them (`context`) |
//! | `seen` | every event id ever stored, as 16 bytes (`ids`); outlives the records |
//! | `checkpoints`, `histories`, `gaps` | how far each stream read, backfills, and what cannot be read |
//! | `cursors`, `parked` | how far each sink got, and what it refused |
//! | `grants` | sealed credentials, and the journal of their refresh; beside the file, `marker` remembers the latest version |
//! | `generations`, `kept`, `transcripts` | the generations of components, where their streams stood, to go back to, and the last pages, sealed |
//! | `detectors`, `profiles`, `behaviours` | how far each detector judged, what it remembers, and everything it found |
//! | `alerts`, `alert_history`, `alert_places`, `suppressions` | what somebody should look at, what happened to it, where it came from, and who is quiet |
//! | `outlets`, `alert_outbox` | which sinks get alerts, and the lines on their way there |
//! | `reactions`, `responses` | what is to be done where a policy finds something, and what is done to accounts |
//! | `governance` | the log of that, only added to (`chain`); beside the file, `restored` remembers how far it got |
//! | `directories`, `people`, `person_addresses`, `member_groups`, `members` | who is in each directory, who left, who belongs to what |
//! | `audiences`, `notices`, `ledgers` | which channels are told of which alerts, what each knows of them and of conditions, and its counts |
//! | `conditions` | what is so and ends, and what was |
//! | `erased`, `clean` | who was erased and is kept out, as keyed hashes (`erased`, `erasing`, `holdings`, `holds`) |
//! | `actions`, `late`, `notes` | counts of event names, lateness of late events, small values for show |
//!
//! The log knows no row an event: a chunk ends at the place `last` and holds `count` events with consecutive places.
//! Where events were erased there are holes, and more chunks between them.
//! That is what keeps an event below 600 bytes on disk and its commit below a few microseconds.
//! Writes go through one connection with `synchronous=EXTRA`: what a call did that returned `Ok` survives power loss.
//! Reads have a connection of their own and never wait for a writer's disk. After a commit or sync that failed, the handle is poisoned:
//! what is on disk is known only after opening it again. So it is after damage, which `suspicion` and `renewal` then see to.

mod actions;
mod alerts;
mod behaviours;
mod chain;
mod changes;
mod checkpoints;
mod chunk;
mod conditions;
mod connection;
mod context;
mod copy;
mod cursors;
mod detectors;
mod erased;
mod erasing;
mod evidence;
mod fault;
mod gaps;
mod generations;
mod grants;
mod handle;
mod histories;
mod holdings;
mod holds;
mod ids;
mod judge;
mod lateness;
mod log;
mod marker;
mod members;
mod names;
mod notes;
mod notices;
mod outbox;
mod owed;
mod pairs;
mod parked;
mod people;
mod privacy;
mod prune;
mod reactions;
mod rekey;
mod renewal;
mod responding;
mod responses;
mod restored;
mod schema;
mod situation;
mod space;
mod storing;
mod suppressions;
mod suspicion;
mod switch;
mod tables;
#[cfg(test)]
mod tests;
mod transcripts;

pub use copy::{Put, copy, examine, examine_key, is_current, put_in_place};
pub use handle::{Access, Open, SqliteStore};
pub use rekey::forget_sealed;
pub use renewal::{Renewal, Renewed, Reread, is_damage, renew};
