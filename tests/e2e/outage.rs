//! Days of outage: Sumo Logic is away for three days, ten sources go on; the store is at its limit; it is damaged.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, time::Duration};

use miro_source::{
    clock::{Clock as _, SteppedClock},
    model::{Instant, Lane, SourceName},
    schedule::{Kind, State},
};
use miro_source_tests::{
    drive::Drive,
    stage::{HOUR, ORIGIN, Recipe, Stage, Token},
};
use simulator::{Endpoint, Fault, Organization, Rule, Settings, Spec, World};

const DAY: u64 = 24 * HOUR;

type Waiting = BTreeMap<(String, Lane), u64>;

fn world(days: u64, events: usize, late_share: f64) -> World {
    let spec = Spec { from: ORIGIN, to: ORIGIN + days * DAY, events, late_share, ..Spec::default() };
    World::new(Organization::generate(8, spec), Settings::default())
}

/// Sumo Logic is down.
fn down(from: u64, to: u64) -> Rule {
    Rule::new(Endpoint::Sumo, Fault::Status { status: 503, body: None, retry_after: None }).between(from, to)
}

/// A configuration of so many sources of one organization.
fn sources(stage: &Stage, many: usize, recipe: &Recipe, clock: &SteppedClock) -> std::path::PathBuf {
    let (store, key) = (stage.path("miro-source.db"), stage.secret("key", &"7d".repeat(32)).unwrap());
    let mut text = format!("detect = false\n[store]\npath = {store:?}\nkey = {{ file = {key:?} }}\n{}\n", recipe.store);
    let names: Vec<String> = (0..many).map(|number| format!("source-{number}")).collect();
    for name in &names {
        stage.source(&mut text, name, recipe, clock.now()).unwrap();
    }
    let url = stage.secret("sumo_url", &stage.server.sumo_url).unwrap();
    writeln!(text, "[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nsources = {names:?}\nurl = {{ file = {url:?} }}\n{}", recipe.sink).unwrap();
    stage.write(&text).unwrap()
}

fn size(database: &Path) -> u64 {
    std::fs::metadata(database).map_or(0, |file| file.len())
}

/// What waits, by source and lane.
fn backlog(drive: &Drive, many: usize) -> Waiting {
    let mut waiting = Waiting::new();
    for number in 0..many {
        let source: SourceName = format!("source-{number}").parse().unwrap();
        for each in drive.store.backlog(&"sumo".parse().unwrap(), &source).unwrap() {
            waiting.insert((source.to_string(), each.lane), each.events);
        }
    }
    waiting
}

fn of(lane: Lane, waiting: &Waiting) -> u64 {
    waiting.iter().filter(|((_, of), _)| *of == lane).map(|(_, events)| events).sum()
}

#[tokio::test]
async fn i8_after_three_days_without_sumo_live_leaves_first_and_ten_sources_lose_nothing() {
    const MANY: usize = 10;
    /// Bytes of the database an event of these, and beside all of them: the last answers of each source, and what it is set up with.
    const EACH: u64 = 300;
    const BESIDE: u64 = 1_500_000;
    let world = world(4, 1_500, 0.2);
    let (began, ended) = (ORIGIN + 2 * HOUR, ORIGIN + 2 * HOUR + 3 * DAY);
    world.add_rule(down(began, ended));
    world.set(|settings| settings.miro.credits_per_minute = 10_000_000);
    let (stage, clock) = Stage::stepped(world).await.unwrap();
    let recipe = Recipe { interval: "2h".into(), revisit: r#"["1h", "24h"]"#.into(), ..Recipe::default() };
    let config = sources(&stage, MANY, &recipe, &clock);
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    while clock.now().0 < ended - 7 * HOUR {
        drive.pass(Duration::from_secs(6 * 3600)).await.unwrap();
        let (size, events) = (size(&stage.path("miro-source.db")), drive.store.head().unwrap().0.unsigned_abs());
        assert!(size <= BESIDE + events * EACH, "{size} bytes of {events} events");
    }
    drive.until(Instant(ended - 1)).await.unwrap();
    let mut before = backlog(&drive, MANY);
    assert!(of(Lane::Live, &before) > 5_000 && of(Lane::Late, &before) > 50, "{before:?}");
    assert!(drive.workers.iter().all(|worker| worker.watch().borrow().problem.is_none()), "no source minds");

    // One batch after the other, from the first that is taken.
    clock.step_to(Instant(ended + 6 * 60_000));
    let mut late = false;
    for _ in 0..10_000 {
        let next = drive.deliveries[0].step().await.unwrap();
        let now = backlog(&drive, MANY);
        late |= of(Lane::Late, &now) < of(Lane::Late, &before);
        assert!(!late || of(Lane::Live, &before) == 0, "what is late leaves after all that is live: {now:?}");
        before = now;
        if next == miro_source::sink::Next::Idle {
            break;
        }
    }
    assert!(late && before.values().all(|events| *events == 0), "{before:?}");
    drive.pass(Duration::from_secs(60 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost), (1_500, 0), "{account:#?}");
    assert_eq!(drive.store.head().unwrap().0, 10 * 1_500, "each source has all, once");
}

#[tokio::test]
async fn i1_i8_at_the_limit_of_the_store_nothing_is_fetched_or_lost_and_it_goes_on_by_itself() {
    let (stage, clock) = Stage::stepped(world(2, 1_000, 0.0)).await.unwrap();
    let recipe = Recipe { store: "max_size = \"64MB\"".into(), since: "24h".into(), ..Recipe::default() };
    let config = stage.configure(&recipe, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(12 * 3600)).await.unwrap();
    let pages = stage.world.account(clock.now().0).pages;
    assert!(pages > 0 && drive.status().problem.is_none());
    // Something that cannot go takes the room that there was.
    drive.store.note("ballast", &"x".repeat(40_000_000)).unwrap();
    drive.nudge();
    drive.pass(Duration::from_secs(12 * 3600)).await.unwrap();
    let status = drive.status();
    let problem = status.problem.unwrap();
    assert_eq!((status.state, problem.kind), (State::Error, Kind::FirstPartyGeneric), "{}", problem.message);
    assert!(problem.message.contains("`max_size`") && problem.message.contains("what else must stay"), "{}", problem.message);
    assert_eq!(stage.world.account(clock.now().0).pages, pages, "no page is asked for that could not be kept");
    // And there is room again.
    drive.store.note("ballast", "").unwrap();
    drive.pass(Duration::from_secs(70 * 3600)).await.unwrap();
    assert_eq!(drive.status().problem, None);
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.duplicates), (1_000, 0, 0), "{account:#?}");
}

