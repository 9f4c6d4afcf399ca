//! I8: what a person mends by new tokens in the configuration heals without a restart, and where nobody is needed nobody is asked.

use std::time::Duration;

use miro_source::{clock::Clock as _, schedule::Remedy};
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, ORIGIN, Recipe, Stage, Token},
};
use simulator::{Endpoint, Fault, Organization, Rule, Settings, Spec, World};

/// Access tokens live so short that the first use of every configured pair is refused, and so it takes a refresh.
async fn short_lived(rules: Vec<Rule>) -> (Stage, Drive, miro_source::clock::SteppedClock) {
    let spec = Spec { from: ORIGIN, to: ORIGIN + 4 * HOUR, events: 100, late_share: 0.0, ..Spec::default() };
    let mut settings = Settings::default();
    settings.miro.expires_in = 120;
    let world = World::new(Organization::generate(4, spec), settings);
    for rule in rules {
        world.add_rule(rule);
    }
    let (stage, clock) = Stage::stepped(world).await.unwrap();
    let recipe = Recipe { token: Token::Rotating, ..Recipe::default() };
    let config = stage.configure(&recipe, miro_source::model::Instant(ORIGIN)).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    (stage, drive, clock)
}

async fn heals(rules: Vec<Rule>) {
    let (stage, mut drive, clock) = short_lived(rules).await;
    assert!(drive.status().problem.is_some());
    stage.world.clear_rules();
    let pair = stage.world.issue(clock.now().0);
    stage.secret("acme_access_token", &pair.access).unwrap();
    stage.secret("acme_refresh_token", &pair.refresh).unwrap();
    drive.pass(Duration::from_secs(5 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, drive.status().problem), (100, 0, None), "{account:#?}");
}

#[tokio::test]
async fn i8_a_new_pair_that_is_refused_is_refreshed_though_the_one_before_had_been_in_vain() {
    // Every refresh is refused: the pair is given up.
    let fault = Fault::Status { status: 400, body: None, retry_after: None };
    heals(vec![Rule::new(Endpoint::Token, fault)]).await;
}

#[tokio::test]
async fn i8_new_tokens_are_found_after_a_pair_was_refused_right_after_its_refresh() {
    let fault = Fault::RevokeToken;
    // The first refusal is the short life's; what came of the refresh is revoked at its first use.
    heals(vec![Rule::new(Endpoint::Audit, fault).after(1)]).await;
}

#[tokio::test]
async fn i8_a_token_endpoint_that_is_down_for_two_hours_heals_without_a_person_and_nothing_is_lost() {
    let fault = Fault::Status { status: 503, body: None, retry_after: None };
    let (stage, mut drive, clock) = short_lived(vec![Rule::new(Endpoint::Token, fault)]).await;
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let problem = drive.status().problem.unwrap();
    assert_eq!(problem.remedy, Remedy::Wait, "{problem:?}");
    assert!(problem.message.contains("sent again") && problem.message.contains("miro-source auth acme"), "{}", problem.message);
    let asked = stage.world.calls().iter().filter(|call| call.endpoint == Endpoint::Token).count();
    assert!((8..30).contains(&asked), "soon at first, then ever less often: {asked}");

    stage.world.clear_rules();
    drive.pass(Duration::from_secs(5 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.stale_refreshes, drive.status().problem), (100, 0, 0, None), "{account:#?}");
}
