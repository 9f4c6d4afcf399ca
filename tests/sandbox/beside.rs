//! All attacks in one host, beside a source that does nothing wrong: it loses nothing, and each of the others ends in a
//! problem that has a name.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

use miro_source::{
    clock::{Clock as _, SteppedClock},
    config,
    egress::{HttpTransport, Lookup, Purpose, client},
    pipeline::{Edges, Pipeline},
    runtime::{Limits, Runtime, RuntimeOptions},
    schedule::{State, Status},
};
use miro_source_tests::{
    drive::Drive,
    hostile,
    stage::{HOUR, MINUTE, ORIGIN, Recipe, Stage},
};
use serde_json::Value;
use simulator::{Organization, Settings, Spec, World};
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    attacks::{Attack, FarSides, Told, Weapon, all},
    ground::{self, is_fit_to_show},
    raw::{Raw, Says, answer},
};

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Collects what this thread logs from here on, for as long as the guard lives.
    pub(crate) fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::INFO).with_writer(log.clone()).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// The lines about the source of an attack.
    pub(crate) fn about(&self, source: &str) -> Vec<String> {
        let text = self.text();
        let named = format!("source=evil_{source}");
        text.lines().filter(|line| line.ends_with(&named) || line.contains(&format!("{named} "))).map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// JSON as TOML writes it, on one line.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<_> = fields.iter().map(|(key, value)| format!("{key} = {}", toml(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(toml).collect::<Vec<_>>().join(", ")),
        // Strings, numbers and truths are written alike.
        plain => plain.to_string(),
    }
}

/// One host with all of the given attacks, and `acme` beside them.
pub(crate) struct Host {
    pub(crate) stage: Stage,
    pub(crate) clock: SteppedClock,
    pub(crate) drive: Drive,
    pub(crate) attacks: Vec<Attack>,
    _far: Vec<Raw>,
}

impl Host {
    /// With every attack of the list.
    pub(crate) async fn attacked() -> Self {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let endless = [b"10000\r\n".as_slice(), &[b'x'; 1 << 16], b"\r\n"].concat();
        let far = vec![
            Raw::start(Says::Drip(head.into(), b"1\r\nx\r\n")).await,
            Raw::start(Says::Endless(head.into(), endless)).await,
            Raw::start(Says::Whole(answer("302 Found", "location: https://evil.example/\r\n", ""))).await,
        ];
        let sides = FarSides { drip: far[0].origin(), endless: far[1].origin(), redirecting: far[2].origin() };
        Self::with(all(&sides), far, "5m").await
    }

    /// With these, each polled so often.
    pub(crate) async fn with(attacks: Vec<Attack>, far: Vec<Raw>, interval: &str) -> Self {
        let spec = Spec { from: ORIGIN - HOUR, to: ORIGIN + HOUR, events: 500, late_share: 0.0, ..Spec::default() };
        let (stage, clock) = Stage::stepped(World::new(Organization::generate(9, spec), Settings::default())).await.unwrap();
        let config = configure(&stage, &attacks, interval, clock.now());
        let config = config::load(&config).unwrap();
        let nowhere: Lookup = Arc::new(|_| Box::pin(std::future::ready(Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))));
        let transport = Arc::new(HttpTransport::with_lookup(&config.network, nowhere).unwrap());
        let limits = Limits { time: Duration::from_secs(6), ..ground::brief() };
        let runtime = Runtime::new(RuntimeOptions { cache: None, transport: Arc::clone(&transport) as _, limits }).unwrap();
        let edges = Edges { clock: Arc::new(clock.clone()), transport, client: client::build(&config.network, Purpose::Sink).unwrap() };
        let pipeline = Pipeline::assemble_on(&config, edges, runtime).await.unwrap();
        let drive = Drive::over(pipeline, &clock);
        Self { stage, clock, drive, attacks, _far: far }
    }

    /// What an operator sees of a source.
    pub(crate) fn status(&self, name: &str) -> Status {
        let name = format!("evil_{name}");
        let running = self.drive.workers.iter().find(|worker| worker.name().as_str() == name);
        running.map_or_else(
            || {
                let notes = self.drive.store.notes(&format!("state/{name}")).unwrap();
                serde_json::from_str(&notes[0].1).unwrap()
            },
            |worker| worker.watch().borrow().clone(),
        )
    }
}

