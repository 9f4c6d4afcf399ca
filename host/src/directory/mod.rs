//! The people that a directory knows: who is there, who left, and who belongs to which group.
//!
//! What always holds: a person is known by the directory's own identifier, whatever their addresses; who left is remembered for
//! ever, longer than any directory does; and of an address that two people share nobody is guessed.

mod person;

pub use person::{Member, Person, PersonState};
