//! When each source reads, with which token, and what becomes of the answer.
//!
//! One [`Worker`] a source, driven a step at a time: a step makes at most one call to the component and commits what it
//! brought before it returns. [`Worker::run`] is the loop around it. Between two steps the process may end at any moment:
//! everything that matters is in the store.
//!
//! - [`State`] is what an operator sees: Pending → Started → Initialized → Authenticated → Collecting, Error, Stopping.
//! - [`Custody`] keeps the token: whose pair is current, when it is due, and what a failed refresh means (I4).
//! - The live span goes first. A backfill takes a step only where the live span has nothing to do; one that fails lets the others go on.
//! - Nothing that may heal is given up: the worst a fault costs is waiting. What needs a person is said loudly, and tried
//!   again now and then.

mod custody;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod worker;

pub use custody::{Access, Custody};
pub use state::{Kind, Meter, Problem, Remedy, State, Status, TokenKind, TokenStatus};
pub use worker::{Next, Settings, Stop, Worker, describe};
