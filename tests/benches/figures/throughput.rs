//! The whole way of an event: page in over HTTP, normalized, durable, read, compressed, posted, noted.
//!
//! Both far sides run in this process on threads of their own; what those use is subtracted. Without TLS.

use std::{sync::Arc, time::Duration};

use miro_source::{
    clock::SteppedClock,
    config,
    model::Instant,
    pipeline::{Edges, Pipeline},
    schedule, sink,
};
use miro_source_tests::{drive::Drive, stage::ORIGIN};

use crate::{
    door::Door,
    meter::{Meter, micros},
    pages, plain,
    table::{Table, Target},
};

const EVENTS: usize = 60_000;

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let records = pages::records(EVENTS);
    let bytes: usize = records.iter().map(String::len).sum();
    let bodies = pages::bodies(&records, 100);
    drop(records);
    let each = |time: Duration| micros(time) / EVENTS as f64;
    let mut row = |what: &str, target, (wall, used): (Duration, Duration)| {
        table.row(format!("{what}: processor time an event"), target, each(used), "µs");
        table.row("  wall time an event", Target::None, each(wall), "µs");
    };

    let line = Line::open(bodies.clone()).await?;
    let Line { mut drive, .. } = line;
    let run = Run::start(&line.miro, &line.sumo)?;
    drive.settle().await?;
    row("whole pipeline, page by page (each of 100 delivered at once)", Target::Most(20.0), run.used()?);
    anyhow::ensure!(drive.status().events == EVENTS as u64, "{:?}", drive.status());
    anyhow::ensure!(line.sumo.requests() as usize >= EVENTS / 1000, "{} posts", line.sumo.requests());

    let line = Line::open(bodies).await?;
    let Line { mut drive, .. } = line;
    let run = Run::start(&line.miro, &line.sumo)?;
    for worker in &mut drive.workers {
        while worker.step().await? == schedule::Next::AtOnce {}
    }
    let collected = run.used()?;
    row("  page in → durable", Target::None, collected);
    let run = Run::start(&line.miro, &line.sumo)?;
    for delivery in &mut drive.deliveries {
        while delivery.step().await? == sink::Next::AtOnce {}
    }
    let delivered = run.used()?;
    row("  durable → accepted, in batches of 1 MB", Target::None, delivered);
    row("whole pipeline, a backlog", Target::Most(20.0), (collected.0 + delivered.0, collected.1 + delivered.1));
    table.row("size of these events", Target::None, bytes as f64 / EVENTS as f64, "bytes");
    Ok(())
}

/// A host between two far sides.
struct Line {
    miro: Door,
    sumo: Door,
    drive: Drive,
    _folder: tempfile::TempDir,
}

impl Line {
    async fn open(bodies: Vec<bytes::Bytes>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (miro, sumo) = (Door::pages(bodies)?, Door::accepting()?);
        let config = config::load(&plain::write(folder.path(), 1, &miro.url, &sumo.url, "[]")?)?;
        let clock = SteppedClock::new(Instant(ORIGIN));
        let edges = Edges::real(&config, Arc::new(clock.clone()))?;
        let drive = Drive::over(Pipeline::assemble(&config, edges).await?, &clock);
        Ok(Self { miro, sumo, drive, _folder: folder })
    }
}

/// Processor time of the host alone.
struct Run<'a> {
    meter: Meter,
    doors: [&'a Door; 2],
    cost: Duration,
}

impl<'a> Run<'a> {
    fn start(miro: &'a Door, sumo: &'a Door) -> anyhow::Result<Self> {
        Ok(Self { meter: Meter::start()?, doors: [miro, sumo], cost: miro.cost() + sumo.cost() })
    }

    /// Wall and processor time.
    fn used(&self) -> anyhow::Result<(Duration, Duration)> {
        let (wall, used) = self.meter.read()?;
        let far: Duration = self.doors.iter().map(|door| door.cost()).sum();
        Ok((wall, used.saturating_sub(far.saturating_sub(self.cost))))
    }
}
