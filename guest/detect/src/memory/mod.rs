//! What a detector remembers, and for how long: a profile a subject, each small and bounded.
//!
//! | profile | of | what it holds |
//! |---|---|---|
//! | [`user`] | a user | when active, [`countries`], [`track`], [`session`]s by kind of activity with their [`habit`]s |
//! | [`address`] | an address | who uses it |
//! | [`alias`] | an e-mail address | whose it is |
//! | [`organization`] | the organization | countries with users, administrative actions by [`crowd`], its habits; networks that were reported |
//!
//! What is written reads back as the same value, so that it does not matter where one batch ends and the next begins.

pub mod address;
pub mod alias;
pub mod countries;
pub mod crowd;
pub mod habit;
pub mod organization;
pub mod recent;
pub mod session;
pub mod track;
pub mod user;
pub mod weeks;
