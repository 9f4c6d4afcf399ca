//! The whole host put together from a configuration: one worker a source, one delivery a sink, one store between them.
//!
//! [`Pipeline::run`] goes on until told to stop; [`Pipeline::once`] until everything is caught up. A test hands in its own
//! [`Edges`] and gets the same pipeline.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    config::{ComponentRef, Config, SinkConfig, SinkKind, SourceConfig, secret},
    control,
    egress::{self, Grant, HttpTransport, Purpose, Transport},
    model::{Instant, SourceName},
    runtime::{Cache, Component, Limits, Runtime, RuntimeOptions, Source},
    schedule::{Custody, Next, Remedy, Settings, Stop, Worker},
    sink::{self, Delivery},
    store::{
        Prune, Store, blocking,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
    trust::{self, Trust},
};

/// How often old records are forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// Ids are remembered at least so long, whatever the retention of records: longer than any lateness a source may be
/// asked to revisit (60 days), plus its period, plus a day.
const IDS: Duration = Duration::from_secs(100 * 24 * 3600);
/// How many failures in a row `once` sits out.
const TRIES: u32 = 5;

/// Where the pipeline touches the world.
pub struct Edges {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How components' requests leave.
    pub transport: Arc<dyn Transport>,
    /// How sinks' requests leave.
    pub client: reqwest::Client,
}

impl Edges {
    /// This machine's network.
    pub fn real(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        Ok(Self {
            clock,
            transport: Arc::new(HttpTransport::new(&config.network)?),
            client: egress::client::build(&config.network, Purpose::Sink)?,
        })
    }
}

/// Everything that runs.
pub struct Pipeline {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    workers: Vec<Worker>,
    deliveries: Vec<Delivery>,
    stored: Arc<Notify>,
    retention: Duration,
    database: std::path::PathBuf,
}

/// What `once` came to, for a source or a sink that did not get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What is left, for people.
    pub message: String,
    /// What ends it.
    pub remedy: Remedy,
}

/// The store's key, from where the configuration says.
pub fn store_key(config: &Config) -> anyhow::Result<Key> {
    let bytes = secret::store_key(&config.store.key)?;
    Ok(Key::parse(&bytes)?)
}

/// Opens the store as its owner, who holds its lock until the last reference is gone.
pub fn own(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    let options = Open::new(&config.store.path, store_key(config)?, Access::Owner);
    Ok(Arc::new(SqliteStore::open(options)?))
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
        let component = Arc::new(Component::new(generation));
        self.loaded.insert(key, Arc::clone(&component));
        Ok(component)
    }

    /// A source's side of its component.
    pub async fn source(&mut self, config: &SourceConfig) -> anyhow::Result<Source> {
        let component = self.get(&config.component).await?;
        let grant = Arc::new(Grant::new(config.allow.iter().cloned()));
        Ok(Source::new(Arc::clone(&self.runtime), component, config.config.to_string().into(), grant))
    }
}

impl Pipeline {
    /// Puts everything together. Takes the lock of the store.
    pub async fn assemble(config: &Config, edges: Edges) -> anyhow::Result<Self> {
        let mut components = Components::new(runtime(config, Arc::clone(&edges.transport))?, Trust::new(&config.components));
        Self::assemble_with(config, edges, &mut components).await
    }

    /// Puts everything together from components that may be loaded already.
    pub async fn assemble_with(config: &Config, edges: Edges, components: &mut Components) -> anyhow::Result<Self> {
        let store = own(config)?;
        let (known, readers) = (config.sinks.clone(), Arc::clone(&store));
        blocking(&readers, move |store| warn_of_gone(store, &known)).await?;
        let stored = Arc::new(Notify::new());
        let mut workers = Vec::with_capacity(config.sources.len());
        let mut sources: BTreeMap<SourceName, Source> = BTreeMap::new();
        for each in &config.sources {
            let source = components.source(each).await?;
            let custody = Custody::new(each.name.clone(), each.secrets.clone(), Arc::clone(&store), source.clone());
            let settings =
                Settings { name: each.name.clone(), interval: each.interval, allow: each.allow.iter().map(ToString::to_string).collect() };
            sources.insert(each.name.clone(), source.clone());
            workers.push(Worker::new(settings, source, custody, Arc::clone(&store), Arc::clone(&edges.clock), Arc::clone(&stored)));
        }
        let mut deliveries = Vec::with_capacity(config.sinks.len());
        for each in &config.sinks {
            deliveries.push(sink::assemble(each, &sources, Arc::clone(&store), Arc::clone(&edges.clock), edges.client.clone())?);
        }
        Ok(Self {
            store,
            clock: edges.clock,
            workers,
            deliveries,
            stored,
            retention: config.store.retention,
            database: config.store.path.clone(),
        })
    }

