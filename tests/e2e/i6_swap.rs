//! I6: a swap loses no step, runs no promoted step twice, and what fails its proof never becomes current.

mod crash;
mod load;
mod proof;
mod running;
mod setback;

use std::{collections::BTreeSet, fmt::Write as _, path::PathBuf, sync::Arc};

use miro_source::{
    clock::{Clock as _, SteppedClock},
    config,
    model::{Instant, Lane, Seq, SourceName, Stream},
    pipeline::{Edges, Pipeline},
    store::{Range, Store, Tenure, TenureState},
    swap::{Consent, Offer, Promoted, Refusal, Swaps},
    trust::Package,
};
use miro_source_tests::{
    changing::{self, Vendor},
    drive::Drive,
    stage::ORIGIN,
};

/// Every version that a configuration pins. `altered` is not among them.
const PINNED: [&str; 11] = ["plain", "other", "third", "louder", "asking", "newer", "fragile", "stumbling", "mute", "deaf", "greedy"];

/// A folder with a configuration whose sources run the component that counts.
struct Ground {
    folder: tempfile::TempDir,
    vendor: Vendor,
    config: PathBuf,
    sources: Vec<SourceName>,
}

impl Ground {
    async fn new(sources: usize, interval: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vendor = Vendor::start().await.unwrap();
        let component = changing::write(folder.path(), "changing.wasm", "plain").unwrap();
        let secret = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            path
        };
        let key = secret("key", &"7d".repeat(32));
        let token = |name: &str| secret(&format!("{name}_token"), &format!("token-of-{name}"));
        let pins: Vec<String> = PINNED.iter().map(|name| changing::pinned(name).unwrap()).collect();
        let mut text = format!(
            "detect = false\n[store]\npath = {:?}\nkey = {{ file = {key:?} }}\n[components]\ndigests = {pins:?}\n",
            folder.path().join("store.db")
        );
        let names: Vec<SourceName> = (0..sources).map(|number| format!("s{number:03}").parse().unwrap()).collect();
        for name in &names {
            writeln!(
                text,
                "[[source]]\nname = \"{name}\"\ncomponent = {component:?}\ninterval = \"{interval}\"\nallow = [\"{url}\"]\n\
                 config = {{ url = \"{url}\", name = \"{name}\" }}\nsecrets = {{ access_token = {{ file = {:?} }} }}",
                token(name.as_str()),
                url = vendor.url
            )
            .unwrap();
        }
        let events = folder.path().join("events.ndjson");
        writeln!(
            text,
            "[[sink]]\nname = \"file\"\ntype = \"file\"\npath = {events:?}\nsources = {:?}",
            names.iter().map(SourceName::as_str).collect::<Vec<_>>()
        )
        .unwrap();
        let config = folder.path().join("miro-source.toml");
        std::fs::write(&config, text).unwrap();
        Self { folder, vendor, config, sources: names }
    }

    /// A version as a file beside the configuration.
    fn file(&self, version: &str) -> PathBuf {
        changing::write(self.folder.path(), &format!("{version}.wasm"), version).unwrap()
    }

    /// Puts a version where the configuration points.
    fn replace(&self, version: &str) {
        let scratch = self.file(version);
        std::fs::rename(scratch, self.folder.path().join("changing.wasm")).unwrap();
    }

    fn offer(&self, version: &str, consent: Consent) -> Offer {
        let package = Arc::new(Package::read(&self.file(version)).unwrap());
        Offer { component: "changing".into(), package, consent, reason: "a test wants it".into() }
    }
}

/// A host on a clock that is stepped.
struct Host {
    drive: Drive,
    swaps: Arc<Swaps>,
    clock: SteppedClock,
}

impl Host {
    async fn open(ground: &Ground, clock: &SteppedClock) -> Self {
        let config = config::load(&ground.config).unwrap();
        let pipeline = Pipeline::assemble(&config, Edges::real(&config, Arc::new(clock.clone())).unwrap()).await.unwrap();
        let swaps = pipeline.swaps();
        Self { drive: Drive::over(pipeline, clock), swaps, clock: clock.clone() }
    }

    /// Every source polls once.
    async fn poll(&mut self) {
        self.clock.step_to(self.clock.now().plus(std::time::Duration::from_secs(300)));
        self.drive.nudge();
        self.drive.settle().await.unwrap();
    }

    /// Offers a version, and polls where that is waited for.
    async fn offer(&mut self, offer: Offer) -> Result<Promoted, Refusal> {
        let slot = Arc::clone(self.swaps.slots().next().unwrap());
        let mut called = std::pin::pin!(slot.called());
        let swaps = Arc::clone(&self.swaps);
        let mut offering = tokio::spawn(async move { swaps.offer(offer).await });
        tokio::select! {
            ended = &mut offering => return ended.unwrap(),
            () = &mut called => {}
        }
        while slot.canary().is_some() {
            self.drive.nudge();
            self.drive.settle().await.unwrap();
        }
        offering.await.unwrap()
    }

    fn store(&self) -> &Arc<dyn Store> {
        &self.drive.store
    }

    fn history(&self) -> Vec<Tenure> {
        self.store().tenures().unwrap()
    }

    fn current(&self) -> Tenure {
        self.history().into_iter().find(|tenure| tenure.state == TenureState::Current).unwrap()
    }

    fn checkpoint(&self, source: &SourceName) -> String {
        self.store().checkpoint(source, Stream::Live).unwrap().unwrap().body
    }
}

/// The actions of a source's events in the log, in order.
fn logged(store: &dyn Store, source: &SourceName) -> Vec<String> {
    let range = |lane| Range { source, lane, after: Seq(0), sink: None, events: usize::MAX, bytes: usize::MAX };
    Lane::ALL.into_iter().flat_map(|lane| store.read(&range(lane)).unwrap()).map(|event| event.action).collect()
}

/// The first `count` events, each once.
fn counted(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("event {n}")).collect()
}

fn clock() -> SteppedClock {
    SteppedClock::new(Instant(ORIGIN))
}

/// The fields that differ.
fn fields(refusal: &Refusal) -> BTreeSet<String> {
    refusal.differences.iter().map(|each| format!("{} {}", each.part.as_str(), each.field)).collect()
}
