//! What every source of an audit log is made of, whoever the vendor: plain functions over texts.
//!
//! | module | what |
//! |---|---|
//! | [`length`] | lengths of time as people write them |
//! | [`instant`] | instants as vendors and HTTP write them |
//! | [`json`] | reading JSON without losing any of it |
//! | [`nesting`] | what lies too deep to be read, as a text |
//! | [`record`] | a vendor's object that is none, or has no identifier |
//!
//! What always holds: no text makes it panic, and a value that is handed on is the slice that it came in.

pub mod instant;
pub mod json;
pub mod length;
pub mod nesting;
pub mod record;
