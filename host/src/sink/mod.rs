//! Where events go. A [`Sink`] takes one batch and says what became of it; [`delivery`] follows the log with it.
//!
//! What goes in: lines of JSON in the order of the log, of one source and one lane, within the sink's own
//! [`BatchLimits`]. What comes out: an [`Outcome`], named after what to do next. A sink keeps no queue: the log is the
//! queue, and a cursor per sink, source and lane says how far it got.
//!
//! What always holds:
//!
//! - **Accepted means accepted (I3).** A sink says [`Outcome::Accepted`] only when the far side took the whole batch
//!   durably as far as it can tell. The cursor moves after that, never before.
//! - **At least once (I2).** A batch is sent again only after an answer that does not settle it, or a crash before the
//!   cursor moved.
//! - **Nobody is held up.** Each sink has a worker of its own; a slow or broken one only lets its own backlog grow.
//! - **No secret in any text (I5).** The URL of a Sumo Logic source is a credential: messages name its host only.
//! - **Order.** Within a source and lane, events leave in the order of the log; one that was refused by itself may come
//!   after its neighbours or be parked.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::model::{Lane, Seq, SourceName};

mod assemble;
pub mod delivery;
pub mod file;
mod mask;
mod sieve;
pub mod stdout;
pub mod sumo;
mod turn;

pub use assemble::{assemble, assemble_alerts, build, sieve, takes_alerts};
pub use delivery::{AlertDelivery, Allowance, Delivery, Lines, Next, Outcomes, Parts, State, Status, Trouble};
pub(crate) use mask::has_pseudonym;
pub use mask::{Known, Mask};
pub use sieve::{Normalize, Sieve, drops_all_of};
pub use turn::Turns;

/// Takes batches to one place.
pub trait Sink: Send {
    /// Sends the batch once and says what became of it. Never waits to try again; dropping the future abandons the
    /// attempt, which may then have been ingested.
    fn deliver<'a>(&'a mut self, batch: Batch<'a>) -> BoxFuture<'a, Outcome>;

    /// How much one batch may hold.
    fn limits(&self) -> BatchLimits;

    /// Reaches the far side without delivering anything. Returns what it found, for people.
    fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>>;
}

/// Events of one source and lane on their way.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Whose.
    pub source: &'a SourceName,
    /// How they came.
    pub lane: Lane,
    /// The events, in the order of the log. Never empty.
    pub events: &'a [Line],
}

/// One event as a sink sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the log.
    pub seq: Seq,
    /// The vendor's verb, for messages about it.
    pub action: String,
    /// One line of JSON, without the line break.
    pub bytes: Bytes,
}

/// How much one batch may hold. A single event may be larger: it then travels alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Events.
    pub events: usize,
    /// Bytes before compression, line breaks included.
    pub bytes: usize,
}

/// What became of a batch, by what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it is there.
    Accepted {
        /// What the far side had to say about it.
        warning: Option<String>,
    },
    /// Send it again later.
    Retry {
        /// Not before that long; otherwise the worker's own backoff.
        after: Option<Duration>,
        /// What happened, for people.
        reason: String,
        /// Some or all of it may have been ingested already.
        ambiguous: bool,
    },
    /// A person must act; trying again soon is pointless.
    Paused {
        /// What to do, for people.
        reason: String,
    },
    /// The batch as a whole is too large.
    TooLarge,
    /// The far side says the content is wrong: an event in it, or what goes with every batch.
    Refused {
        /// What it said.
        reason: String,
    },
}

/// Why a sink cannot be built or reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The configuration can never work.
    #[error("{0}")]
    Config(String),
    /// It may work later.
    #[error("{0}")]
    Unreachable(String),
    /// It answers, and a person must act.
    #[error("{0}")]
    Person(String),
}

/// Reads a secret where the configuration says it is, each time it is called. May block. The error is for people and
/// names the place, never the secret.
pub type SecretSource = Arc<dyn Fn() -> Result<SecretString, String> + Send + Sync>;
