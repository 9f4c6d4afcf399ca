//! `cargo demo`: a day of a mid-size organization, from a simulated Miro through a real host into a simulated Sumo Logic.
//!
//! First the host reads the 30 days before, to learn what is usual. Then comes the day, and on it somebody takes an account over:
//! guesses its password, signs in through Tor from a country it was never used in, and exports boards. What would be done about it is
//! found out; with `--act` it is done: the account is suspended in the simulated Entra and Miro, and its owner is mailed.
//!
//! The simulator and the host are what they always are, talking over real sockets with the host's own defaults; only time
//! runs faster, so that a day fits into less than a minute. On the way events arrive late, the access token expires every
//! hour, Miro fails now and then, the host is killed once, and Sumo Logic is down for an hour. At the end the simulator's
//! ledger says what came of it; the exit code is 1 if a single event was lost, an alert is missing, or one was raised that should not be.

use std::{
    ffi::OsString,
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use miro_source::{clock::Clock, model::Instant};
use simulator::{Endpoint, Fault, Organization, Rule, Server, Settings, Spec, World};

use self::{
    alerts::Watched,
    response::{Governed, Mode},
};
use crate::{host::Host, quick_clock::QuickClock};

mod account;
mod alerts;
mod ground;
mod response;
mod takeover;

/// How fast the demo's time runs.
const SPEED: u64 = 3_000;
/// How long before the day learning begins, and how fast time runs meanwhile.
const EVE: u64 = HOUR;
const EVE_SPEED: u64 = 60;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
/// The day begins at midnight UTC.
const ORIGIN: u64 = 1_780_272_000_000;
/// By then the longest lateness of the default configuration has been looked after more than twice, on a slow machine too.
const END: u64 = 96 * HOUR;
/// How often the demo looks.
const LOOK: Duration = Duration::from_millis(100);

/// A day of Miro's audit log into Sumo Logic, in less than a minute
#[derive(Debug, Parser)]
#[command(name = "cargo demo")]
struct Args {
    /// Stay up at the end, to look around, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Really suspend the account that is taken over, in the simulated Entra and Miro, and mail its owner; otherwise it is only said
    /// what would be done
    #[arg(long)]
    act: bool,
    /// Events of the day
    #[arg(long, default_value_t = 40_000)]
    events: usize,
    /// The seed of the organization
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the demo with these arguments, the program's name first.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = Args::parse_from(args);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            eprintln!("demo: failed to start: {why}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(&args)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("demo: {why:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the day. Gives how much went wrong: events lost, alerts missing or that should not be, actions that were not taken or should not be.
async fn run(args: &Args) -> anyhow::Result<u64> {
    let spec = Spec {
        from: ORIGIN,
        to: ORIGIN + 24 * HOUR,
        events: args.events,
        past: args.events,
        past_ms: 30 * 24 * HOUR,
        owed_from: ORIGIN,
        users: 2_000,
        provisioned: true,
        teams: 150,
        boards: 6_000,
        late_share: 0.02,
        late_min_ms: MINUTE,
        late_max_ms: 20 * HOUR,
        ..Spec::default()
    };
    let world = World::new(Organization::generate(args.seed, spec), Settings::default());
    takeover::play(&world, ORIGIN);
    response::enrol(&world);
    let mode = if args.act { Mode::Act } else { Mode::DryRun };
    faults(&world);
    let folder = tempfile::Builder::new().prefix("miro-source-demo-").tempdir()?;
    let began = std::time::Instant::now();
    let clock = QuickClock::start(Instant(ORIGIN - EVE), EVE_SPEED);
    clock.write(folder.path())?;
    let shown = Arc::new(Mutex::new(clock));
    let now = {
        let shown = Arc::clone(&shown);
        move || shown.lock().unwrap_or_else(PoisonError::into_inner).now().0
    };
    let server = Server::start(world.clone(), Arc::new(now)).await.context("failed to listen on loopback")?;
    let config = ground::configure(folder.path(), &world, &server, mode, clock.now())?;
    println!("A day of an organization with 2,000 people and {} audit events; 2 % of them arrive late, up to 20 h.", args.events);
    println!("Time runs {SPEED} times as fast. Host, configuration and log: {}\n", folder.path().display());
    let demo = std::env::current_exe()?;
    let log = folder.path().join("host.log");
    learn(&demo, &config, &log).await?;
    // From here on time runs faster.
    let clock = QuickClock::start(clock.now().max(Instant(ORIGIN)), SPEED);
    clock.write(folder.path())?;
    *shown.lock().unwrap_or_else(PoisonError::into_inner) = clock;
    let mut host = Host::start(&demo, &config, &["run"], &[], &log)?;
    let bar = progress(args.events);
    let mut killed = false;
    let mut interval = tokio::time::interval(LOOK);
    loop {
        interval.tick().await;
        let passed = clock.now().since(Instant(ORIGIN));
        let account = world.account(clock.now().0);
        bar.set_position(account.accepted);
        bar.set_message(format!("{} {}", clock_text(passed), incident(passed, killed)));
        if !killed && passed >= Duration::from_millis(9 * HOUR) {
            host.kill()?;
            host = Host::start(&demo, &config, &["run"], &[], &log)?;
            killed = true;
        }
        if let Some(status) = host.ended()? {
            bar.abandon();
            anyhow::bail!("the host ended by itself ({status}); its log:\n{}", host.log());
        }
        let day_is_over = passed > Duration::from_millis(24 * HOUR);
        if passed > Duration::from_millis(END)
            || day_is_over && account.lost == 0 && Watched::of(&world).complete() && Governed::of(&world).complete()
        {
            break;
        }
    }
    bar.finish_and_clear();
    let took = began.elapsed();
    let account = world.account(clock.now().0);
    account::print(&account, took);
    let watched = Watched::of(&world);
    watched.print();
    let governed = Governed::of(&world);
    governed.print(mode, &world);
    if args.keep {
        keep(&server, &config, &demo).await?;
    }
    host.terminate()?;
    server.stop().await;
    let wrong = account.lost + u64::try_from(watched.wrong() + governed.wrong(mode, &world)).unwrap_or(u64::MAX);
    if wrong > 0 {
        println!("lost: {}", account.lost_ids.iter().take(5).cloned().collect::<Vec<_>>().join(", "));
        let kept = folder.keep();
        println!("the folder is kept: {}", kept.display());
    }
    Ok(wrong)
}

/// Lets the host read the 30 days before, and waits until it has.
async fn learn(demo: &Path, config: &Path, log: &Path) -> anyhow::Result<()> {
    let bar = ProgressBar::new_spinner().with_message("learning from the 30 days before");
    bar.enable_steady_tick(LOOK);
    let host = Host::start(demo, config, &["backfill", "--learn", "--from", "30d", "--yes"], &[], log)?;
    let status = tokio::task::spawn_blocking(move || host.wait()).await??;
    bar.finish_and_clear();
    anyhow::ensure!(
        status.success(),
        "learning from the past failed ({status}); its log:\n{}",
        std::fs::read_to_string(log).unwrap_or_default()
    );
    Ok(())
}

/// What goes wrong on this day.
fn faults(world: &World) {
    let at = |hours: u64, minutes: u64| ORIGIN + hours * HOUR + minutes * MINUTE;
    // Miro: an answer cut short, a burst of errors, and a page that is no JSON.
    world.add_rule(Rule::new(Endpoint::Audit, Fault::Truncate { after: 500 }).between(at(3, 0), at(5, 0)).once());
    world.add_rule(Rule::new(Endpoint::Audit, Fault::Status { status: 503, body: None, retry_after: None }).between(at(7, 0), at(7, 12)));
    world.add_rule(Rule::new(Endpoint::Audit, Fault::BadJson).between(at(12, 0), at(13, 0)).times(2));
    // Sumo Logic: down for an hour, then throttling for ten minutes.
    world.add_rule(Rule::new(Endpoint::Sumo, Fault::Status { status: 503, body: None, retry_after: None }).between(at(14, 0), at(15, 0)));
    world.add_rule(Rule::new(Endpoint::Sumo, Fault::Throttle { retry_after: None }).between(at(17, 0), at(17, 10)));
}

fn incident(passed: Duration, killed: bool) -> &'static str {
    match passed.as_millis() as u64 {
        t if (7 * HOUR..7 * HOUR + 12 * MINUTE).contains(&t) => "Miro answers 503",
        t if (14 * HOUR..15 * HOUR).contains(&t) => "Sumo Logic is down",
        t if (17 * HOUR..17 * HOUR + 10 * MINUTE).contains(&t) => "Sumo Logic throttles",
        t if killed && (9 * HOUR..10 * HOUR).contains(&t) => "host killed and started again",
        t if t > 24 * HOUR => "the day is over; looking for late events",
        _ => "",
    }
}

fn clock_text(passed: Duration) -> String {
    let minutes = passed.as_secs() / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn progress(events: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(events).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos:>6}/{len} delivered  {msg}") {
        bar.set_style(style);
    }
    bar
}

async fn keep(server: &Server, config: &Path, demo: &Path) -> anyhow::Result<()> {
    let command = format!("{} host --config {}", demo.display(), config.display());
    println!("\nStill running, until Ctrl-C. Look around:");
    println!("  {command} status");
    println!("  {command} events");
    println!("  {command} tail -n 20 --no-follow");
    println!("  curl {}/account", server.control_url);
    tokio::signal::ctrl_c().await?;
    Ok(())
}
