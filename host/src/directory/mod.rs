//! Who left, and who belongs to which group, as a directory such as Entra ID says.
//!
//! In goes a component that is a directory; out comes what [`enrich`](crate::enrich) stores with every event of its sources: the
//! groups of the actor, and whether they had left. What always holds:
//!
//! 1. **Never found is not gone.** Only whom the directory calls deleted or disabled has left.
//! 2. **Nothing is forgotten.** Whoever left stays known, also when the directory has long cleared its own bin; what was known before a
//!    restart is put up before anything is asked.
//! 3. **What is learned late is judged late.** The events of somebody who turns out to have left are judged again from that moment
//!    on ([`Rejudged`]).
//!
//! | file | noun |
//! |---|---|
//! | `person` | a person as the directory knows them |
//! | `keeper` | the worker that reads it |
//! | `reading` | how the reading is doing |
//! | `rejudged` | whose events are to be judged again |

mod keeper;
mod person;
mod reading;
mod rejudged;

pub use keeper::{Keeper, KeeperParts};
pub use person::{Member, Person, PersonState};
pub use reading::Reading;
pub use rejudged::Rejudged;
