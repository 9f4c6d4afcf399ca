//! I2, I3: `kill -9` of a real host at any moment loses nothing, and repeats at most the batch that was on its way.

mod points;
mod random;
mod refresh;

use miro_source::model::Instant;
use miro_source_tests::{
    host::Host,
    patience::until,
    stage::{HOUR, Recipe, Stage},
};
use simulator::{Account, Organization, Settings, Spec, World};

/// A backlog of four hours on this machine's clock, which the host shares.
fn backlog(seed: u64, events: usize) -> World {
    let now = Instant::system().0;
    let spec = Spec { from: now - 5 * HOUR, to: now - HOUR, events, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(seed, spec), Settings::default());
    world.set(|settings| {
        // What one batch holds is read from what was accepted.
        settings.sumo.keep_records = 1_000_000;
        settings.miro.credits_per_minute = 10_000_000;
    });
    world
}

fn recipe() -> Recipe {
    Recipe { interval: "1s".into(), since: "6h".into(), ..Recipe::default() }
}

fn account(world: &World) -> Account {
    world.account(Instant::system().0)
}

/// Starts `run` on the stage, with a place to die at or without.
fn start(stage: &Stage, kill_at: Option<&str>) -> Host {
    let env: Vec<_> = kill_at.map(|place| ("MIRO_SOURCE_KILL_AT", place)).into_iter().collect();
    Host::start(Stage::demo_binary(), &stage.path("miro-source.toml"), &["run"], &env, &stage.path("host.log")).unwrap()
}

/// Waits until the host was killed at the place it was told.
pub(crate) async fn killed(mut host: Host, place: &str) {
    use std::os::unix::process::ExitStatusExt as _;
    let mut status = None;
    until(&format!("the host is killed at {place}"), || {
        status = host.ended().unwrap();
        status.is_some()
    })
    .await
    .unwrap_or_else(|why| panic!("{why}; its log:\n{}", host.log()));
    assert_eq!(status.unwrap().signal(), Some(9), "{place}: {status:?}; its log:\n{}", host.log());
}

/// Lets a host finish what is left, and stops it.
async fn finish(stage: &Stage) -> Account {
    let pages = account(&stage.world).pages;
    let host = start(stage, None);
    let finished = |account: Account| account.pages > pages && account.lost == 0;
    until("nothing is left", || finished(account(&stage.world)))
        .await
        .unwrap_or_else(|why| panic!("{why}: {:#?}; its log:\n{}", account(&stage.world), host.log()));
    assert!(host.terminate().unwrap().success());
    account(&stage.world)
}

/// How many events each accepted batch held, in order.
fn batches(world: &World) -> Vec<usize> {
    let records = world.records();
    records.chunk_by(|a, b| std::sync::Arc::ptr_eq(&a.metadata, &b.metadata)).map(<[_]>::len).collect()
}
