//! I1: whatever becomes visible within the longest lateness of its time is collected, or owned up to as a gap.

use std::time::Duration;

use miro_source::clock::Clock as _;
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use simulator::{Organization, Settings, Spec, World};

fn quiet() -> World {
    World::new(Organization::generate(1, Spec { events: 0, ..Spec::default() }), Settings::default())
}

/// One event 25 minutes late, and one 20 hours late that shows up while the host is down.
async fn late_events(recipe: &Recipe) -> simulator::Account {
    let world = quiet();
    world.add_event(ORIGIN + 10 * MINUTE, ORIGIN + 10 * MINUTE, "board_opened");
    world.add_event(ORIGIN + 20 * MINUTE, ORIGIN + 45 * MINUTE, "board_opened");
    world.add_event(ORIGIN + 2 * HOUR, ORIGIN + 22 * HOUR, "sign_in_succeeded");
    let (stage, clock) = Stage::stepped(world).await.unwrap();
    let config = stage.configure(recipe, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(12 * 3600)).await.unwrap();
    drop(drive);
    // The host is down for 14 hours; the event of the second hour becomes visible meanwhile.
    clock.step_to(clock.now().plus(Duration::from_secs(14 * 3600)));
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    stage.world.account(clock.now().0)
}

#[tokio::test]
async fn i1_events_25_minutes_late_and_20_hours_late_after_an_outage_are_delivered_once() {
    let account = late_events(&Recipe::default()).await;
    assert_eq!((account.held, account.accepted, account.duplicates), (3, 3, 0), "{account:#?}");
    assert!(account.violations.is_empty(), "{account:#?}");
}

#[tokio::test]
async fn i1_without_revisits_the_late_ones_are_lost() {
    let account = late_events(&Recipe { revisit: "[]".into(), ..Recipe::default() }).await;
    assert_eq!((account.held, account.lost), (3, 2), "{account:#?}");
}

#[tokio::test]
async fn i1_two_events_of_one_millisecond_on_a_page_edge_both_arrive() {
    for page in 1..=3 {
        let world = quiet();
        for _ in 0..5 {
            world.add_event(ORIGIN + MINUTE, ORIGIN + MINUTE, "board_opened");
        }
        let (stage, clock) = Stage::stepped(world).await.unwrap();
        let recipe = Recipe { config: format!("page_limit = {page},"), ..Recipe::default() };
        let config = stage.configure(&recipe, clock.now()).unwrap();
        let mut drive = Drive::open(&config, &clock).await.unwrap();
        drive.pass(Duration::from_secs(1800)).await.unwrap();
        let account = stage.world.account(clock.now().0);
        assert_eq!((account.held, account.lost, account.duplicates), (5, 0, 0), "pages of {page}: {account:#?}");
    }
}

#[tokio::test]
async fn i1_what_miro_no_longer_keeps_is_a_recorded_gap_and_not_an_end() {
    let days = 24 * HOUR;
    let spec = Spec { from: ORIGIN - 60 * days, to: ORIGIN, events: 600, late_share: 0.0, ..Spec::default() };
    let mut settings = Settings::default();
    settings.miro.retention_ms = Some(30 * days);
    let (stage, clock) = Stage::stepped(World::new(Organization::generate(3, spec), settings)).await.unwrap();
    let recipe = Recipe { since: "45d".into(), ..Recipe::default() };
    let config = stage.configure(&recipe, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    let gaps = drive.store.gaps().unwrap();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let (edge, kept) = (gaps[0].end.0, ORIGIN - 30 * days);
    assert!(edge >= kept && edge <= kept + 15 * MINUTE, "the gap ends {} ms after what Miro keeps", edge.saturating_sub(kept));
    let lost = stage.world.lost(clock.now().0);
    let known = stage.world.account(clock.now().0);
    assert!(known.accepted > 250, "{known:#?}");
    // Lost is exactly what is older than the gap's end: an id begins with its time.
    let edge_text = jiff::Timestamp::from_millisecond(i64::try_from(edge).unwrap()).unwrap().to_string();
    assert!(lost.iter().all(|id| id.as_str() < edge_text.as_str()), "{edge_text}: {lost:?}");
}

#[tokio::test]
async fn i1_a_failing_page_in_the_middle_is_repeated_and_nothing_is_fetched_from_the_start_again() {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 2_000, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(5, spec), Settings::default());
    let fault = simulator::Fault::Status { status: 500, body: None, retry_after: None };
    let rule = world.add_rule(simulator::Rule::new(simulator::Endpoint::Audit, fault).on_page(7).times(5));
    let (stage, clock) = Stage::stepped(world).await.unwrap();
    let config = stage.configure(&Recipe { revisit: "[]".into(), since: "70m".into(), ..Recipe::default() }, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(240)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!(stage.world.struck(rule), 5);
    assert_eq!((account.held, account.lost, account.duplicates), (2_000, 0, 0), "{account:#?}");
    // 20 pages, perhaps an empty one at the end, and 5 failures.
    assert!(account.requests <= 20 + 2 + 5, "{account:#?}");
    assert_eq!(drive.status().known, 0, "no page came twice");
}
