//! Detectors over the log: each follows the events of a source at its own pace, and what it finds is stored with how far it read.
//!
//! What goes in: the log of one source, the component that made its events, a [`Detector`](crate::runtime::Detector). What
//! comes out: behaviours, alerts and profiles, through [`Store::judge`](crate::store::Store::judge). What always holds:
//!
//! - Every event is judged once, in the order of its place, whatever its lane: a crash before the commit judges it again and
//!   nothing of the first time is left; after it, never.
//! - A detector that fails holds nobody up: collecting and delivering go on. It is tried again with fewer events; one event that it
//!   cannot judge by itself is passed over, loudly.
//! - What happened before a detector first looked teaches, and raises no alert.
//!
//! | file | noun |
//! |---|---|
//! | `watch` | the worker: one step is one batch |
//! | `batch` | stored events judged with the profiles that are asked for |
//! | `again` | what somebody did who, as is known only now, had left by then |
//! | `backtest` | the same over history from empty profiles, storing nothing |
//! | `reel` | the whole log of a source, once, for whoever only reads |
//! | `sighting` | a stored event as a detector sees it |
//! | `change` | which changes of feeds a finding rests on |
//! | `coverage` | what each rule is fed with |
//! | `rulebook` | how the findings of each policy are treated |

mod again;
mod backtest;
mod batch;
mod change;
pub mod coverage;
mod reel;
mod rulebook;
mod sighting;
mod watch;

pub use backtest::{Backtest, Knowledge, Raised};
pub use batch::{Stuck, sightings};
pub use coverage::Coverage;
pub use reel::Reel;
pub use rulebook::{Rulebook, configuration};
pub use watch::{Next, Watch, WatchParts};
