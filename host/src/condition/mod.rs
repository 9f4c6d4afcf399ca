//! Conditions: what is so, ends, and somebody should know meanwhile.
//!
//! What goes in: what the store knows of sources, sinks and channels (their notes, checkpoints, backlogs, arrivals, event names), what
//! the daily check found, and the time; read together as a [`Scene`]. What comes out: the conditions that hold ([`judge`]), and, by
//! comparison with those that are known ([`reconcile`]), what begins, gets graver and ends. For each of these a message to channels
//! and a health event to sinks are written down in the transaction that notes it.
//!
//! What always holds:
//!
//! 1. **Once.** A condition begins once, and ends once, across restarts and crashes: what is known of it lies in the store, and what is
//!    said of it is written with it. Channels and sinks are then told at least once, under the same names.
//! 2. **What cannot be told now stays as it is.** A source that has just started is neither well nor ill: a restart resolves nothing. Nor
//!    does a file of the configuration that cannot be used, a place that the daily check could not look at, or a run for some of the
//!    sources alone.
//! 3. **Nothing depends on what it is about.** Channels need no sink. A channel is not told of its own trouble, the others are,
//!    and of what it was not told.
//! 4. **Whose it is.** What concerns a source goes to the channels and sinks of that source alone; what concerns the host to those
//!    of all sources (I5).
//! 5. **Sundays are quiet.** How long a source may be silent is measured at the same time of earlier weeks ([`Rhythm`]).
//!
//! | file | noun |
//! |---|---|
//! | `kind`, `known` | what there is to know, and one that is known, open or over |
//! | `scene`, `survey` | what is looked at, and reading it |
//! | `judge`, `expiry`, `rhythm` | what holds, decided on values |
//! | `course` | what begins, gets graver and ends |
//! | `listeners`, `health` | who is told, and how a health event looks |
//! | `herald` | tells sinks of each change of a source's state |
//! | `checkup` | what the daily check found |
//! | `warden` | who looks, each minute |

mod checkup;
mod course;
mod expiry;
mod health;
mod herald;
mod judge;
mod kind;
mod known;
mod listeners;
mod rhythm;
mod scene;
mod survey;
#[cfg(test)]
mod tests;
mod warden;

pub use checkup::{Check, Checked, Checkup, Finding};
pub use course::{Change, Spread, Turn, reconcile};
pub use expiry::{Expiry, Lifetime, lifetime};
pub use health::{Health, HealthLine, Urgency};
pub use herald::Herald;
pub use judge::{Judged, Stay, judge};
pub use kind::Kind;
pub use known::{Concerns, Condition, Key, Known};
pub use listeners::{Ear, Listeners};
pub use rhythm::Rhythm;
pub use scene::{ChannelScene, Lost, Pair, Quiet, Scene, SinkScene, SourceScene};
pub use survey::Survey;
pub use warden::{Parts, Warden};