/// The configuration as a user writes it: `acme` with its sink, and a source for each attack.
fn configure(stage: &Stage, attacks: &[Attack], interval: &str, now: miro_source::model::Instant) -> std::path::PathBuf {
    let recipe = Recipe { since: "2h".into(), ..Recipe::default() };
    let key = stage.secret("key", &"7d".repeat(32)).unwrap();
    let mut text = format!("detect = false\n[store]\npath = {:?}\nkey = {{ file = {key:?} }}\n", stage.path("miro-source.db"));
    stage.source(&mut text, "acme", &recipe, now).unwrap();
    let url = stage.secret("sumo_url", &stage.server.sumo_url).unwrap();
    writeln!(text, "[[sink]]\nname = \"sumo\"\ntype = \"sumo\"\nsources = [\"acme\"]\nurl = {{ file = {url:?} }}").unwrap();
    let mut pins = BTreeSet::new();
    for attack in attacks {
        // One grant a source.
        let token =
            |kind: &str| stage.secret(&format!("{kind}_{}", attack.name), &format!("{}-{kind}-{}", ground::TOKEN, attack.name)).unwrap();
        let (file, plan) = match &attack.weapon {
            Weapon::Plan(plan) => (component(stage, &mut pins, "hostile", &hostile::component().unwrap()), toml(plan)),
            Weapon::Text(name) => (component(stage, &mut pins, name, &hostile::text(name).unwrap()), "{}".to_owned()),
        };
        let refresh = if attack.refreshes { format!("refresh_token = {{ file = {:?} }}\n", token("refresh")) } else { String::new() };
        writeln!(
            text,
            "[[source]]\nname = \"evil_{}\"\ncomponent = {file:?}\ninterval = \"{interval}\"\nconfig = {plan}\nallow = {:?}\n\
             [source.secrets]\naccess_token = {{ file = {:?} }}\n{refresh}",
            attack.name,
            attack.allow,
            token("access")
        )
        .unwrap();
    }
    writeln!(text, "[components]\ndigests = {:?}", pins.iter().collect::<Vec<_>>()).unwrap();
    stage.write(&text).unwrap()
}

/// Puts a component where the configuration can name it. The one place where a test's component enters a host.
fn component(stage: &Stage, pins: &mut BTreeSet<String>, name: &str, wasm: &[u8]) -> std::path::PathBuf {
    pins.insert(format!("sha256:{}", miro_source::runtime::digest(wasm)));
    let path = stage.path(&format!("{name}.wasm"));
    std::fs::write(&path, wasm).unwrap();
    path
}

#[tokio::test]
async fn i5_i7_every_attack_ends_in_a_named_problem_and_the_others_go_on() {
    let (log, _logging) = Log::start();
    let mut host = Host::attacked().await;
    host.drive.pass(Duration::from_millis(11 * MINUTE)).await.unwrap();
    // What became visible since the last poll is not lost, only not asked for yet.
    host.drive.nudge();
    host.drive.settle().await.unwrap();
    let account = host.stage.world.account(host.clock.now().0);
    assert!(account.held > 200, "{account:#?}");
    assert_eq!((account.lost, account.duplicates, account.unexpected), (0, 0, 0), "{account:#?}");
    for attack in &host.attacks {
        let (status, lines) = (host.status(attack.name), log.about(attack.name));
        let shown = || format!("{attack:?}\n{status:?}\n{}", lines.join("\n"));
        match attack.told {
            Told::Problem | Told::Start => {
                let problem = status.problem.as_ref().unwrap_or_else(|| panic!("no problem: {}", shown()));
                assert!(problem.message.contains(attack.text), "{}", shown());
                assert_eq!(status.state, State::Error, "{}", shown());
                is_fit_to_show(&problem.message);
                assert!(lines.iter().any(|line| line.contains(attack.text)), "{}", shown());
            }
            Told::Log => {
                assert_eq!((&status.problem, status.state), (&None, State::Collecting), "{}", shown());
                assert!(lines.iter().any(|line| line.contains(attack.text)), "{}", shown());
            }
            Told::Nowhere => assert_eq!((&status.problem, status.state), (&None, State::Collecting), "{}", shown()),
        }
        // What may be said at once, one more for each minute, and how many were not.
        assert!(lines.len() <= 20 + 2 * 12, "{} lines: {}", lines.len(), shown());
        assert!(lines.iter().all(|line| line.len() < 6_000), "{}", shown());
    }
    let text = log.text();
    assert!(!text.contains('\u{1b}'), "an escape sequence in the log");
    assert!(!text.contains(ground::TOKEN), "a token in the log");
    assert!(text.len() < 2_000_000, "{} bytes of log", text.len());
    println!("{} attacks in 11 minutes: {} lines, {} kB of log", host.attacks.len(), text.lines().count(), text.len() / 1000);
}
