//! In a corporate network: through a proxy with an authority of its own, past which nothing goes; and without IPv4.

mod again;
mod look;
mod mail;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use miro_source::{
    clock::{Clock as _, SteppedClock},
    model::Instant,
};
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, ORIGIN, Recipe, Stage, Token},
};
use simulator::{Misdeed, Organization, Proxy, Settings, Spec, World};

fn world() -> World {
    let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN, events: 300, late_share: 0.0, ..Spec::default() };
    World::new(Organization::generate(17, spec), Settings::default())
}

/// A stage behind a proxy of its own, which a test may have misbehave.
async fn behind(world: World) -> (Stage, Arc<Proxy>, SteppedClock) {
    let clock = SteppedClock::new(Instant(ORIGIN));
    let proxy = Arc::new(Proxy::start(Ipv4Addr::LOCALHOST.into()).await.unwrap());
    let stage = Stage::start_behind(Arc::clone(&proxy), world, Arc::new(clock.clone())).await.unwrap();
    (stage, proxy, clock)
}

fn rotating() -> Recipe {
    Recipe { since: "2h".into(), token: Token::Rotating, ..Recipe::default() }
}

#[tokio::test]
async fn behind_a_proxy_everything_is_read_and_delivered_and_nothing_goes_past_it() {
    let (stage, proxy, clock) = behind(world()).await;
    let config = stage.configure(&rotating(), clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    // Past the life of an access token: a refresh goes there too.
    drive.pass(Duration::from_secs(2 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.duplicates), (300, 0, 0), "{account:#?}");
    assert!(account.refreshes > 0);
    // Every connection that the vendors saw is a tunnel of the proxy, and it was asked for nothing but tunnels to them.
    let detour = stage.detour.as_ref().unwrap();
    assert_eq!(stage.server.connections(), detour.opened());
    assert!(detour.opened() >= 2 && proxy.tunnels().len() == detour.opened(), "{:?}", proxy.tunnels());
}

#[tokio::test]
async fn a_proxy_that_refuses_hangs_up_or_cuts_costs_time_and_no_event() {
    let (stage, proxy, clock) = behind(world()).await;
    for misdeed in [Misdeed::Status(502), Misdeed::HangUp, Misdeed::CutAfter(700), Misdeed::Status(503), Misdeed::CutAfter(5000)] {
        proxy.misbehave(misdeed);
    }
    let config = stage.configure(&rotating(), clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost), (300, 0), "{account:#?}");
    assert!(proxy.tunnels().iter().any(|tunnel| tunnel.status == 502));
}

#[tokio::test]
async fn a_proxy_that_wants_credentials_gets_them_from_the_file_and_says_so_where_there_are_none() {
    let (stage, proxy, clock) = behind(world()).await;
    proxy.demand("corp\\me", "hunter2");
    let config = stage.configure(&rotating(), clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(600)).await.unwrap();
    assert_eq!((stage.world.account(clock.now().0).pages, stage.server.connections()), (0, 0));
    let problem = drive.status().problem.unwrap();
    assert!(format!("{problem:?}").contains("(407)"), "{problem:?}");
    assert!(proxy.tunnels().iter().all(|tunnel| tunnel.status == 407));
    drop(drive);
    // With the user as a URL writes him, and the password where it points.
    let password = stage.secret("proxy_password", "hunter2\n").unwrap();
    let text = std::fs::read_to_string(&config).unwrap();
    let named = text.replace("proxy = \"http://", &format!("proxy_password = {{ file = {password:?} }}\nproxy = \"http://corp%5Cme@"));
    std::fs::write(&config, named).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(1200)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost), (300, 0), "{account:#?}");
}
