//! I4: one refresh at a time, the old pair kept until the new one is durable, and no answer taken for granted.

use std::time::Duration;

use miro_source::{
    clock::{Clock as _, SteppedClock},
    schedule::{Kind, Remedy},
};
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, ORIGIN, Recipe, Stage, Token},
};
use simulator::{Endpoint, Fault, Organization, Rule, Settings, Spec, World};

fn rotating() -> Recipe {
    Recipe { token: Token::Rotating, ..Recipe::default() }
}

async fn day(rules: Vec<Rule>) -> (Stage, Drive, SteppedClock) {
    let spec = Spec { from: ORIGIN, to: ORIGIN + 12 * HOUR, events: 1_000, late_share: 0.0, ..Spec::default() };
    let world = World::new(Organization::generate(4, spec), Settings::default());
    for rule in rules {
        world.add_rule(rule);
    }
    let (stage, clock) = Stage::stepped(world).await.unwrap();
    let config = stage.configure(&rotating(), clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(13 * 3600)).await.unwrap();
    (stage, drive, clock)
}

#[tokio::test]
async fn i4_a_pair_is_rotated_before_it_expires_and_nothing_is_refused() {
    let (stage, drive, clock) = day(Vec::new()).await;
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost), (1_000, 0), "{account:#?}");
    assert!((12..=15).contains(&account.rotations), "{account:#?}");
    // The first pair's age is not known, so its end shows by a refusal.
    assert!(account.unauthorized <= 1, "{account:#?}");
    assert_eq!((account.refreshes, account.stale_refreshes), (account.rotations, 0), "{account:#?}");
    assert_eq!(drive.status().rotations, account.rotations);
}

#[tokio::test]
async fn i4_a_refresh_that_miro_never_processed_heals_by_itself() {
    let (stage, drive, clock) = day(vec![Rule::new(Endpoint::Token, Fault::Reset).once()]).await;
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.stale_refreshes), (1_000, 0, 0), "{account:#?}");
    assert_eq!(drive.status().problem, None);
}

#[tokio::test]
async fn i4_a_refresh_whose_answer_was_lost_ends_in_authorize_again_without_a_loop() {
    let (stage, mut drive, clock) = day(vec![Rule::new(Endpoint::Token, Fault::Lost).once()]).await;
    let account = stage.world.account(clock.now().0);
    let problem = drive.status().problem.unwrap();
    assert_eq!((problem.kind, problem.remedy), (Kind::ThirdPartyConfig, Remedy::Authorize), "{problem:?}");
    assert!(problem.message.contains("miro-source auth acme"), "{}", problem.message);
    assert_eq!(account.refreshes, 2, "the pair was sent once more, then never again: {account:#?}");

    // A person sets new tokens: everything is caught up without a restart.
    let pair = stage.world.issue(clock.now().0);
    stage.secret("acme_access_token", &pair.access).unwrap();
    stage.secret("acme_refresh_token", &pair.refresh).unwrap();
    drive.pass(Duration::from_secs(2 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost), (1_000, 0), "{account:#?}");
    assert_eq!(drive.status().problem, None);
}

#[tokio::test]
async fn i4_a_revoked_grant_asks_for_a_person_and_not_for_a_token() {
    let (stage, mut drive, clock) = day(Vec::new()).await;
    stage.world.add_rule(Rule::new(Endpoint::Audit, Fault::RevokeToken).once());
    drive.pass(Duration::from_secs(6 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!(drive.status().problem.unwrap().remedy, Remedy::Authorize);
    assert_eq!(account.stale_refreshes, 1, "the dead pair was sent once: {account:#?}");
}

#[tokio::test]
async fn i4_a_second_process_does_not_touch_the_store() {
    let (stage, _drive, clock) = day(Vec::new()).await;
    let config = stage.path("miro-source.toml");
    let Err(refused) = Drive::open(&config, &clock).await else { panic!("two owners") };
    let text = format!("{refused:#}");
    assert!(text.contains(&std::process::id().to_string()), "it says who: {text}");
}
