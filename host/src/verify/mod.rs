//! The proof that nothing is missing: what the vendor holds, what the store knows, and what arrived at each sink, held against each
//! other by id, window by window.
//!
//! `vendor` reads a window again, through the component as a backfill does, and stores nothing of it → `kept` says what the store knows
//! of the same time → a sink with an access key says what arrived (`sink::sumo::search`) → [`compare`] finds what is where and what is
//! not → [`Report`] is what came of it.
//!
//! What always holds:
//!
//! - **Exactly the difference.** Missing in the store is what the vendor holds and the store never stored; missing at a sink is what the
//!   sink accepted, or was to, and is not found there, though it took it long enough ago. Nothing is guessed: where one side could not be
//!   asked, it says so; where ids are forgotten, what is not known is counted as forgotten; and where nobody knows whom an event was meant
//!   for, which the store has let go, it is counted as unchecked.
//! - **Bounded (I7).** Only so many ids are in memory, those of one window at least: it ends early where it holds very many, and windows
//!   that hold few are held against the log together (`passage`). When each stretch of the log happened is noted as it is read first
//!   (`blocks`), so that it is read again only for a time of which it holds something.
//! - **Reading only.** Nothing is written, no token refreshed beside a running host (I4).

mod blocks;
mod compare;
mod kept;
mod passage;
mod report;
#[cfg(test)]
mod tests;
mod text;
mod vendor;
mod walk;

pub use compare::{Arrived, Gone, Sides, compare};
pub use kept::Held;
pub use report::{Missing, Place, Report, Seen, Totals, Unread, Window};
pub use text::{lines, table};
pub use vendor::Tokens;
pub use walk::{Looked, Walk};
