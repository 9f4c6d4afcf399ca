//! What begins, gets worse and ends, on values and a store that is closed and opened between any two looks.

mod checks;
mod kinds;
mod looks;
mod lost;
mod quiet;
mod telling;

use std::time::Duration;

use super::*;
use crate::{
    alert::{Activity, Severity},
    model::{ChannelName, Instant, SinkName, SourceName},
    schedule::{Kind as Whose, Problem, Remedy, State, Status, TokenStatus},
    sink,
    store::{
        Conditions as _,
        seal::Key as Sealing,
        sqlite::{Access, Open, SqliteStore},
    },
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
/// 2026-03-02T12:00:00Z, a Monday.
const NOON: Instant = Instant(1_772_452_800_000);

fn acme() -> SourceName {
    "acme".parse().unwrap()
}

/// A source that collects.
fn collecting(now: Instant) -> SourceScene {
    let status = Status { state: State::Collecting, token: TokenStatus::default(), ..Status::new(acme(), now) };
    SourceScene {
        name: acme(),
        status: Some(status),
        through: Some(now),
        interval: MINUTE * 5,
        keeps: Some(DAY * 90),
        lost: Vec::new(),
        pair: None,
        unmapped: Vec::new(),
        quiet: None,
    }
}

fn failing(now: Instant, since: Instant, remedy: Remedy) -> SourceScene {
    let mut source = collecting(now);
    let problem = Problem { kind: Whose::ThirdPartyConfig, message: "the vendor refuses the access token".into(), since, remedy };
    source.status = source.status.map(|status| Status { state: State::Error, problem: Some(problem), ..status });
    source
}

fn of(source: SourceScene, now: Instant) -> Scene {
    Scene { now, sources: vec![source], ..Scene::default() }
}

fn idle() -> sink::Status {
    sink::Status {
        state: sink::State::Idle,
        accepted: 1,
        attempts: 1,
        outcomes: sink::Outcomes::default(),
        last_accepted: None,
        warning: None,
        filtered: std::collections::BTreeMap::new(),
    }
}

/// A store that is closed and opened between any two looks, and what was told of it.
struct Desk {
    folder: tempfile::TempDir,
    listeners: Listeners,
}

impl Desk {
    fn new() -> Self {
        let ear = |name: &str| Ear { name: name.parse::<ChannelName>().unwrap(), sources: vec![acme()], severity: Severity::Medium };
        let sinks = vec![Ear { name: "sumo".parse::<SinkName>().unwrap(), sources: vec![acme()], severity: Severity::Informational }];
        Self {
            folder: tempfile::tempdir().unwrap(),
            listeners: Listeners { channels: vec![ear("soc"), ear("mail")], sinks, everyone: Some([acme()].into()) },
        }
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(Open::new(self.folder.path().join("store.db"), Sealing::new(&[1; 32]), Access::Owner)).unwrap()
    }

    /// Looks once, as a process that has just started: what is news.
    fn look(&self, scene: &Scene) -> Vec<String> {
        let store = self.store();
        let known = store.conditions().unwrap();
        let turns = reconcile(&known, &judge(scene), scene.now);
        let change = warden::told(turns, &known, &self.listeners, scene.now);
        store.turn_conditions(&change, scene.now).unwrap();
        let news = change.turns.iter().filter_map(|turn| {
            let word = match turn.news? {
                Activity::Create => "begins",
                Activity::Update => "worse",
                Activity::Close => "ends",
            };
            Some(format!("{word} {}", turn.known.condition.key().as_str()))
        });
        news.collect()
    }

    fn open(&self) -> Vec<Known> {
        self.store().conditions().unwrap().into_iter().filter(Known::is_open).collect()
    }
}

/// Looks twice at each scene, so that nothing is news twice, and says all that was.
fn course(scenes: impl IntoIterator<Item = Scene>) -> Vec<String> {
    let desk = Desk::new();
    let mut news = Vec::new();
    for scene in scenes {
        news.extend(desk.look(&scene));
        assert!(desk.look(&scene).is_empty(), "the same is no news again");
    }
    news
}
