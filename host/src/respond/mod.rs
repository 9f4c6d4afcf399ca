//! From an alert to what is done about it, and the log of it.
//!
//! Everything but [`Executor`] and what it reads decides only, on values: no disk, no network, no clock. What goes in: a finding whose policy an operator attached an [`Reaction`] to, or an [`Order`] of a person. What comes out: a
//! [`Response`], one a responder, action and target, that lives along [`after`] until it is final; and with every change of it, and of the kill switch, one
//! [`Record`] of the governance log. The store asks [`reacted`] and [`after`] inside the transaction that writes both.
//!
//! What always holds:
//!
//! 1. **Nothing acts by itself that was not turned on.** Without `[respond] enabled` there are no reactions; with `dry_run` every
//!    response ends as skipped, with what it would have done. What was made before that was configured ends as skipped too.
//! 2. **Every response ends, once.** The states are `waiting`, `pending`, `running`, and then one of `succeeded`, `failed`,
//!    `skipped`; only a success can later become `reverted`.
//! 3. **What is not known is not repeated.** Before a step that a second call would do a second time, that it is about to happen is
//!    on disk. Whoever finds it there without an end says so and leaves it to a person.
//! 4. **The same is not done twice.** One response a policy, alert, responder, action and target. Only one that came too late to be
//!    taken up gives way to one that comes in time.
//!    Where one action contains another, the weaker waits for the end of the stronger, and is done by itself where that one is
//!    skipped, fails or waits for a person ([`settled`]).
//! 5. **Guards are asked twice**, when a response is taken up and again right before it acts ([`guard`]), and what the operator lets
//!    its responder do ([`Remit`]): what counts is what is configured then, not when it was made.
//! 6. **The log is a chain**: each record holds the hash of the one before it, so that nothing in it can be changed, taken out or
//!    put in without a trace. Its head goes to the sinks.
//! 7. **Two are two people.** Where one person is not enough, approvals count by the [`person`] who gave them, whatever users they act
//!    as, and what nobody can tell a person by counts for nobody.
//!
//! ```text
//!             ┌──approve──┐
//!   waiting ──┘           ▼
//!      │  reject       pending ──► running ──► succeeded ──► reverted
//!      ▼                  │           │
//!   skipped ◄─────────────┴───────────┴──────► failed
//! ```

mod action;
mod chain;
mod contained;
mod deed;
mod executor;
mod facts;
mod guard;
mod life;
mod ocsf;
mod order;
mod person;
mod progress;
mod reaction;
mod remit;
mod response;
mod stopped;
#[cfg(test)]
pub(crate) mod tests;
mod witness;

pub use action::Action;
pub use chain::{Broken, Changed, Head, Record, Said, verify};
pub use contained::settled;
pub use deed::{Deed, Kind, Turn};
pub use executor::{Executor, ExecutorParts, Next};
pub use facts::Facts;
pub use guard::{Caps, Guards, Ruling, guard};
pub use life::{Approval, Illegal, Move, State, Wait, after};
pub use ocsf::ocsf;
pub use order::Order;
pub use person::{SOMEBODY, is_same, people, person};
pub use reaction::{Made, PLACES, Reaction, Trigger, filled, reacted};
pub use remit::Remit;
pub use response::{Account, Cause, Mail, Response, ResponseId, ResponseQuery, Step, Trace};
pub use stopped::{STOPPED, Stopped, Switch, Switched, owner_key};
pub use witness::Witness;