    /// The store.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Collects and delivers until told to stop. What was fetched by then is stored, what was accepted is noted.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let nudge = Arc::new(Notify::new());
        let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
        let server = control::Server::bind(&self.database)
            .map_err(|why| anyhow::anyhow!("failed to listen for commands beside {}: {why}", self.database.display()))?;
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let (nudges, wakes) = (Arc::clone(&nudge), Arc::clone(&self.stored));
        let handle = move |request| {
            let reply = control::perform(store.as_ref(), &request, clock.now());
            nudges.notify_waiters();
            wakes.notify_waiters();
            reply
        };
        tasks.spawn(serve(server, shutdown.clone(), handle));
        for worker in self.workers {
            let (shutdown, nudge) = (shutdown.clone(), Arc::clone(&nudge));
            tasks.spawn(async move { Ok(worker.run(shutdown, nudge).await?) });
        }
        for delivery in self.deliveries {
            let (shutdown, stored) = (shutdown.clone(), Arc::clone(&self.stored));
            tasks.spawn(async move { Ok(delivery.run(shutdown, stored).await?) });
        }
        tasks.spawn(housekeep(Arc::clone(&self.store), Arc::clone(&self.clock), self.retention, shutdown.clone()));
        let mut outcome = Ok(());
        while let Some(ended) = tasks.join_next().await {
            let ended = ended.map_err(anyhow::Error::from).and_then(|ended| ended);
            if ended.is_err() && outcome.is_ok() {
                // One that cannot go on ends all: started again, everything is where it was.
                shutdown.cancel();
                outcome = ended;
            }
        }
        outcome
    }

    /// Polls every source until caught up, delivers everything, and says what is left.
    pub async fn once(mut self, shutdown: CancellationToken) -> anyhow::Result<Vec<Left>> {
        let mut left = Vec::new();
        let clock = Arc::clone(&self.clock);
        let polls = self.workers.iter_mut().map(|worker| poll(worker, Arc::clone(&clock), shutdown.clone()));
        for polled in futures_util::future::join_all(polls).await {
            left.extend(polled?);
        }
        let deliveries = self.deliveries.iter_mut().map(|delivery| deliver(delivery, Arc::clone(&clock), shutdown.clone()));
        for delivered in futures_util::future::join_all(deliveries).await {
            left.extend(delivered?);
        }
        let parked = blocking(&self.store, |store| store.parked()).await?;
        if !parked.is_empty() {
            let what = if parked.len() == 1 { "1 event is".to_owned() } else { format!("{} events are", parked.len()) };
            let message = format!("{what} parked: see `miro-source parked list`");
            left.push(Left { message, remedy: Remedy::Wait });
        }
        Ok(left)
    }

    /// The parts, for a runner that steps them itself.
    pub fn into_parts(self) -> (Vec<Worker>, Vec<Delivery>) {
        (self.workers, self.deliveries)
    }
}

/// A sink that is configured no longer holds up retention. It is not forgotten by itself: its file may only be broken
/// today, and a forgotten sink gets everything again.
fn warn_of_gone(store: &dyn Store, sinks: &[SinkConfig]) -> crate::store::Result<()> {
    for reader in store.readers()? {
        let configured = sinks.iter().any(|sink| sink.name == reader.sink && sink.sources.contains(&reader.source));
        if !configured {
            tracing::warn!(sink = %reader.sink, source = %reader.source, "is not configured here; records that it has not had are kept");
        }
    }
    Ok(())
}

async fn serve(
    server: control::Server,
    shutdown: CancellationToken,
    handle: impl Fn(control::Request) -> control::Reply + Send + Sync + 'static,
) -> anyhow::Result<()> {
    server.serve(shutdown, handle).await;
    Ok(())
}

async fn poll(worker: &mut Worker, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> Result<Option<Left>, Stop> {
    let mut failures = 0;
    loop {
        let next = worker.step().await?;
        if worker.caught_up() {
            return Ok(None);
        }
        let Next::At(at) = next else { continue };
        let problem = worker.watch().borrow().problem.clone();
        if let Some(problem) = problem {
            failures += 1;
            if problem.remedy != Remedy::Wait || failures >= TRIES {
                let message = format!("source `{}`: {}", worker.name(), problem.message);
                return Ok(Some(Left { message, remedy: problem.remedy }));
            }
        }
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = shutdown.cancelled() => {
                return Ok(Some(Left { message: format!("source `{}`: stopped before it had caught up", worker.name()), remedy: Remedy::Wait }));
            }
        }
    }
}

async fn deliver(delivery: &mut Delivery, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> anyhow::Result<Option<Left>> {
    let mut failures = 0;
    loop {
        let at = match delivery.step().await? {
            sink::Next::AtOnce => continue,
            sink::Next::Idle => return Ok(None),
            sink::Next::At(at) => at,
        };
        failures += 1;
        let status = delivery.status().borrow().clone();
        let (person, why) = match status.state {
            sink::State::Idle | sink::State::Delivering => (false, "not everything was accepted".to_owned()),
            sink::State::Retrying(trouble) => (false, trouble.reason),
            sink::State::Paused(trouble) | sink::State::Down(trouble) => (true, trouble.reason),
        };
        if failures >= TRIES || person {
            return Ok(Some(Left { message: format!("sink `{}`: {why}", delivery.name()), remedy: Remedy::Wait }));
        }
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = shutdown.cancelled() => {
                return Ok(Some(Left { message: format!("sink `{}`: stopped before everything was delivered", delivery.name()), remedy: Remedy::Wait }));
            }
        }
    }
}

async fn housekeep(store: Arc<dyn Store>, clock: Arc<dyn Clock>, retention: Duration, shutdown: CancellationToken) -> anyhow::Result<()> {
    loop {
        let now: Instant = clock.now();
        let prune = Prune { records_before: now.minus(retention), ids_before: now.minus(retention.max(IDS)) };
        match blocking(&store, move |store| store.prune(&prune)).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(records = gone, "forgot delivered records past their retention"),
            Err(why) => tracing::warn!("failed to forget old records: {why}"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = clock.sleep_until(now.plus(HOUSEKEEPING)) => {}
        }
    }
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
