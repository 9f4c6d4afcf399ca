//! Traces: how long each step of an event's way took, for whoever runs a collector of OpenTelemetry.
//!
//! What goes in: the spans of [`span`], which are `tracing` spans of one target and nothing else. What comes out: OTLP over HTTP, in
//! JSON, at the endpoint of `[telemetry]`. One span's way: `recorder` makes it a value when it ends → [`Shelf`] keeps it →
//! [`Exporter`] takes it from there and sends it as `otlp` writes it. `trail` knows which commit stored an event, so that a delivery is
//! linked to it.
//!
//! What always holds:
//!
//! - **Nobody waits for it.** Whoever ends a span puts it on the shelf and goes on. A full shelf drops what comes, and counts it; a
//!   collector that is slow, away or wrong costs its own traces, a line in the log when that begins and one when it ends, and at a stop
//!   no more than [`export::LAST`].
//! - **Nothing of an event, a person or a credential is in it (I5).** Attributes are names of the configuration, counts, and words that
//!   stand in this program: [`span`] is all there is. Of a request: method, scheme, host, port and status; no path, no query, no header.
//!   Log lines are not part of it.
//! - **Nothing of it leaves towards a vendor.** Components have no import for it, and no request carries a header of it.
//! - **Off, it costs a look at a flag**, for a span as for a log line that nobody hears.
//!
//! The wire format is written here: `opentelemetry-otlp` brings `prost` and generated messages for it, and the SDK batches on a thread and a
//! clock of its own, which no test can step. <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

pub mod export;
mod otlp;
mod recorder;
mod shelf;
pub mod span;
mod trail;

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

pub use export::{Exporter, probe};
pub use recorder::{Filter, Recorder};
pub use shelf::Shelf;

/// The target of the spans that are traced.
pub const TARGET: &str = "miro_source::trace";

/// Where the spans of this process wait.
pub fn shelf() -> Arc<Shelf> {
    // As `tracing` has it: a process has one subscriber.
    static SHELF: LazyLock<Arc<Shelf>> = LazyLock::new(Arc::default);
    Arc::clone(&SHELF)
}
