//! Memory of a host that has nothing to do.

use std::time::Duration;

use anyhow::Context as _;
use miro_source::clock::{Clock as _, SystemClock};
use miro_source_tests::{host::Host, stage::Stage};

use crate::{
    door::Door,
    meter::resident,
    plain,
    table::{Table, Target},
};

const MORE: usize = 200;
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let (one, own) = idle(1).await?;
    let (many, many_own) = idle(1 + MORE).await?;
    table.row("resident, one idle source", Target::Most(50.0), one / 1024.0, "MiB");
    table.row("  of it not backed by files", Target::None, own / 1024.0, "MiB");
    table.row("resident, each further idle source", Target::Most(100.0), (many - one) / MORE as f64, "KiB");
    table.row("  of it not backed by files", Target::None, (many_own - own) / MORE as f64, "KiB");
    Ok(())
}

/// A host with so many sources, each of which has polled once and waits.
async fn idle(sources: usize) -> anyhow::Result<(f64, f64)> {
    let folder = tempfile::tempdir()?;
    let (door, sumo) = (Door::pages(Vec::new())?, Door::accepting()?);
    let config = plain::write(folder.path(), sources, &door.url, &sumo.url, r#"["10m", "1h", "24h"]"#)?;
    let mut measured = (0.0, 0.0);
    // The first start compiles, which costs memory once and for all: the second is what a host is like.
    for _ in 0..2 {
        let host = Host::start(Stage::demo_binary(), &config, &["run"], &[], &folder.path().join("log"))?;
        for _ in 0..sources {
            door.arrival(PATIENCE).with_context(|| format!("a source did not poll: {}", host.log()))?;
        }
        // Until it has been quiet for a while.
        while door.arrival(Duration::from_secs(2)).is_some() {}
        SystemClock.sleep_until(SystemClock.now().plus(Duration::from_secs(1))).await;
        measured = resident(host.pid())?;
        host.terminate()?;
    }
    Ok(measured)
}
