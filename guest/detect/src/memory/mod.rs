//! What a detector remembers, and for how long: a profile a subject, each small and bounded.
//!
//! | profile | of | what it holds |
//! |---|---|---|
//! | [`user`] | a user | when active, [`countries`], [`networks`], [`track`], [`actions`], [`session`]s by kind of activity with their [`habit`]s |
//! | [`address`] | an address | who uses it |
//! | [`alias`] | an e-mail address | whose it is |
//! | [`organization`] | the organization | countries with users, actions by [`crowd`] and amount, its habits; who was given a role; networks that were reported |
//!
//! What is written reads back as the same value, so that it does not matter where one batch ends and the next begins.

pub mod actions;
pub mod address;
pub mod alias;
pub mod countries;
pub mod crowd;
pub mod habit;
pub mod networks;
pub mod organization;
pub mod recent;
pub mod session;
pub mod track;
pub mod user;
pub mod weeks;
