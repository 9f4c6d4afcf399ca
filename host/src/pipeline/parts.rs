//! What a configuration becomes, piece by piece: the store, the runtime, a component, a source's side of it.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use audit_pipeline::detector::Rule;
use secrecy::ExposeSecret as _;

use super::{Edges, keeping::Kept};
use crate::{
    authenticate::{Authority, Keys},
    config::{ComponentRef, Config, DetectorConfig, SecretRef, SinkKind, SourceConfig, secret},
    detect,
    egress::{Grant, Transport},
    enrich::{Board, Enricher},
    feeds::Keeper,
    model::{DetectorName, Instant, ResponderName, SourceName},
    neutral::brief,
    privacy::Hold,
    runtime::{self, Cache, Component, Detector, Limits, Responder, Runtime, RuntimeOptions, Source},
    store::{
        Store, StoreError,
        seal::Key,
        sqlite::{self, Access, Open, Renewal, Renewed, Reread, SqliteStore},
    },
    trust::{self, Trust},
};

/// How long a vendor keeps its log, and how late its events come, where nothing says so.
const KEEPS: Duration = Duration::from_secs(90 * 86_400);
const LATENESS: Duration = Duration::from_secs(86_400);

/// The store's key, from where the configuration says.
pub fn store_key(config: &Config) -> anyhow::Result<Key> {
    key_at(&config.store.key)
}

/// A key for a store, from there.
pub fn key_at(place: &SecretRef) -> anyhow::Result<Key> {
    Ok(Key::parse(&secret::store_key(place)?)?)
}

/// Opens the store as its owner, who holds its lock until the last reference is gone.
pub fn own(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    own_at(config, Instant::system())
}

/// The same at that time. A store that is damaged is set aside, and a new one takes its place.
pub(super) fn own_at(config: &Config, now: Instant) -> anyhow::Result<Arc<dyn Store>> {
    let store = open_at(config, now)?;
    store.hold(&Kept::note(config, &*store)?.holds())?;
    Ok(store)
}

fn open_at(config: &Config, now: Instant) -> anyhow::Result<Arc<dyn Store>> {
    let options = Open::new(&config.store.path, store_key(config)?, Access::Owner);
    let why = match SqliteStore::open(options.clone()) {
        Err(why) if sqlite::is_damage(&why, &options.path) => why,
        opened => return Ok(Arc::new(opened?)),
    };
    let Renewed { aside, since, carried, lost } = sqlite::renew(&options, &renewal(config, now))?;
    let comes_back = lost.iter().any(|table| table == "erased");
    let lost = if lost.is_empty() { "nothing".to_owned() } else { lost.join(", ") };
    let since: Vec<String> = since.iter().map(|(source, since)| format!("{source} since {since}")).collect();
    tracing::error!(
        aside = %aside.display(), %why, carried, unreadable = lost,
        "the store was damaged and is set aside; a new one takes its place. What happened is read again from the vendor, and sinks get it \
         once more: of {}. Where tokens could not be read, `miro-source auth` gives the source some",
        since.join(", ")
    );
    if comes_back {
        tracing::error!(
            "who was erased could not be read to the end: they may come in again with what is read again, and go to every sink. \
             `miro-source privacy erase --user WHO` for each of them"
        );
    }
    let held = config.sources.iter().filter(|source| source.keeping.hold != Hold::Nothing).map(|source| source.name.as_str());
    let held = held.collect::<Vec<_>>().join(", ");
    if !held.is_empty() {
        tracing::error!(
            sources = held,
            "what was under legal hold and the vendor has no more is in {} alone: keep that file",
            aside.display()
        );
    }
    Ok(Arc::new(SqliteStore::open(options)?))
}

/// What is read again where the store is damaged. While a file is broken, any source that the store knows may stand in it.
fn renewal(config: &Config, now: Instant) -> Renewal {
    let usual = Reread { retention: config.store.retention, keeps: KEEPS, lateness: LATENESS };
    let of = |source: &SourceConfig| Reread {
        retention: source.keeping.retention(&config.store),
        keeps: source.keeps.unwrap_or(KEEPS),
        lateness: source.lateness().unwrap_or(LATENESS),
    };
    Renewal {
        sources: config.sources.iter().map(|source| (source.name.clone(), of(source))).collect(),
        others: (!config.broken.is_empty()).then_some(usual),
        now,
    }
}

