//! From the start of the process to its first request of Miro.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use miro_source_tests::{host::Host, stage::Stage};

use crate::{
    door::Door,
    meter::median,
    plain,
    table::{Table, Target},
};

const STARTS: usize = 11;
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn measure(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (door, sumo) = (Door::pages(Vec::new())?, Door::accepting()?);
    let config = plain::write(folder.path(), 1, &door.url, &sumo.url, "[]")?;
    let fresh = start(&config, &door, folder.path())?;
    let mut cached = Vec::new();
    for _ in 0..STARTS {
        cached.push(start(&config, &door, folder.path())?);
    }
    table.row("start of the process to its first request of Miro, compiled code cached", Target::Most(150.0), millis(median(cached)), "ms");
    table.row("  the very first start: compiling, and making the store", Target::None, millis(fresh), "ms");
    Ok(())
}

fn start(config: &Path, door: &Door, folder: &Path) -> anyhow::Result<Duration> {
    // What the one before asked last.
    while door.arrival(Duration::ZERO).is_some() {}
    let began = Instant::now();
    let host = Host::start(Stage::demo_binary(), config, &["run"], &[], &folder.join("log"))?;
    let first = door.arrival(PATIENCE).with_context(|| format!("no request came: {}", host.log()))?;
    host.kill()?;
    Ok(first.duration_since(began))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
