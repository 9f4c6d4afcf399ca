//! Letting a plan happen.

use std::{
    collections::{BTreeMap, VecDeque},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use miro_source::{
    clock::{Clock, SteppedClock},
    config::SecretRef,
    egress::{Grant, Origin},
    model::{Instant, SinkName, SourceName},
    runtime::{Component, Limits, Runtime, RuntimeOptions, Source},
    schedule::{self, Custody, Remedy, Worker},
    sink::{self, BatchLimits, Delivery, Lines, Parts},
    store::{
        Store, StoreErrorKind,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
    swap::Slot,
};
use simulator::{Organization, World};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::{
    draw::Dice,
    fuse::Fuse,
    plan::{Crash, Plan},
    ran::Ran,
    receiver::Receiver,
    running::Running,
    trace::Trace,
    vault::Vault,
    verdict::{Books, Tally, Verdict},
    wire::{End, Switchboard},
};
use crate::stage::{HOUR, ORIGIN, Token};

/// No ordeal takes as many steps: more is an endless loop.
const STEPS: u64 = 100_000;
const SOURCE: &str = "acme";
const SINK: &str = "sumo";

/// What all ordeals of a process share: one sandbox, one compiled component.
pub struct Laboratory {
    runtime: Arc<Runtime>,
    component: Arc<Component>,
    switchboard: Switchboard,
}

impl Laboratory {
    /// Compiles the component.
    pub async fn new() -> anyhow::Result<Self> {
        let switchboard = Switchboard::default();
        let options = RuntimeOptions { cache: None, transport: Arc::new(switchboard.clone()), limits: Limits::default() };
        let runtime = Runtime::new(options)?;
        let wasm = Runtime::builtin("miro").context("the Miro component is built in")?;
        let component = Arc::new(Component::new(runtime.load(wasm.to_vec()).await?));
        Ok(Self { runtime, component, switchboard })
    }

    /// Lets a plan happen. `aloud` prints every step. An error means that the ordeal itself could not be set up.
    pub async fn run(&self, plan: &Plan, aloud: bool) -> anyhow::Result<Ran> {
        // Two runs of one seed must not meet, and must not look different either.
        let folder = folder()?;
        let host = format!("{}.example", folder.path().file_name().unwrap_or_default().to_string_lossy().to_lowercase());
        let mut ordeal = Ordeal::new(self, plan, folder, host.clone(), aloud)?;
        let ended = ordeal.happen().await;
        self.switchboard.disconnect(&host);
        let broken = ended.err().map(|why| format!("{why:#}"));
        let books = ordeal.close(broken)?;
        let (trace, steps, digest) = ordeal.trace.last();
        Ok(Ran { plan: plan.clone(), verdict: Verdict::of(plan, &books), books, trace, steps, digest })
    }
}

/// Memory rather than a disk, where there is such a folder: what is tested is not this machine's disk.
fn folder() -> anyhow::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("ordeal-");
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() { builder.tempdir_in(memory)? } else { builder.tempdir()? })
}

struct Ordeal<'a> {
    laboratory: &'a Laboratory,
    plan: &'a Plan,
    folder: TempDir,
    world: World,
    clock: SteppedClock,
    host: String,
    trace: Trace,
    tally: Tally,
    /// Whose turn it is.
    turn: Dice,
    disk: Dice,
    lies: Dice,
    running: Option<Running>,
    crashes: VecDeque<Crash>,
    /// When the person comes, and not before when he may be called again.
    visit: Option<u64>,
    patient_until: u64,
    books: Books,
}

impl<'a> Ordeal<'a> {
    fn new(laboratory: &'a Laboratory, plan: &'a Plan, folder: TempDir, host: String, aloud: bool) -> anyhow::Result<Self> {
        let world = World::new(Organization::generate(plan.seed, plan.organization.clone()), plan.settings.clone());
        for rule in &plan.rules {
            world.add_rule(rule.clone());
        }
        let clock = SteppedClock::new(Instant(ORIGIN));
        let trace = Trace::new(clock.clone(), aloud);
        let mut crashes = plan.crashes.clone();
        crashes.sort_unstable_by_key(|crash| crash.at);
        let dice = |purpose| Dice::new(plan.seed, purpose);
        let ordeal = Self {
            laboratory,
            plan,
            world,
            clock,
            host,
            trace,
            tally: Tally::default(),
            turn: dice(1),
            disk: dice(2),
            lies: dice(3),
            running: None,
            crashes: crashes.into(),
            visit: None,
            patient_until: 0,
            books: Books::default(),
            folder,
        };
        ordeal.issue()?;
        ordeal.secret("client_secret", &ordeal.world.client_secret())?;
        Ok(ordeal)
    }

    fn now(&self) -> u64 {
        self.clock.now().0
    }