/// Opens the store for reading, beside an owner.
pub fn look(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    let options = Open::new(&config.store.path, store_key(config)?, Access::Reader);
    Ok(Arc::new(SqliteStore::open(options)?))
}

/// The runtime as the configuration wants it.
pub fn runtime(config: &Config, transport: Arc<dyn Transport>) -> anyhow::Result<Arc<Runtime>> {
    let folder = cache_folder(&config.store.path);
    let cache = Cache::new(folder, store_key(config)?);
    Ok(Runtime::new(RuntimeOptions { cache: Some(cache), transport, limits: Limits::default() })?)
}

/// What is known of addresses, every feed read.
pub async fn enricher(config: &Config, now: Instant) -> anyhow::Result<Arc<Enricher>> {
    let enrich = config.enrich.clone();
    Ok(Arc::new(tokio::task::spawn_blocking(move || Enricher::open(&enrich, now)).await??))
}

/// The same, told by the directories too, each of which has a board.
pub(super) async fn informed(config: &Config, now: Instant) -> anyhow::Result<(Arc<Enricher>, BTreeMap<ResponderName, Arc<Board>>)> {
    let enrich = config.enrich.clone();
    let mut enricher = tokio::task::spawn_blocking(move || Enricher::open(&enrich, now)).await??;
    let mut boards = BTreeMap::new();
    for each in config.responders.iter().filter(|each| each.directory.is_some()) {
        let board = Arc::new(Board::default());
        enricher = enricher.told_by(&board, &each.sources);
        boards.insert(each.name.clone(), board);
    }
    Ok((Arc::new(enricher), boards))
}

/// What keeps the feeds up to date that the host fetches by itself.
pub fn keeper(config: &Config, edges: &Edges) -> anyhow::Result<Keeper> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|why| anyhow::anyhow!("the system gives no random bytes: {why}"))?;
    Ok(Keeper::new(config, Arc::clone(&edges.transport), Arc::clone(&edges.clock), u64::from_le_bytes(seed)))
}

fn cache_folder(database: &Path) -> std::path::PathBuf {
    let mut folder = database.as_os_str().to_owned();
    folder.push(".cache");
    folder.into()
}

/// Loads the components that the sources name, each once, and only those that are trusted.
pub struct Components {
    runtime: Arc<Runtime>,
    trust: Arc<Trust>,
    loaded: BTreeMap<String, Arc<Component>>,
}

impl Components {
    /// None loaded yet.
    pub fn new(runtime: Arc<Runtime>, trust: Trust) -> Self {
        Self { runtime, trust: Arc::new(trust), loaded: BTreeMap::new() }
    }

    /// The component, loaded.
    pub async fn get(&mut self, reference: &ComponentRef) -> anyhow::Result<Arc<Component>> {
        let key = reference.to_string();
        if let Some(component) = self.loaded.get(&key) {
            return Ok(Arc::clone(component));
        }
        let (trust, wanted) = (Arc::clone(&self.trust), reference.clone());
        // Before it is compiled, and before compiled code of it is looked for.
        let admitted = tokio::task::spawn_blocking(move || trust::admit(&trust, &wanted)).await??;
        let generation =
            self.runtime.load(admitted.package.wasm).await.map_err(|why| anyhow::anyhow!("failed to load component {key}: {why}"))?;
        self.runtime.name(&generation, &key);
        let component = Arc::new(Component::new(generation));
        self.loaded.insert(key, Arc::clone(&component));
        Ok(component)
    }

    /// A source's side of its component.
    pub async fn source(&mut self, config: &SourceConfig) -> anyhow::Result<Source> {
        let component = self.get(&config.component).await?;
        Ok(source(&self.runtime, &component, config))
    }

    /// Who obtains a source's token, where its component does.
    pub async fn authority(&self, config: &SourceConfig) -> anyhow::Result<Option<Authority>> {
        authority(&self.runtime, &self.trust, config).await
    }
}

