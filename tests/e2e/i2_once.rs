//! I2: stored once, delivered at least once, and twice only where nobody can know.

use std::time::Duration;

use miro_source::clock::Clock as _;
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, ORIGIN, Recipe, Stage},
};
use simulator::{Endpoint, Fault, Organization, Rule, Settings, Spec, World};

fn backlog(events: usize) -> World {
    let spec = Spec { from: ORIGIN - 5 * HOUR, to: ORIGIN, events, late_share: 0.0, ..Spec::default() };
    World::new(Organization::generate(2, spec), Settings::default())
}

async fn collected(world: World, recipe: &Recipe) -> (Stage, Drive, miro_source::clock::SteppedClock) {
    let (stage, clock) = Stage::stepped(world).await.unwrap();
    let config = stage.configure(recipe, clock.now()).unwrap();
    let drive = Drive::open(&config, &clock).await.unwrap();
    (stage, drive, clock)
}

fn six_hours() -> Recipe {
    Recipe { since: "6h".into(), ..Recipe::default() }
}

#[tokio::test]
async fn i2_one_poison_event_among_5000_is_parked_and_the_rest_arrives() {
    let world = backlog(5_000);
    let poison = world.visible(ORIGIN)[1_234].clone();
    let id = serde_json::from_str::<serde_json::Value>(&poison).unwrap()["id"].as_str().unwrap().to_owned();
    world.set(|settings| {
        settings.sumo.poison_ids.insert(id.clone());
    });
    let (stage, mut drive, clock) = collected(world, &six_hours()).await;
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost_ids.clone(), account.duplicates), (5_000, vec![id.clone()], 0), "{account:#?}");
    let parked = drive.store.parked().unwrap();
    assert_eq!(parked.len(), 1, "{parked:?}");
    let (_, event) = drive.store.event(parked[0].seq).unwrap().unwrap();
    assert!(event.record.contains(&id));

    // Mended at the far side, and tried again by an operator.
    stage.world.set(|settings| settings.sumo.poison_ids.clear());
    assert_eq!(drive.store.retry_parked(None, None).unwrap(), 1);
    drive.nudge();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    assert_eq!(stage.world.account(clock.now().0).lost, 0);
    assert!(drive.store.parked().unwrap().is_empty());
}

#[tokio::test]
async fn i2_a_wrong_header_parks_nothing_and_everything_arrives_once_it_is_right() {
    let world = backlog(1_000);
    world.set(|settings| {
        settings.sumo.poison_headers.insert("x-sumo-category".into(), "miro".into());
    });
    let (stage, mut drive, clock) = collected(world, &six_hours()).await;
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    assert!(drive.store.parked().unwrap().is_empty());
    assert_eq!(stage.world.account(clock.now().0).accepted, 0);
    stage.world.set(|settings| settings.sumo.poison_headers.clear());
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.duplicates), (1_000, 0, 0), "{account:#?}");
}

#[tokio::test]
async fn i2_a_lost_answer_of_sumo_repeats_at_most_the_batch_in_flight() {
    let world = backlog(3_000);
    world.add_rule(Rule::new(Endpoint::Sumo, Fault::Lost).after(1).once());
    world.add_rule(Rule::new(Endpoint::Sumo, Fault::Partial { lines: 10 }).after(3).once());
    let (stage, mut drive, clock) = collected(world, &six_hours()).await;
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost), (3_000, 0), "{account:#?}");
    assert!(account.duplicates > 0 && account.duplicates <= 2_000, "{account:#?}");
    assert!(account.violations.is_empty(), "{account:#?}");
}

#[tokio::test]
async fn i2_an_event_without_an_id_is_delivered_once_however_often_it_is_read() {
    let world = backlog(0);
    let record = serde_json::json!({ "event": "board_opened", "createdAt": "2026-05-31T23:30:00Z", "object": { "name": "x" } });
    world.insert(ORIGIN - HOUR / 2, ORIGIN - HOUR / 2, &record);
    let (stage, mut drive, clock) = collected(world, &six_hours()).await;
    drive.pass(Duration::from_secs(26 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.duplicates), (1, 0, 0), "{account:#?}");
    assert!(drive.status().known > 0, "it was read again");
}
