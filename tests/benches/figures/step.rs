//! What the sandbox costs: the same step natively and inside, turn by turn in one run.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use crate::{
    meter::{median, micros},
    pages, sandbox,
    table::{Table, Target},
};

const ROUNDS: usize = 300;

/// Medians of the two ways, and of an empty call.
struct Medians {
    native: Duration,
    sandboxed: Duration,
    copied: Duration,
    empty: Duration,
}

/// Turn by turn, so that a noisy neighbour strikes all alike.
async fn medians(events: usize) -> anyhow::Result<Medians> {
    let records = pages::records(events);
    let page = pages::bodies(&records, events).remove(0);
    let checkpoint = sandbox::checkpoint()?;
    let source = sandbox::source(page.clone()).await?;
    // Refused at their first byte: in they come, and next to nothing is done with them.
    let refused: Vec<String> = records.iter().map(|record| record.replacen('{', "?", 1)).collect();
    let (mut native, mut sandboxed, mut copied, mut empty) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        black_box(sandbox::native(&page, &checkpoint)?);
        native.push(began.elapsed());
        let began = Instant::now();
        black_box(sandbox::sandboxed(&source, &checkpoint).await?);
        sandboxed.push(began.elapsed());
        let given = refused.clone();
        let began = Instant::now();
        black_box(source.normalize(given).await?);
        copied.push(began.elapsed());
        let began = Instant::now();
        black_box(source.describe().await?);
        empty.push(began.elapsed());
    }
    Ok(Medians { native: median(native), sandboxed: median(sandboxed), copied: median(copied), empty: median(empty) })
}

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let small = medians(100).await?;
    let large = medians(500).await?;
    let each = |small: Duration, large: Duration| micros(large.saturating_sub(small)) / 400.0;
    let (native, sandboxed) = (each(small.native, large.native), each(small.sandboxed, large.sandboxed));
    table.row("a further event of a page: in the sandbox ÷ natively", Target::Most(1.6), sandboxed / native, "×");
    table.row("  natively", Target::None, native, "µs");
    table.row("  in the sandbox, copies in and out included", Target::None, sandboxed, "µs");
    table.row("a page of 100, in the sandbox", Target::None, micros(small.sandboxed), "µs");
    table.row("a page of 100, natively", Target::None, micros(small.native), "µs");
    let overhead = (micros(small.sandboxed) - 100.0 * sandboxed).max(micros(small.empty));
    table.row("a step's overhead that no event adds to (instance, call, request)", Target::Most(100.0), overhead, "µs");
    table.row("  an empty call", Target::None, micros(small.empty), "µs");
    table.row("  a call with 100 records that are refused at their first byte", Target::None, micros(small.copied), "µs");
    Ok(())
}
