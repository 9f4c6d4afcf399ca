//! Feeds that the host keeps up to date by itself: where addresses are, and what others have seen of them.
//!
//! In goes what `[[feed]]` asks for, of what the [`catalogue`] knows; out come files in the folder `feeds` beside the store, which
//! [`crate::enrich`] reads and watches like any other. For each file there is a [`Record`] of what is held and how the last tries went.
//!
//! | file | noun |
//! |---|---|
//! | [`catalogue`] | what is published, by whom, under which licence, and how large it plausibly is |
//! | `order` | a file to fetch: from where, how often, into which name |
//! | `record` | what is held, what was tried, when it is due, whether it is stale |
//! | `verify` | whether a new file may take the place of the old one |
//! | `download` | one request, into a file that nobody reads yet |
//! | `shelf` | the folder |
//! | `keeper` | all of it, on the clock |
//! | `upkeep` | how each stands, for people |
//!
//! What always holds:
//!
//! 1. **Nothing is asked for except through the gate** ([`crate::egress`]), at the origins of that feed alone.
//! 2. **A file in place was verified whole.** It is written under another name, synced, read to its end, compared with the last good one,
//!    and then renamed: a crash leaves the old one or the new one, never half of one.
//! 3. **The last good one serves on.** What cannot be fetched, or is not what it should be, changes the record and the log, nothing else.
//! 4. **A feed that loses more than half of its entries is not believed** until it still says so a day later.
//! 5. **Nobody waits.** Events are stored by what is known now; a new file is taken up between two of them.
//! 6. **No crash hammers anybody.** A try is written down before it is made.

pub mod catalogue;
mod download;
mod keeper;
mod order;
mod record;
mod shelf;
#[cfg(test)]
mod tests;
mod upkeep;
mod verify;

pub use self::{
    keeper::{Came, Keeper, import},
    order::{Order, filled, orders},
    record::{Held, Record, Standing},
    shelf::{Shelf, folder},
    upkeep::{Upkeep, upkeep},
};