    fn secret(&self, name: &str, secret: &str) -> anyhow::Result<()> {
        use std::io::Write as _;
        let mut file = std::fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(self.path(name))?;
        Ok(file.write_all(secret.as_bytes())?)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// New tokens, where the configuration says they are.
    fn issue(&self) -> anyhow::Result<()> {
        match self.plan.token {
            Token::Static => self.secret("access_token", &self.world.issue_static()),
            Token::Rotating => {
                let pair = self.world.issue(self.now());
                self.secret("refresh_token", &pair.refresh)?;
                self.secret("access_token", &pair.access)
            }
        }
    }

    /// Starts the host.
    fn start(&self) -> anyhow::Result<Running> {
        let (name, sink): (SourceName, SinkName) = (SOURCE.parse()?, SINK.parse()?);
        let fuse = Fuse::default();
        let end = End {
            world: self.world.clone(),
            clock: self.clock.clone(),
            fuse: fuse.clone(),
            trace: self.trace.clone(),
            tally: self.tally.clone(),
        };
        self.laboratory.switchboard.connect(&self.host, end);
        let store: Arc<dyn Store> = Arc::new(Vault {
            inner: Arc::new(self.open()?),
            fuse: fuse.clone(),
            trace: self.trace.clone(),
            tally: self.tally.clone(),
            dice: self.disk.clone(),
            clock: self.clock.clone(),
            disk: self.plan.disk,
            faults_until: self.plan.faults_until,
            sabotage: self.plan.sabotage,
        });
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let origin: Origin = format!("https://{}", self.host).parse()?;
        let config = self.plan.config(origin.as_str(), &self.world.client_id());
        let (runtime, component) = (Arc::clone(&self.laboratory.runtime), Arc::clone(&self.laboratory.component));
        let slot = Arc::new(Slot::new("builtin:miro", Arc::clone(&component), vec![name.clone()], None));
        let source = Source::new(runtime, component, config.to_string().into(), Arc::new(Grant::new([origin.clone()])));
        let secrets = match self.plan.token {
            Token::Static => &["access_token"][..],
            Token::Rotating => &["access_token", "refresh_token", "client_secret"],
        };
        let secrets: BTreeMap<_, _> = secrets.iter().map(|name| ((*name).to_owned(), SecretRef::File(self.path(name)))).collect();
        let custody = Custody::new(name.clone(), secrets, Arc::clone(&store), source.clone());
        let interval = Duration::from_millis(self.plan.interval);
        let settings = schedule::Settings { name: name.clone(), interval, learn: None, allow: vec![origin.to_string()], identify: false };
        let worker = Worker::new(settings, source, slot, custody, Arc::clone(&store), Arc::clone(&clock), Arc::new(Notify::new()));
        let receiver = Receiver {
            world: self.world.clone(),
            clock: self.clock.clone(),
            fuse: fuse.clone(),
            trace: self.trace.clone(),
            tally: self.tally.clone(),
            dice: self.lies.clone(),
            limits: BatchLimits { events: 10_000, bytes: self.plan.batch },
            sabotage: self.plan.sabotage,
        };
        let delivery = Delivery::new(Parts {
            name: sink,
            sources: vec![name],
            store: Arc::clone(&store),
            clock,
            sink: Box::new(receiver),
            lines: Lines::Record,
        });
        let now = self.clock.now();
        Ok(Running { worker, delivery, store, fuse, crash: None, poll: now, send: now, asked: false })
    }

    /// Opens the store. A call that was under way when the process died may hold the last one for another moment.
    fn open(&self) -> anyhow::Result<SqliteStore> {
        let key = Key::parse("7d".repeat(32).as_bytes())?;
        for _ in 0..1000 {
            match SqliteStore::open(Open::new(self.path("miro-source.db"), key.clone(), Access::Owner)) {
                Err(why) if why.kind == StoreErrorKind::Locked => std::thread::yield_now(),
                opened => return Ok(opened?),
            }
        }
        anyhow::bail!("the store stays locked")
    }

    async fn happen(&mut self) -> anyhow::Result<()> {
        let end = self.plan.end();
        let mut outages: VecDeque<_> = {
            let mut outages = self.plan.outages.clone();
            outages.sort_unstable_by_key(|outage| outage.at);
            outages.into()
        };
        while self.now() < end {
            if let Some(outage) = outages.pop_front_if(|outage| outage.at <= self.now()) {
                self.trace.note(format!("the host is stopped for {} s", outage.lasts / 1000));
                // A step is not cut short on the way down, so nothing is in flight.
                self.tally.stopped();
                self.running = None;
                self.pass(outage.lasts);
                continue;
            }
            if self.now() >= self.plan.faults_until {
                self.world.clear_rules();
            }
            if self.running.is_none() {
                self.trace.note("the host starts");
                self.books.starts += 1;
                self.running = Some(self.start()?);
            }
            if self.settle().await? == Settled::Died {
                continue;
            }
            self.look_after()?;
            let Some(running) = &self.running else { continue };
            let next = [Some(running.poll.0), Some(running.send.0), self.visit, outages.front().map(|outage| outage.at), Some(end)];
            let faults_until = Some(self.plan.faults_until).filter(|until| *until > self.now());
            let crash = self.crashes.front().map(|crash| crash.at).filter(|at| *at > self.now());
            let next = next.into_iter().chain([faults_until, crash]).flatten().min().unwrap_or(end);
            self.clock.step_to(Instant(next.max(self.now() + 1)));
        }
        Ok(())
    }

    fn pass(&self, time: u64) {
        self.clock.step_to(self.clock.now().plus(Duration::from_millis(time)));
    }

    /// Steps whoever is due until nobody is.
    async fn settle(&mut self) -> anyhow::Result<Settled> {
        loop {
            let now = self.clock.now();
            let Some(running) = &mut self.running else { return Ok(Settled::Died) };
            if running.crash.is_none()
                && let Some(crash) = self.crashes.pop_front_if(|crash| crash.at <= now.0)
            {
                running.fuse.light(crash.boundary, crash.side);
                running.crash = Some(crash);
            }
            let polls = match (running.poll <= now, running.send <= now) {
                (false, false) => return Ok(Settled::Quiet),
                (true, true) => self.turn.strikes(0.5),
                (polls, _) => polls,
            };
            self.books.turns += 1;
            anyhow::ensure!(self.books.turns < STEPS, "{STEPS} steps and no end");
            let fuse = running.fuse.clone();
            let stepped = tokio::select! {
                biased;
                () = fuse.wait() => None,
                stepped = running.step(polls, &self.clock) => Some(stepped),
            };
            match stepped {
                Some(Ok(())) if !fuse.burnt() => {}
                Some(Err(why)) if !fuse.burnt() => return Err(why),
                _ => {
                    let down = running.crash.map_or(0, |crash| crash.down);
                    self.tally.died();
                    self.books.crashes += 1;
                    self.running = None;
                    self.trace.note(format!("the host has crashed and is down for {} s", down / 1000));
                    self.pass(down);
                    return Ok(Settled::Died);
                }
            }
        }
    }

    /// A person sees what the host shows.
    fn look_after(&mut self) -> anyhow::Result<()> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let now = self.clock.now().0;
        let problem = running.worker.watch().borrow().problem.clone();
        let called = problem.is_some_and(|problem| problem.remedy == Remedy::Authorize);
        match self.visit {
            None if called && now >= self.patient_until => self.visit = Some(now + self.plan.person),
            Some(at) if at <= now => {
                self.visit = None;
                if called {
                    self.trace.note("a person authorizes again");
                    self.books.visits += 1;
                    // It takes the host up to an hour to notice, or to its next poll.
                    self.patient_until = now + HOUR.max(self.plan.interval);
                    self.issue()?;
                }
            }
            _ => {}
        }
        let Some(running) = &mut self.running else { return Ok(()) };
        if now >= self.plan.faults_until && !running.fuse.burnt() && !running.asked {
            let waiting = running.store.parked().map(|parked| parked.iter().any(|parked| !parked.retry)).unwrap_or(false);
            if waiting {
                running.asked = true;
                self.trace.note("a person wants the parked events tried again");
                running.store.retry_parked(None, None)?;
                running.send = running.send.min(Instant(now));
            }
        }
        Ok(())
    }

    /// What is known at the end.
    fn close(&mut self, broken: Option<String>) -> anyhow::Result<Books> {
        let mut books = Books { broken, account: self.world.account(self.now()), ..self.books.clone() };
        books.take(&self.tally);
        if let Some(running) = &self.running {
            let (name, sink): (SourceName, SinkName) = (SOURCE.parse()?, SINK.parse()?);
            let problem = running.worker.watch().borrow().problem.clone();
            books.problem = problem.map(|problem| format!("{} (since {}, {:?})", problem.message, problem.since, problem.remedy));
            books.trouble = match &running.delivery.status().borrow().state {
                sink::State::Idle | sink::State::Delivering => None,
                sink::State::Retrying(trouble) | sink::State::Paused(trouble) | sink::State::Down(trouble) => Some(trouble.reason.clone()),
            };
            if !running.fuse.burnt() {
                books.backlog = running.store.backlog(&sink, &name)?.iter().map(|backlog| backlog.events).sum();
                books.parked = running.store.parked()?.len() as u64;
                books.gaps = running.store.gaps()?.iter().map(|gap| format!("{} to {}: {}", gap.start, gap.end, gap.cause)).collect();
            }
        }
        Ok(books)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settled {
    Quiet,
    Died,
}
