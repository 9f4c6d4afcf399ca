//! A second source, by a component that is not built in: another vendor, another way of paging, the same host.

mod vendor;

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, time::Duration};

use miro_source::clock::{Clock as _, SteppedClock};
use miro_source_tests::{
    component,
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Stage},
};
use simulator::{Organization, Settings, Spec, World};
use vendor::Vendor;

/// A vendor with a past of six hours, half of it in the last ten minutes, and three hours to come.
fn tidemark(clock: &SteppedClock) -> Vendor {
    let clock = clock.clone();
    let vendor = Vendor::open(move || clock.now().0).unwrap();
    for at in 0..400 {
        vendor.add(ORIGIN - 6 * HOUR + at * 50_000, 0);
        vendor.add(ORIGIN - 10 * MINUTE + at * 1_400, 0);
        // Up to fifteen minutes late, as it says itself.
        vendor.add(ORIGIN + at * 27_000, at % 16 * MINUTE * 15 / 16);
    }
    vendor
}

async fn stage() -> (Stage, SteppedClock, Vendor, PathBuf) {
    let world = World::new(Organization::generate(1, Spec { events: 0, ..Spec::default() }), Settings::default());
    let (stage, clock) = Stage::stepped(world).await.unwrap();
    let vendor = tidemark(&clock);
    let mut text = String::new();
    let wasm = component::build("guest-example").unwrap();
    let path = component::install(stage.folder.path(), "tidemark", &wasm, &mut text).unwrap();
    let key = stage.secret("key", &"7d".repeat(32)).unwrap();
    let token = stage.secret("token", vendor::TOKEN).unwrap();
    let sumo = stage.secret("sumo_url", &stage.server.sumo_url).unwrap();
    let url = &vendor.url;
    write!(
        text,
        "[store]\npath = {:?}\nkey = {{ file = {key:?} }}\n\n\
         [[source]]\nname = \"docs\"\ncomponent = {path:?}\ninterval = \"5m\"\nallow = [\"{url}\"]\n\
         config = {{ api_url = \"{url}\", traits = {{ \"board.linked\" = [\"shared\"] }} }}\n\
         secrets = {{ access_token = {{ file = {token:?} }} }}\n\n\
         [[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nurl = {{ file = {sumo:?} }}\ncategory = \"docs\"\n",
        stage.path("miro-source.db"),
    )
    .unwrap();
    let config = stage.write(&text).unwrap();
    (stage, clock, vendor, config)
}

/// How often each id was delivered.
fn delivered(stage: &Stage) -> BTreeMap<String, usize> {
    let mut ids = BTreeMap::new();
    // What is said of its health is of a category of its own.
    for record in stage.world.records().into_iter().filter(|record| record.metadata.category.as_deref() == Some("docs")) {
        *ids.entry(record.id.unwrap()).or_default() += 1;
    }
    ids
}

#[tokio::test]
async fn a_second_vendor_needs_a_component_and_no_change_of_the_host() {
    let (stage, clock, vendor, config) = stage().await;
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    // The host ends in the middle of the first pass, three of its pages stored and none delivered.
    for _ in 0..6 {
        drive.workers[0].step().await.unwrap();
    }
    assert!(drive.status().pages >= 3, "{:?}", drive.status());
    drop(drive);
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(4 * 3600)).await.unwrap();

    let expected: BTreeMap<String, usize> = vendor.visible().into_iter().map(|id| (id, 1)).collect();
    assert!(expected.len() > 1200, "{} events", expected.len());
    assert_eq!(delivered(&stage), expected);
    let books = vendor.books();
    assert_eq!(books.refused, Vec::<String>::new());
    assert!(books.throttled > 10 && books.shifted > 10, "{books:?}");
    let status = drive.status();
    assert!(status.watermark.is_some_and(|read| read.0 > ORIGIN + 3 * HOUR), "{status:?}");
}

#[tokio::test]
async fn a_token_that_the_second_vendor_does_not_know_needs_a_person_and_loses_nothing() {
    let (stage, clock, vendor, config) = stage().await;
    stage.secret("token", "a-token-of-somebody-else").unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1800)).await.unwrap();
    assert!(delivered(&stage).is_empty());
    assert!(!vendor.books().refused.is_empty() && vendor.books().refused.iter().all(|why| why.starts_with("401")), "{:?}", vendor.books());
    let said = drive.status().problem.map(|problem| problem.message).unwrap_or_default();
    assert!(said.contains("it knows no such token") && !said.contains("somebody-else"), "{said}");
    drop(drive);

    stage.secret("token", vendor::TOKEN).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(4 * 3600)).await.unwrap();
    assert_eq!(delivered(&stage), vendor.visible().into_iter().map(|id| (id, 1)).collect());
}
