//! I1 (and with it I2, I3, I4, I8): for any schedule of arrivals, lateness within the tiers, page sizes, downtimes, crashes
//! and faults, nothing is lost.

use std::sync::LazyLock;

use miro_source_tests::{
    ordeal::{Crash, Laboratory, Outage, Plan, Ran, Sabotage, Side, command},
    stage::{HOUR, MINUTE, ORIGIN, Token},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Runtime;

/// Drawn for the first thousand; any number more: `cargo run -p miro-source-tests --bin demo -- seeds --from 1001`.
const SEEDS: u64 = 1_000;
/// How many instead, for a machine that has no time for all of them.
const FEWER: &str = "MIRO_SOURCE_TESTS_SEEDS";
/// Cases of the property; each that fails is made smaller first.
const CASES: u32 = 64;

static LABORATORY: LazyLock<Laboratory> = LazyLock::new(|| runtime().block_on(Laboratory::new()).unwrap());

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn run(plan: &Plan) -> Ran {
    runtime().block_on(LABORATORY.run(plan, false)).unwrap()
}

#[test]
fn i1_a_thousand_schedules_lose_nothing() {
    let seeds = std::env::var(FEWER).map_or(SEEDS, |text| text.parse().expect("MIRO_SOURCE_TESTS_SEEDS is not a number"));
    let sum = command::many(1, seeds, 4, false, false).unwrap();
    println!("{sum}");
    assert!(sum.failed.is_empty(), "{sum}; each can be run again with `demo seeds --only SEED --verbose`");
    // Nothing is proven by schedules in which nothing happens.
    assert!(sum.crashes > seeds && sum.visits > seeds / 10 && sum.duplicates > seeds, "{sum}");
}

prop_compose! {
    fn crash()(at in 10 * MINUTE..12 * HOUR, boundary in 0..16_u32, after: bool, down in 0..HOUR) -> Crash {
        Crash { at: ORIGIN + at, boundary, side: if after { Side::After } else { Side::Before }, down }
    }
}

prop_compose! {
    fn outage()(at in 10 * MINUTE..12 * HOUR, lasts in MINUTE..20 * HOUR) -> Outage {
        Outage { at: ORIGIN + at, lasts }
    }
}

prop_compose! {
    /// What a seed draws, with fewer events, other downtimes, and only some of its faults: smaller is simpler.
    fn plan()(
        seed in any::<u64>().no_shrink(),
        events in 1..300_usize,
        crashes in prop::collection::vec(crash(), 0..5),
        outages in prop::collection::vec(outage(), 0..3),
        faults in prop::collection::vec(any::<bool>(), 7),
        disk: bool,
    ) -> Plan {
        let mut plan = Plan::draw(seed);
        plan.organization.events = events;
        let mut faults = faults.into_iter();
        plan.rules.retain(|_| faults.next().unwrap_or(false));
        plan.disk = if disk { plan.disk } else { 0.0 };
        Plan { crashes, outages, ..plan }
    }
}

#[test]
fn i1_any_schedule_loses_nothing() {
    let config = Config { cases: CASES, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&plan(), |plan| {
        let ran = run(&plan);
        prop_assert!(ran.verdict.passed(), "{ran}");
        Ok(())
    });
    if let Err(why) = outcome {
        panic!("{why}");
    }
}

#[test]
fn a_schedule_takes_the_same_steps_every_time() {
    for seed in [3, 7, 86, 313, 567] {
        let plan = Plan::draw(seed);
        let (first, second) = (run(&plan), run(&plan));
        assert_eq!((first.steps, first.digest), (second.steps, second.digest), "seed {seed}");
    }
}

/// A late organization and a host in good order.
fn late() -> Plan {
    let mut plan = Plan::draw(1);
    plan.organization.to = ORIGIN + 10 * HOUR;
    plan.organization.events = 200;
    plan.organization.late_share = 0.3;
    plan.organization.late_min_ms = 30 * MINUTE;
    plan.organization.late_max_ms = 50 * MINUTE;
    plan.revisit = vec![10 * MINUTE, HOUR];
    plan.interval = 5 * MINUTE;
    Plan { rules: Vec::new(), outages: Vec::new(), crashes: Vec::new(), disk: 0.0, faults_until: ORIGIN + 10 * MINUTE, ..plan }
}

#[test]
fn i4_a_new_pair_that_the_disk_refuses_is_kept_until_it_takes_it_and_nobody_is_asked() {
    let mut plan = Plan { token: Token::Rotating, disk: 0.3, faults_until: ORIGIN + 8 * HOUR, ..late() };
    plan.settings.miro.expires_in = 600;
    let ran = run(&plan);
    assert!(ran.verdict.passed(), "{ran}");
    let account = &ran.books.account;
    assert!(account.rotations > 20, "{ran}");
    assert_eq!((account.stale_refreshes, account.rotations, ran.books.visits), (0, account.refreshes, 0), "{ran}");
}

#[test]
fn the_verdict_tells_a_host_that_keeps_its_promises_from_hosts_that_do_not() {
    let mut prompt = Plan { revisit: Vec::new(), ..late() };
    (prompt.organization.late_share, prompt.organization.v1_share) = (0.0, 0.0);
    for plan in [late(), prompt.clone()] {
        let honest = run(&plan);
        assert!(honest.verdict.passed(), "{honest}");
    }
    let broken = [
        Plan { revisit: Vec::new(), ..late() },
        Plan { sabotage: Sabotage::Pretends, ..late() },
        // With a tier, the next reading would bring what was forgotten.
        Plan { sabotage: Sabotage::Forgets, ..prompt },
    ];
    for plan in broken {
        let ran = run(&plan);
        assert!(ran.books.account.lost > 0, "{ran}");
        assert!(ran.verdict.0.iter().any(|wrong| wrong.starts_with("I1: ")), "{ran}");
    }
}
