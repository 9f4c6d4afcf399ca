//! Ordeals: schedules of everything that can happen to a source, drawn from a seed, run in process on a stepped clock.
//!
//! A [`Plan`] says what happens: an organization with its late events, how Miro and Sumo Logic behave, which faults strike
//! when, when the host is down, where it crashes. [`run`] lets it happen to the real component, worker, store and delivery
//! and gives a [`Verdict`]. The same plan takes the same steps every time: there is one thread, no socket, no waiting.
//!
//! What is real and what is not:
//!
//! - The component is the built-in one in its sandbox; its requests end in a [`simulator::World`] instead of a socket
//!   (`wire`). The sink judges and encodes as the real one does, and its requests end in the same world (`receiver`).
//! - The store is the real one in a folder of its own, behind a door that can fail (`vault`).
//! - A crash burns a [`fuse`](fuse::Fuse): from some boundary on (a call of the store, a request, an answer) nothing
//!   reaches the disk or the network any more. The step under way is dropped; then the store is opened again.
//! - A person looks after the source: new tokens some time after the host asks for them, another try for parked events.
//!
//! What must hold at the end of every plan is in `verdict`.

pub mod command;
mod draw;
mod fuse;
mod plan;
mod receiver;
mod run;
mod trace;
mod vault;
mod verdict;
mod wire;

pub use plan::{Crash, Outage, Plan, Sabotage, Side};
pub use run::{Laboratory, Ran};
pub use verdict::{Books, Verdict};
