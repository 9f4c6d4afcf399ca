//! Who is new, changed, disabled or gone, and who belongs to a group. Reads only; one request a call.
//!
//! | module | what |
//! |---|---|
//! | `changed` | a cycle: the deleted accounts, then what changed since the cycle before |
//! | `checkpoint` | where a cycle stands |
//! | `members` | the members of a group, groups within it included |
//! | `person` | an account as a person |
//!
//! What always holds: an account is never said to be active or disabled where the directory did not say it.

mod changed;
mod checkpoint;
mod members;
mod person;

#[cfg(test)]
mod tests;

pub use self::{changed::changed, members::members};
