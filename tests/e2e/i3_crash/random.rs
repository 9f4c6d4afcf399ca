//! Killed at fifty random moments of one backlog.

use miro_source::model::Instant;
use miro_source_tests::{patience::until, stage::Stage};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use simulator::{Endpoint, Fault, Rule};

use super::{account, backlog, batches, finish, recipe, start};

const KILLS: u64 = 50;
const EVENTS: usize = 30_000;
/// A host is killed after at most so many requests to either vendor: none means in the middle of its start.
const REQUESTS: u64 = 14;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i3_fifty_kills_at_random_moments_lose_nothing_and_repeat_at_most_a_batch_each() {
    let seed = std::env::var("MIRO_SOURCE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random::<u64>);
    println!("seed {seed}; set MIRO_SOURCE_SEED to it for the same moments");
    let mut rng = StdRng::seed_from_u64(seed);
    let world = backlog(3, EVENTS);
    let stage = Stage::start(world.clone(), std::sync::Arc::new(miro_source::clock::SystemClock)).await.unwrap();
    stage.configure(&recipe(), Instant::system()).unwrap();
    // Half of the answers of Sumo Logic take a while: batches grow meanwhile, and many a kill falls between send and commit.
    world.add_rule(Rule::new(Endpoint::Sumo, Fault::Delay { ms: 60 }).with_probability(0.5));
    let made = || {
        let account = account(&world);
        account.requests + account.sumo_posts
    };
    let mut at_work = 0;
    for _ in 0..KILLS {
        let enough = made() + rng.random_range(0..=REQUESTS);
        let mut host = start(&stage, None);
        until("it has made its requests", || made() >= enough || host.ended().unwrap().is_some()).await.unwrap();
        assert_eq!(host.ended().unwrap(), None, "seed {seed}: it ended by itself:\n{}", host.log());
        at_work += u64::from(account(&world).lost > 0);
        host.kill().unwrap();
    }
    let account = finish(&stage).await;
    let batches = batches(&world);
    let largest = *batches.iter().max().unwrap() as u64;
    println!(
        "{KILLS} kills, {at_work} of them before all was delivered; {} events in {} batches, the largest of {largest}; {} duplicates",
        account.held,
        batches.len(),
        account.duplicates
    );
    assert_eq!((account.held, account.lost, account.unexpected), (EVENTS as u64, 0, 0), "seed {seed}: {account:#?}");
    // One sender, one batch under way: a kill repeats at most that one.
    assert!(account.duplicates <= KILLS * largest, "seed {seed}: {account:#?}");
    assert!(account.violations.is_empty(), "seed {seed}: {account:#?}");
    assert!(at_work >= KILLS / 2, "seed {seed}: only {at_work} kills fell into the backlog: make it larger");
}
