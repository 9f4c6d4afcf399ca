//! How a component is replaced while the host runs, with proof before and a way back after (I6).
//!
//! What goes in: the bytes of a candidate, from a file that changed or a person's `components swap`. What comes out: a new
//! current generation, or a refusal that names the step and the reason; both are kept in the store's history. What always
//! holds:
//!
//! - A candidate becomes current only after all of this, in this order: something vouches for its bytes → it compiles, fits
//!   its world and imports nothing beyond its allow-list → for every source, what it must reach is granted → it describes
//!   itself → on every transcript it yields the same events, or a person accepted the difference → it reads every current
//!   checkpoint → one source, the *canary*, completes a poll with it.
//! - Nothing of a canary's poll is stored before the candidate is current: its pages are held in memory and dropped with its
//!   checkpoint where it fails. Then they are stored as they are, and their requests are not made again.
//! - A step ends on the generation that it began with, and its page counts, unless that generation was taken back meanwhile.
//! - In the first polls of each source a trap, an exceeded limit, or a broken contract or protocol takes the generation back:
//!   the one before is current again, and every stream stands where it stood. What was stored stays; what is read again is
//!   known by its id.
//! - A run for some of the sources alone replaces nothing: what is current is so for the others too.
//! - A refused or taken back component is not tried again by itself, restarts of the host included; what may have been bad
//!   luck is, with backoff.
//!
//! | file | noun |
//! |---|---|
//! | `transcript` | one `collect` as it happened, and playing it again |
//! | `difference` | what a candidate does differently, by field |
//! | `proof` | the steps before the canary |
//! | `slot` | the place that a component fills: current, canary, on probation |
//! | `tenancy` | what fills it when the host starts |
//! | `kept` | a component as the store keeps it |
//! | `swaps` | all slots of a host, and offering candidates to them |
//! | `watch` | files that change |
//! | `shown` | what an operator sees |

mod difference;
mod kept;
mod proof;
mod shown;
mod slot;
mod swaps;
mod tenancy;
mod transcript;
mod watch;

pub use difference::{Difference, Part};
pub use proof::{Refusal, Step};
pub use shown::{Shown, ShownSource};
pub use slot::{Canary, Outcome, Slot, Turn};
pub use swaps::{Consent, Offer, Promoted, Seat, Swaps};
pub use tenancy::Tenancy;
pub use transcript::{Recorder, Transcript};
