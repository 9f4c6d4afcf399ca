//! The command line, end to end: the real binary, real sockets, and what a person reads.

mod auth;
mod backfill;
mod backup;
mod check;
mod components;
mod key;
mod once;
mod parked;
mod privacy;
mod reload;
mod run;
mod traces;
mod verify;

use std::path::PathBuf;

use miro_source::{clock::SystemClock, model::Instant};
use miro_source_tests::{
    command::Ran,
    host::Host,
    patience::until,
    stage::{HOUR, Recipe, Stage, Token},
};
use simulator::{Account, Organization, Settings, Spec, World};

/// A stage with a configuration, on this machine's clock.
pub(crate) struct Desk {
    pub(crate) stage: Stage,
    pub(crate) world: World,
    pub(crate) config: PathBuf,
}

impl Desk {
    /// 300 events of the past, of which the first poll reads all.
    pub(crate) async fn open() -> Self {
        Self::with(Recipe::default()).await
    }

    async fn rotating() -> Self {
        Self::with(Recipe { token: Token::Rotating, ..Recipe::default() }).await
    }

    async fn with(recipe: Recipe) -> Self {
        let now = Instant::system().0;
        let spec = Spec { from: now - 5 * HOUR, to: now - HOUR, events: 300, late_share: 0.0, ..Spec::default() };
        let world = World::new(Organization::generate(9, spec), Settings::default());
        let stage = Stage::start(world.clone(), std::sync::Arc::new(SystemClock)).await.unwrap();
        let since = if recipe.since == "1h" { "6h".into() } else { recipe.since.clone() };
        let config = stage.configure(&Recipe { interval: "1s".into(), since, ..recipe }, Instant::system()).unwrap();
        let desk = Self { stage, world, config };
        // A key beside its database is warned of.
        std::fs::create_dir(desk.stage.path("keys")).unwrap();
        std::fs::rename(desk.stage.path("key"), desk.stage.path("keys/key")).unwrap();
        desk.edit(|text| text.replace("/key\"", "/keys/key\""));
        desk
    }

    /// Runs a command to its end.
    async fn ran(&self, args: &[&str]) -> Ran {
        Ran::of(&self.config, args).await.unwrap()
    }

    /// The same, and shows what a person sees where it does not end as it should.
    async fn ends(&self, code: i32, args: &[&str]) -> Ran {
        let ran = self.ran(args).await;
        println!("$ miro-source {}  → {}\n{}", args.join(" "), ran.code, ran.said());
        assert_eq!(ran.code, code, "{}:\n{}", args.join(" "), ran.said());
        ran
    }

    pub(crate) fn account(&self) -> Account {
        self.world.account(Instant::system().0)
    }

    /// Starts `run`.
    pub(crate) fn host(&self) -> Host {
        Host::start(Stage::demo_binary(), &self.config, &["run"], &[], &self.stage.path("host.log")).unwrap()
    }

    /// Starts `run`, and waits until it has delivered everything.
    pub(crate) async fn settled(&self) -> Host {
        let host = self.host();
        self.until("nothing is left", &host, |account| account.pages > 0 && account.lost == 0).await;
        host
    }

    pub(crate) async fn until(&self, what: &str, host: &Host, holds: impl Fn(&Account) -> bool) {
        until(what, || holds(&self.account())).await.unwrap_or_else(|why| panic!("{why}: {:#?}\n{}", self.account(), host.log()));
    }

    /// Changes the configuration.
    pub(crate) fn edit(&self, change: impl FnOnce(String) -> String) {
        std::fs::write(&self.config, change(std::fs::read_to_string(&self.config).unwrap())).unwrap();
    }
}
