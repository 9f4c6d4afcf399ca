//! What a swap adds to the steps that cross it: many sources read, a page a step, over real sockets, while their component is
//! replaced fifty times a second by turns of three generations. Windows with and without swaps take turns.
//!
//! A long step is likelier to have a swap in its middle than a short one, so that steps that cross one are slower than the rest
//! even where a swap costs nothing. They are therefore compared with steps that cross the same tick of the clock in windows in
//! which nothing is swapped at it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use miro_source::{
    config::NetworkConfig,
    egress::{Grant, HttpTransport},
    model::Instant as At,
    runtime::{Component, Limits, Runtime, RuntimeOptions, Source},
};
use miro_source_tests::changing::{self, Vendor};
use tokio::time::MissedTickBehavior;

use crate::table::{Table, Target};

const SOURCES: u64 = 200;
const PAUSE: Duration = Duration::from_millis(400);
const SWAPS: Duration = Duration::from_millis(20);
const WINDOW: Duration = Duration::from_secs(2);
const WINDOWS: u32 = 40;

/// One step: how long it took, whether swaps were going on, and whether a tick came in its middle.
struct Step {
    took: Duration,
    swapping: bool,
    crossed: bool,
}

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let vendor = Vendor::start().await?;
    let transport = Arc::new(HttpTransport::new(&NetworkConfig::default())?);
    let runtime = Runtime::new(RuntimeOptions { cache: None, transport, limits: Limits::default() })?;
    let mut generations = Vec::new();
    for name in ["plain", "other", "third"] {
        generations.push(runtime.load(changing::version(name)?).await?);
    }
    let first = generations.first().map(Arc::clone).ok_or_else(|| anyhow::anyhow!("no generation"))?;
    let component = Arc::new(Component::new(first));
    let (swapping, ticks_passed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let end = Instant::now() + WINDOW * WINDOWS;
    let mut readers = Vec::new();
    for number in 0..SOURCES {
        let config = serde_json::json!({ "url": vendor.url, "name": format!("s{number}") }).to_string();
        let grant = Arc::new(Grant::new([vendor.url.parse()?]));
        let source = Source::new(Arc::clone(&runtime), Arc::clone(&component), config.into(), grant);
        let (swapping, passed) = (Arc::clone(&swapping), Arc::clone(&ticks_passed));
        readers.push(tokio::spawn(async move {
            let mut steps = Vec::new();
            // Spread over the pause, as sources are over their interval.
            let mut due = tokio::time::interval_at((Instant::now() + PAUSE * u32::try_from(number)? / 200).into(), PAUSE);
            due.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut checkpoint = r#"{"v":1,"n":0}"#.to_owned();
            while Instant::now() < end {
                due.tick().await;
                let (before, on) = (passed.load(Ordering::Acquire), swapping.load(Ordering::Acquire));
                let began = Instant::now();
                checkpoint = source.collect("token", &checkpoint, At::system()).await?.checkpoint;
                let took = began.elapsed();
                steps.push(Step { took, swapping: on, crossed: passed.load(Ordering::Acquire) != before });
            }
            anyhow::Ok(steps)
        }));
    }
    for window in 0..WINDOWS {
        let close = Instant::now() + WINDOW;
        let on = window % 2 == 1;
        swapping.store(on, Ordering::Release);
        let mut ticks = tokio::time::interval(SWAPS);
        for generation in generations.iter().cycle() {
            ticks.tick().await;
            if Instant::now() >= close {
                break;
            }
            if on {
                component.swap(Arc::clone(generation), None);
            }
            ticks_passed.fetch_add(1, Ordering::AcqRel);
        }
    }
    let mut steps = Vec::new();
    for reader in readers {
        steps.extend(reader.await??);
    }
    let p99 = |of: &dyn Fn(&Step) -> bool| {
        let mut times: Vec<f64> = steps.iter().filter(|step| of(step)).map(|step| step.took.as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        let count = times.len();
        (times.get((count * 99 / 100).min(count.saturating_sub(1))).copied().unwrap_or_default(), count)
    };
    let (still, quiet) = p99(&|step| !step.swapping);
    let (moved, during) = p99(&|step| step.swapping);
    let (crossed, across) = p99(&|step| step.swapping && step.crossed);
    let (ticked, beside) = p99(&|step| !step.swapping && step.crossed);
    let asked = vendor.total();
    anyhow::ensure!(asked == steps.len(), "{} steps, {asked} requests: a step was lost or made twice", steps.len());
    table.row("swap: added to steps that cross one, 99th percentile", Target::Most(1.0), crossed - ticked, "ms");
    table.row("  99th percentile of steps that cross a swap", Target::None, crossed, "ms");
    table.row("  of steps that cross a tick at which nothing is swapped", Target::None, ticked, "ms");
    table.row("  of all steps while the component is swapped 50 times a second", Target::None, moved, "ms");
    table.row("  of all steps without swaps", Target::None, still, "ms");
    eprintln!("  {during} steps with swaps, {across} across one; {quiet} without, {beside} across a tick; none failed");
    Ok(())
}
