//! What is kept of a person: found, handed out, taken away, and kept away.
//!
//! What goes in: the texts that name a person ([`Identity`]), and text of any kind. What comes out: where it names them, and the
//! text without them. Decisions only, on values: no disk, no clock. What always holds:
//!
//! - **One rule.** What finds a person for an export is what takes them out of the store, and what keeps them out of it afterwards: words
//!   are compared, in lower case, whatever stands between them ([`Marks`]).
//! - **Nobody is remembered.** What keeps a person out holds keyed hashes, the size of what was hashed, and until when, never the text.
//! - **A record stays a record.** A line of JSON from which a person was taken is a line of JSON, and what does not name them stays
//!   as it was, byte for byte ([`line`]).

mod hold;
mod identity;
pub mod line;
mod marks;
mod person;

pub use hold::{Hold, is_held};
pub use identity::{Identity, Kind};
pub use marks::{MARKER, Mark, Marks, Size};
pub use person::Gathered;
