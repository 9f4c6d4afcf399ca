//! I7: memory is bounded, whatever the far side sends: a real host, its peak as the kernel counts it.

use miro_source::{clock::SystemClock, model::Instant};
use miro_source_tests::{
    host::Host,
    patience::until,
    stage::{HOUR, Recipe, Stage, Token},
};
use simulator::{Account, Endpoint, Fault, Organization, Rule, Settings, Spec, World};

/// An answer of 200 MB.
const GIANT: Fault = Fault::Oversize { bytes: 200 << 20 };
/// By less than this may the peak rise.
const RISE: u64 = 64 << 20;

/// The most memory that the process ever had resident, in bytes.
fn peak(host: &Host) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", host.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

struct Run {
    stage: Stage,
    world: World,
    host: Host,
}

impl Run {
    /// A host that has delivered 2000 events of the past.
    async fn ready(token: Token) -> Self {
        let now = Instant::system().0;
        let spec = Spec { from: now - 5 * HOUR, to: now - HOUR, events: 2_000, late_share: 0.0, ..Spec::default() };
        let world = World::new(Organization::generate(7, spec), Settings::default());
        world.set(|settings| settings.miro.credits_per_minute = 10_000_000);
        let stage = Stage::start(world.clone(), std::sync::Arc::new(SystemClock)).await.unwrap();
        let recipe = Recipe { interval: "1s".into(), since: "6h".into(), token, ..Recipe::default() };
        let config = stage.configure(&recipe, Instant::system()).unwrap();
        let host = Host::start(Stage::demo_binary(), &config, &["run"], &[], &stage.path("host.log")).unwrap();
        let run = Self { stage, world, host };
        run.caught_up().await;
        run
    }

    fn account(&self) -> Account {
        self.world.account(Instant::system().0)
    }

    /// More to read, so that every path is used.
    fn happen(&self, events: u64) {
        let now = Instant::system().0;
        for at in 0..events {
            self.world.add_event(now - 60_000 + at, now, "board_opened");
        }
    }

    async fn caught_up(&self) {
        until("nothing is left", || self.account().lost == 0)
            .await
            .unwrap_or_else(|why| panic!("{why}: {:#?}\n{}", self.account(), self.host.log()));
    }

    /// Waits until the rule has struck so often.
    async fn struck(&self, rule: u64, times: u64) {
        until("the giant answers were given", || self.world.struck(rule) >= times)
            .await
            .unwrap_or_else(|why| panic!("{why}\n{}", self.host.log()));
    }

    /// Compares the peak now with the one before.
    fn rose_little(&self, what: &str, before: u64) {
        let after = peak(&self.host);
        println!("{what}: peak {:.1} MB before, {:.1} MB after", before as f64 / 1e6, after as f64 / 1e6);
        assert!(after - before < RISE, "{what}: the peak rose from {before} to {after} bytes");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i7_a_page_of_200_mb_costs_less_than_64_mb_and_nothing_else() {
    let run = Run::ready(Token::Static).await;
    let before = peak(&run.host);
    // More than it takes to ask for less and less down to one event a page, and some.
    let rule = run.world.add_rule(Rule::new(Endpoint::Audit, GIANT).times(12));
    run.happen(500);
    run.struck(rule, 12).await;
    run.caught_up().await;
    run.rose_little("audit pages of 200 MB", before);
    let account = run.account();
    assert_eq!((account.held, account.duplicates), (2_500, 0), "{account:#?}");
    assert!(run.host.terminate().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i7_an_answer_of_200_mb_from_sumo_logic_costs_less_than_64_mb_and_the_batch_is_kept() {
    let run = Run::ready(Token::Static).await;
    let before = peak(&run.host);
    let rule = run.world.add_rule(Rule::new(Endpoint::Sumo, GIANT).times(3));
    run.happen(500);
    run.struck(rule, 3).await;
    run.caught_up().await;
    until("a batch was accepted after the giant answers", || run.account().sumo_posts > 3 && run.account().lost == 0).await.unwrap();
    run.rose_little("answers of 200 MB from Sumo Logic", before);
    let account = run.account();
    assert_eq!((account.held, account.lost), (2_500, 0), "{account:#?}");
    assert!(account.duplicates <= 3 * 500, "each giant answer was ambiguous, its batch sent again: {account:#?}");
    assert!(run.host.terminate().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i7_an_answer_of_200_mb_to_a_refresh_costs_less_than_64_mb_and_heals_with_a_new_pair() {
    let run = Run::ready(Token::Rotating).await;
    let before = peak(&run.host);
    let rule = run.world.add_rule(Rule::new(Endpoint::Token, GIANT).once());
    run.happen(500);
    assert!(run.world.expire(&std::fs::read_to_string(run.stage.path("acme_access_token")).unwrap()));
    run.struck(rule, 1).await;
    until("it says what a person must do, or goes on", || {
        run.host.log().contains("run `miro-source auth acme`") || run.account().lost == 0
    })
    .await
    .unwrap();
    let pair = run.world.issue(Instant::system().0);
    run.stage.secret("acme_access_token", &pair.access).unwrap();
    run.stage.secret("acme_refresh_token", &pair.refresh).unwrap();
    run.caught_up().await;
    run.rose_little("an answer of 200 MB to a refresh", before);
    let account = run.account();
    assert!(account.refreshes <= 2, "{account:#?}");
    assert_eq!((account.held, account.duplicates), (2_500, 0), "{account:#?}");
    assert!(run.host.terminate().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i7_a_backlog_costs_disk_and_no_memory() {
    let run = Run::ready(Token::Static).await;
    run.world.add_rule(Rule::new(Endpoint::Sumo, Fault::Status { status: 503, body: None, retry_after: None }));
    let config = miro_source::config::load(&run.stage.path("miro-source.toml")).unwrap();
    let store = miro_source::pipeline::look(&config).unwrap();
    let grow = async |to: i64| {
        run.happen(u64::try_from(to - store.head().unwrap().0).unwrap());
        until("all of it is stored", || store.head().unwrap().0 >= to).await.unwrap_or_else(|why| panic!("{why}\n{}", run.host.log()));
    };
    grow(10_000).await;
    let before = peak(&run.host);
    // Five times as much waits then.
    grow(42_000).await;
    let after = peak(&run.host);
    println!("peak {:.1} MB with 8,000 events waiting, {:.1} MB with 40,000", before as f64 / 1e6, after as f64 / 1e6);
    assert!(after - before < 16 << 20, "the peak rose from {before} to {after} bytes");
    assert!(run.account().lost >= 40_000, "they do wait");
    assert!(run.host.terminate().unwrap().success());
}
