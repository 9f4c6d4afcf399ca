//! The sandbox: components compiled, checked, and called, each call in an instance of its own.
//!
//! - [`Runtime`] holds the one engine and turns bytes into a [`Generation`]: compiled code whose imports were checked
//!   against the short list of what a component may import.
//! - [`Component`] is what a source refers to; it points at the current generation.
//! - [`Source`] makes the typed calls of the contract's `source`. Every call gets a fresh store: nothing survives in
//!   memory, a trap costs that call only, and what it may use is bounded by [`Limits`] (I7): memory, tables, what it
//!   returns, processor time, wall time, requests, and the size of an answer.
//! - [`Cache`] keeps compiled code between starts, sealed with the store's key, so that only what we wrote is ever run.
//!
//! What a component returns is checked before it is believed: see [`CallError::Broken`].

mod cache;
mod call;
mod component;
mod cover;
mod engine;
mod generation;
mod limits;
mod page;
mod source;

pub use cache::Cache;
pub use call::{CallError, RefreshError};
pub use component::Component;
pub use engine::{Runtime, RuntimeError, RuntimeOptions};
pub use generation::Generation;
pub use limits::Limits;
pub use source::Source;
