//! A day at its defaults, on a stepped clock: how late events are, and how much is read for them.

use std::time::Duration;

use miro_source::clock::Clock as _;
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, ORIGIN, Recipe, Stage},
};
use simulator::{Organization, Settings, Spec, World};

use crate::table::{Table, Target};

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    for events in [2_000, 30_000] {
        day(table, events).await?;
    }
    Ok(())
}

async fn day(table: &mut Table, events: usize) -> anyhow::Result<()> {
    let spec = Spec { from: ORIGIN, to: ORIGIN + 24 * HOUR, events, ..Spec::default() };
    let (stage, clock) = Stage::stepped(World::new(Organization::generate(9, spec), Settings::default())).await?;
    let config = stage.configure(&Recipe { since: "1h".into(), ..Recipe::default() }, clock.now())?;
    let mut drive = Drive::open(&config, &clock).await?;
    drive.pass(Duration::from_secs(25 * 3600)).await?;
    let account = stage.world.account(clock.now().0);
    anyhow::ensure!(account.lost == 0 && account.violations.is_empty(), "{account:#?}");
    let busy = events > 10_000;
    let target = |most: f64| if busy { Target::Most(most) } else { Target::None };
    let seconds = |ms: u32| f64::from(ms) / 1000.0;
    let what = format!("a day of {events} events, 1 % late: visible → accepted, 99th percentile");
    table.row(what, target(310.0), seconds(account.delay.p99), "s");
    table.row("  median", Target::None, seconds(account.delay.median), "s");
    let new = account.held as f64 / 100.0;
    table.row("  pages read for each page of new events", target(10.0), account.pages as f64 / new, "");
    table.row("  pages read", Target::None, account.pages as f64, "");
    Ok(())
}