/// A detector, loaded where it is trusted, as it is configured for each of its sources.
pub async fn detectors(
    runtime: &Arc<Runtime>,
    trust: &Trust,
    config: &Config,
    detector: &DetectorConfig,
) -> anyhow::Result<Vec<(SourceName, Detector)>> {
    let (trust, wanted) = (trust.clone(), detector.component.clone());
    let admitted = tokio::task::spawn_blocking(move || trust::admit(&trust, &wanted)).await??;
    let loaded = runtime.load_as(runtime::Kind::Detector, admitted.package.wasm.into()).await;
    let generation = loaded.map_err(|why| anyhow::anyhow!("failed to load component {}: {why}", detector.component))?;
    runtime.name(&generation, &detector.component.to_string());
    let component = Arc::new(Component::new(generation));
    let each = |source: &SourceName| {
        let text = detect::configuration(config, detector, source);
        (source.clone(), Detector::new(Arc::clone(runtime), Arc::clone(&component), &text))
    };
    Ok(detector.sources.iter().map(each).collect())
}

/// Keeps what a detector's rules read for `status`, and says at once where its configuration can never work.
pub(super) async fn hear_rules(
    store: &Arc<dyn Store>,
    source: &SourceName,
    name: &DetectorName,
    detector: &Detector,
) -> Result<Vec<Rule>, StoreError> {
    match detector.rules().await {
        Ok(rules) => {
            detect::coverage::keep(store, source, name, &rules).await?;
            Ok(rules)
        }
        Err(why) => {
            tracing::warn!(detector = %name, %source, "it does not say what it reads: {}", brief(&why.to_string(), 500));
            Ok(Vec::new())
        }
    }
}

/// Who obtains a source's token, where its component does. It stays on the component that is configured, whatever is swapped in.
pub(super) async fn authority(runtime: &Arc<Runtime>, trust: &Trust, config: &SourceConfig) -> anyhow::Result<Option<Authority>> {
    if !config.authenticates() {
        return Ok(None);
    }
    let wasm = wasm(trust, &config.component).await?;
    let component = acting(runtime, runtime::Kind::Responder, wasm, &config.component).await?;
    let grant = Arc::new(Grant::new(config.allow.iter().cloned()));
    let responder = Responder::new(Arc::clone(runtime), component, &config.config.to_string(), grant);
    Ok(Some(Authority::new(responder, Keys::from(config))))
}

/// The bytes of a component, where it is trusted.
pub(super) async fn wasm(trust: &Trust, wanted: &ComponentRef) -> anyhow::Result<Arc<[u8]>> {
    let (trust, wanted) = (trust.clone(), wanted.clone());
    let admitted = tokio::task::spawn_blocking(move || trust::admit(&trust, &wanted)).await??;
    Ok(admitted.package.wasm.into())
}

/// What of a component acts, or tells of people.
pub(super) async fn acting(
    runtime: &Arc<Runtime>,
    kind: runtime::Kind,
    wasm: Arc<[u8]>,
    named: &ComponentRef,
) -> anyhow::Result<Arc<Component>> {
    let generation = runtime.load_as(kind, wasm).await.map_err(|why| anyhow::anyhow!("failed to load component {named}: {why}"))?;
    runtime.name(&generation, &named.to_string());
    Ok(Arc::new(Component::new(generation)))
}

/// A source's side of a component.
pub(super) fn source(runtime: &Arc<Runtime>, component: &Arc<Component>, config: &SourceConfig) -> Source {
    let grant = Arc::new(Grant::new(config.allow.iter().cloned()));
    Source::new(Arc::clone(runtime), Arc::clone(component), config.config.to_string().into(), grant)
}

/// A source's secrets other than its tokens, opened, for calls that a person makes.
pub fn client_secrets(config: &SourceConfig) -> anyhow::Result<Vec<(String, String)>> {
    let mut secrets = Vec::new();
    for (name, reference) in config.secrets.iter().filter(|(name, _)| !matches!(name.as_str(), "access_token" | "refresh_token")) {
        secrets.push((name.clone(), secret::resolve(reference)?.expose_secret().to_owned()));
    }
    Ok(secrets)
}

/// Whether a sink writes to standard output, where a command must not.
pub fn writes_to_stdout(config: &Config) -> bool {
    config.sinks.iter().any(|sink| matches!(sink.kind, SinkKind::Stdout))
}

/// The sources of each component, components in order of appearance.
pub(super) fn by_component(sources: &[SourceConfig]) -> Vec<(&ComponentRef, Vec<&SourceConfig>)> {
    let mut all: Vec<(&ComponentRef, Vec<&SourceConfig>)> = Vec::new();
    for each in sources {
        match all.iter_mut().find(|(reference, _)| **reference == each.component) {
            Some((_, same)) => same.push(each),
            None => all.push((&each.component, vec![each])),
        }
    }
    all
}
