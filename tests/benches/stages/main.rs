//! Time of each stage that an event passes, by itself: `cargo bench -p miro-source-tests --bench stages`.
//!
//! The figures that are no time per iteration stand in the bench `figures`.
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has nothing to say")]

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

#[path = "../ground/door.rs"]
#[expect(dead_code, reason = "shared with the bench `figures`")]
mod door;
#[path = "../ground/pages.rs"]
mod pages;
#[path = "../ground/sandbox.rs"]
mod sandbox;
mod sink;
mod step;
#[path = "../ground/stock.rs"]
mod stock;
mod store;

/// Everything together takes about a minute and a half.
fn brief() -> Criterion {
    Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3))
}

criterion_group! { name = stages; config = brief(); targets = step::bench, store::bench, sink::bench }
criterion_main!(stages);
