//! How the host is doing, for machines: metrics for Prometheus, and health for whoever restarts or routes.
//!
//! What goes in: a [`Sight`] of everything that runs. What comes out, over plain HTTP/1 at `listen` of `[web]`:
//!
//! | path | answer |
//! |---|---|
//! | `/metrics` | Prometheus' text exposition format 0.0.4; 503 where the store cannot be read |
//! | `/healthz` | 200 as long as this process serves and none of its tasks failed, else 503 |
//! | `/readyz` | 200 once every source has begun and nothing needs a person, else 503 and a line a reason |
//!
//! What always holds:
//!
//! - **It shows, and changes nothing.** `GET` and `HEAD` only; no body is read; one request a connection.
//! - **It holds nobody up.** At most 32 connections, ten seconds for a head, thirty for all of it; what is asked of the store
//!   does not grow with the events in it, and is asked at most every five seconds, however often somebody scrapes.
//! - **It counts nothing itself.** Counts are those of [`schedule`](crate::schedule), [`sink`](crate::sink),
//!   [`runtime`](crate::runtime) and [`store`](crate::store); they begin with the process or the last reload, except those that the store
//!   keeps, and that of dropped spans.
//! - **No secret, no event.** Names of the configuration, counts, and in `/readyz` the host's own words, made harmless.
//!
//! | file | noun |
//! |---|---|
//! | `server` | the listener and its bounds |
//! | `answer` | what a request gets |
//! | `sight` | everything that runs, as it is looked at |
//! | `stored` | what the store is asked |
//! | `lateness` | a histogram of how late events came |
//! | `readiness` | why the host is not ready |
//! | `metrics` | what is told of what was seen |
//! | `exposition` | the text format |

mod answer;
mod exposition;
mod lateness;
mod metrics;
mod readiness;
mod server;
mod sight;
mod stored;
#[cfg(test)]
mod tests;

pub use readiness::{line, reasons};
pub use server::{ListenError, Listener, serve};
pub use sight::{Parts, Seen, Sight, SinkSight};
