//! Activity policies: rules that an operator writes over single activities and over their repetition, as Microsoft Defender
//! for Cloud Apps has them. `README.md` holds every sentence of its documentation against a test here.
//!
//! Plain functions over values: no clock, no randomness, nothing that depends on the order of a hash table. The same crate
//! judges inside the detector and checks, in the host, what a person wrote.
//!
//! | module | what |
//! |---|---|
//! | [`activity`], [`activity_of!`] | one event as a policy sees it, and how it comes from an event of the contract |
//! | [`policy`], [`row`], [`filter`] | a policy, one of its rows, and what a row may ask for |
//! | [`mod@check`], [`rejection`] | JSON becomes a policy, or a list of all that is wrong with it |
//! | [`compiled`] | policies made ready to match, without allocation |
//! | [`counter`], [`tally`] | repetition: one counter, and all of one subject's |
//! | [`membership`], [`tag`] | who is in a group or a guest; what tags say of an address |
//! | [`reason`], [`mod@meaning`] | why it matched, and what it means, for people |
//! | [`reads`] | what must be known for it ever to match |
//! | [`template`] | policies to begin with |
//! | [`hash`], [`varint`] | texts as numbers, and numbers as bytes, in what is kept between calls |
//!
//! The way through, once a call: [`check_all`] what is configured, make it [`Compiled`], and for every event ask for the rules
//! that are [`Compiled::matching`]. A rule whose policy has no `repeated` has found something then; for the others the
//! subject's [`Tally`] decides, and what it decided must be stored together with the finding.

pub mod activity;
pub mod check;
pub mod compiled;
pub mod counter;
pub mod filter;
pub mod hash;
pub mod meaning;
pub mod membership;
pub mod policy;
pub mod reads;
pub mod reason;
pub mod rejection;
pub mod row;
pub mod tag;
pub mod tally;
pub mod template;
pub mod varint;

mod address;
mod bound;
mod text;
mod word;

pub use activity::Activity;
pub use check::{check, check_all};
pub use compiled::{Compiled, Rule};
pub use counter::{Counter, Fired, Unreadable};
pub use filter::Filter;
pub use meaning::meaning;
pub use policy::Policy;
pub use reads::Reads;
pub use rejection::{Rejection, Step};
pub use tally::Tally;
pub use template::{TEMPLATES, Template};
