//! I8: after faults stop, collection and delivery catch up by themselves.

use std::time::Duration;

use miro_source::clock::Clock as _;
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use simulator::{Endpoint, Fault, Organization, Rule, Settings, Spec, World};

fn busy_day() -> World {
    let spec = Spec { from: ORIGIN, to: ORIGIN + 24 * HOUR, events: 5_000, late_share: 0.0, ..Spec::default() };
    World::new(Organization::generate(8, spec), Settings::default())
}

fn status(status: u16) -> Fault {
    Fault::Status { status, body: None, retry_after: None }
}

/// A day on which the rules strike; then an hour without.
async fn day(world: World, rules: Vec<Rule>) -> (simulator::Account, Drive) {
    for rule in rules {
        world.add_rule(rule);
    }
    let (stage, clock) = Stage::stepped(world).await.unwrap();
    let config = stage.configure(&Recipe::default(), clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(25 * 3600)).await.unwrap();
    (stage.world.account(clock.now().0), drive)
}

#[tokio::test]
async fn i8_sumo_down_for_an_hour_then_everything_arrives() {
    let (from, to) = (ORIGIN + 9 * HOUR, ORIGIN + 10 * HOUR);
    let (account, _) = day(busy_day(), vec![Rule::new(Endpoint::Sumo, status(503)).between(from, to)]).await;
    assert_eq!((account.held, account.lost, account.duplicates), (5_000, 0, 0), "{account:#?}");
    assert!(account.sumo_refusals >= 10, "it was tried again during the outage: {account:#?}");
}

#[tokio::test]
async fn i8_a_proxys_page_with_200_keeps_the_batch() {
    let rule = Rule::new(Endpoint::Sumo, Fault::Html).between(ORIGIN + 9 * HOUR, ORIGIN + 9 * HOUR + 30 * MINUTE);
    let (account, _) = day(busy_day(), vec![rule]).await;
    assert_eq!((account.held, account.lost, account.duplicates), (5_000, 0, 0), "{account:#?}");
}

#[tokio::test]
async fn i8_miro_down_throttling_and_talking_nonsense_costs_only_time() {
    let at = |hour: u64| ORIGIN + hour * HOUR;
    let rules = vec![
        Rule::new(Endpoint::Audit, status(502)).between(at(2), at(3)),
        Rule::new(Endpoint::Audit, Fault::Throttle { retry_after: Some(30) }).between(at(4), at(5)),
        Rule::new(Endpoint::Audit, Fault::BadJson).between(at(6), at(7)),
        Rule::new(Endpoint::Audit, Fault::Truncate { after: 300 }).between(at(8), at(9)),
        Rule::new(Endpoint::Audit, Fault::Reset).between(at(10), at(11)),
        Rule::new(Endpoint::Audit, Fault::Html).between(at(12), at(13)),
        Rule::new(Endpoint::Audit, Fault::RepeatCursor).between(at(14), at(15)),
        Rule::new(Endpoint::Audit, Fault::Redirect { to: "http://127.0.0.1:9/".into() }).between(at(16), at(17)),
    ];
    let (account, drive) = day(busy_day(), rules).await;
    assert_eq!((account.held, account.lost, account.duplicates), (5_000, 0, 0), "{account:#?}");
    assert_eq!(drive.status().problem, None);
}

#[tokio::test]
async fn i8_a_401_from_sumo_pauses_and_recovers_after_the_url_file_is_mended() {
    let (stage, clock) = Stage::stepped(busy_day()).await.unwrap();
    let config = stage.configure(&Recipe::default(), clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(9 * 3600)).await.unwrap();
    let token = stage.world.regenerate_sumo();
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let paused = drive.deliveries[0].status().borrow().state.clone();
    assert!(matches!(paused, miro_source::sink::State::Paused(_)), "{paused:?}");
    let refused = stage.world.account(clock.now().0);
    assert!(refused.lost > 0 && refused.sumo_refusals < 30, "it does not hammer: {refused:#?}");
    let url = stage.server.sumo_url.rsplit_once('/').unwrap().0.to_owned() + "/" + &token;
    stage.secret("sumo_url", &url).unwrap();
    drive.pass(Duration::from_secs(16 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.duplicates), (5_000, 0, 0), "{account:#?}");
}
