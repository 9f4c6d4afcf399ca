//! What is so and ends, durably, with what is said of it.

use serde::Serialize;

use super::Result;
use crate::{
    condition::{Change, HealthLine, Known},
    model::{Instant, SinkName, SourceName},
};

/// Lines about alerts and health, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outbox {
    /// On their way.
    pub waiting: u64,
    /// Refused, kept, and not sent again.
    pub refused: u64,
}

/// The part of the store that knows conditions. What always holds:
///
/// - **With what is said.** That a condition begins, gets worse or ends is noted in one transaction with what channels and sinks are to
///   be told of it.
/// - **One row a condition.** The one that comes back is the one that was there, open again.
pub trait Conditions: Send + Sync + 'static {
    /// The conditions that are known, open ones first, each kind together.
    fn conditions(&self) -> Result<Vec<Known>>;
    /// Notes what changed, and what is said of it, all or nothing.
    fn turn_conditions(&self, change: &Change, at: Instant) -> Result<()>;
    /// A small named value, as [`note`](super::Store::note) stores it, with what sinks are told of it, in one transaction.
    fn proclaim(&self, key: &str, value: &str, lines: &[HealthLine]) -> Result<()>;
    /// How many lines about alerts and health there are for a sink.
    fn outbox_size(&self, sink: &SinkName) -> Result<Outbox>;
    /// When events of a source came after `since`, live and late ones, to the minute, each minute once, in order.
    fn arrivals(&self, source: &SourceName, since: Instant) -> Result<Vec<Instant>>;
}