#[tokio::test]
async fn i1_where_the_disk_is_nearly_full_no_page_is_asked_for() {
    let (stage, clock) = Stage::stepped(world(1, 100, 0.0)).await.unwrap();
    // So much is free nowhere.
    let config = stage.configure(&Recipe { store: "min_free = \"4000000GB\"".into(), ..Recipe::default() }, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(3 * 3600)).await.unwrap();
    let status = drive.status();
    let problem = status.problem.unwrap();
    assert_eq!((status.state, problem.kind, status.pages), (State::Error, Kind::FirstPartyGeneric, 0), "{}", problem.message);
    assert!(problem.message.contains("`min_free`") && problem.message.contains("Free some space"), "{}", problem.message);
    assert_eq!(stage.world.account(clock.now().0).pages, 0);
}

#[tokio::test]
async fn i1_a_damaged_store_is_replaced_and_everything_arrives() {
    let (stage, clock) = Stage::stepped(world(2, 2_000, 0.1)).await.unwrap();
    stage.world.add_rule(down(ORIGIN + 12 * HOUR, ORIGIN + 24 * HOUR));
    let recipe = Recipe { token: Token::Rotating, ..Recipe::default() };
    let config = stage.configure(&recipe, clock.now()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(20 * 3600)).await.unwrap();
    drop(drive);
    // Half of a day waits in it, and most of it is no database any more.
    let path = stage.path("miro-source.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let most = bytes.len() / 3..bytes.len() - 8192;
    bytes[most].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    std::fs::write(stage.path("miro-source.db.suspect"), "seen").unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    let gaps = drive.store.gaps().unwrap();
    assert!(gaps.iter().any(|gap| gap.cause.contains("damaged and is set aside")), "{gaps:?}");
    // Should its tokens be lost, a person authorizes it again.
    let pair = stage.world.issue(clock.now().0);
    stage.secret("acme_access_token", &pair.access).unwrap();
    stage.secret("acme_refresh_token", &pair.refresh).unwrap();
    drive.nudge();
    drive.pass(Duration::from_secs(60 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost), (2_000, 0), "{account:#?}");
    assert!(account.duplicates > 0, "what was delivered before came once more");
    assert!(drive.store.gaps().unwrap().iter().all(|gap| gap.filled), "{:?}", drive.store.gaps().unwrap());
    let aside =
        std::fs::read_dir(stage.folder.path()).unwrap().any(|file| file.unwrap().file_name().to_string_lossy().contains(".damaged-"));
    assert!(aside, "nothing of it is deleted");
}

/// As an older version wrote it, of another source of the same host.
const OLDER: &[u8] = include_bytes!("../../host/src/store/sqlite/tests/store-v1.db.zst");

#[tokio::test]
async fn i8_a_store_of_an_older_version_is_brought_up_while_miro_and_sumo_go_on() {
    let (stage, clock) = Stage::stepped(world(1, 2_000, 0.1)).await.unwrap();
    // Miro has the events of half a day by then, and Sumo Logic is just not there.
    clock.step_to(Instant(ORIGIN + 12 * HOUR));
    stage.world.add_rule(down(ORIGIN + 12 * HOUR, ORIGIN + 13 * HOUR));
    let config = sources(&stage, 1, &Recipe { since: "24h".into(), ..Recipe::default() }, &clock);
    stage.secret("key", &"01".repeat(32)).unwrap();
    std::fs::write(stage.path("miro-source.db"), zstd::decode_all(OLDER).unwrap()).unwrap();
    let mut drive = Drive::open(&config, &clock).await.unwrap();
    drive.pass(Duration::from_secs(60 * 3600)).await.unwrap();
    let account = stage.world.account(clock.now().0);
    assert_eq!((account.held, account.lost, account.duplicates), (2_000, 0, 0), "{account:#?}");
    let acme: SourceName = "acme".parse().unwrap();
    assert!(
        drive.store.grant(&acme).unwrap().is_some() && drive.store.event(miro_source::model::Seq(1)).unwrap().is_some(),
        "all is there"
    );
    assert!(stage.path("miro-source.db.schema-1").exists(), "and the store as it was");
}
