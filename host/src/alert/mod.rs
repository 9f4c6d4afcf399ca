//! From what a detector found to what an analyst works with. Decisions only, on values: no disk, no network, no clock.
//!
//! What goes in: a [`Found`], which is a finding with how it came and how its policy is to be treated. What comes out: a
//! [`Behaviour`] always, and an [`Alert`] where somebody should look. The store asks [`course`] inside the transaction that
//! writes both, so that a finding and what became of it are on disk together or not at all.
//!
//! What always holds:
//!
//! 1. **Every finding is kept.** Whatever becomes of it, it is a behaviour that can be searched, with its [`Fate`].
//! 2. **History trains, never alarms.** An alert is raised only for a finding of the live or late lane that was less than a
//!    day old when it was received, and not in a detector's first run over a log; unless the policy asks for all
//!    ([`Raise::Always`]).
//! 3. **One alert a fingerprint.** Source, policy and the finding's own key. While an alert with it is open and was last seen
//!    within a day, a repeat counts on it. Its severity only rises.
//! 4. **A suppression ends.** Closing as benign or false positive keeps the policy quiet about that user for a while; closing
//!    as true positive never does; reopening lifts it. What it kept quiet is counted.
//! 5. **Nothing is dropped in silence.** What the daily limit withheld is counted in one alert; what comes in crowds is
//!    folded into one incident that counts and lists it: what rests on a change of a feed, then what comes from one place, then
//!    what one policy raised. Neither keeps an action from being taken: the behaviours are there.
//! 6. **Every change has a name and a time.** A state changes only along [`after`], and each change is a row of the history.
//! 7. **Outlets are harmless.** Names, titles and reasons are written by attackers: [`ocsf()`] and [`cef()`] let nothing
//!    through that could forge a field, a line, or what a person sees.

mod behaviour;
mod cef;
mod course;
mod found;
mod incident;
mod judgement;
mod life;
mod limit;
mod ocsf;
mod outlet;
mod query;
mod raised;
mod story;
mod suppression;
#[cfg(test)]
pub(crate) mod tests;

pub use behaviour::{Behaviour, Fate};
pub use cef::cef;
pub use course::{Course, Crowd, Known, Quiet, Situation, course, quiet};
pub use found::{Found, Handling, Kind, Raise, Stage};
pub use incident::{Cause, place};
pub use judgement::{Judged, Judgement};
pub use life::{Change, Closing, Closure, Entry, Illegal, Reason, State, Step, Suppress, Verdict, after};
pub use limit::{day, midnight};
pub use ocsf::ocsf;
pub use outlet::{Activity, AlertFormat, Dispatch, Outlet, render};
pub use query::{AlertQuery, BehaviourQuery, Wanted};
pub use raised::{Alert, AlertId, Form};
pub use story::{Severity, Story, Who};
pub use suppression::{Suppression, SuppressionId};
