//! What an analyst asks next about an alert, a user or an address, out of one passage over the log. Decisions only, on values: no
//! disk, no clock.
//!
//! What goes in: a [`Focus`], which says what is looked for, then every kept event as a [`Sighting`](audit_pipeline::detector::Sighting),
//! in the order of the log, with what was known of its address when it was stored. What comes out: [`Found`]. What always holds:
//!
//! - **Memory is bounded**, however long the log is: of what is counted the first few are kept, of names at most [`VALUES`]; what is past
//!   that is counted as more, never left out in silence.
//! - **Everything can be checked.** A number is a count of kept events, a time is that of an event, a day is one of UTC. There is no score.
//! - **The alert's own events are compared with what was before them**, never with themselves.

mod circle;
mod compared;
mod fact;
mod focus;
mod inquiry;
mod person;
mod subject;
#[cfg(test)]
pub(crate) mod tests;
mod trace;
mod usual;

pub use circle::{Circle, Common, Keep};
pub use compared::Compared;
pub use fact::{Attribute, Fact};
pub use focus::Focus;
pub use inquiry::{Found, Inquiry, Kept, Others};
pub use person::{Named, Person};
pub use subject::Subject;
pub use trace::{Seen, Trace, VALUES};
pub use usual::{Counts, Usual};
