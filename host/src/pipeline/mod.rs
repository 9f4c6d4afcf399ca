//! The whole host put together from a configuration: one worker a source, one delivery a sink, one store between them.
//!
//! Of some sources alone it may be put together too: then it does for them what is theirs, and nothing that is about the whole.
//! [`Pipeline::run`] goes on until told to stop; [`Pipeline::once`] until everything is caught up. A test hands in its own
//! [`Edges`] and gets the same pipeline.

mod acting;
mod chronicle;
mod door;
mod gone;
mod housekeeping;
mod keeping;
mod listeners;
mod once;
mod parts;
mod portion;
mod running;
mod succession;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::sync::Notify;

use self::keeping::Kept;
use crate::{
    clock::Clock,
    condition::{self, Herald, Listeners, Survey, Warden},
    config::{Config, SourceConfig, StoreConfig},
    detect::{Rulebook, Watch, WatchParts},
    directory,
    egress::{self, HttpTransport, Purpose, Transport},
    enrich::{self, Enricher},
    feeds::Keeper,
    model::{Instant, SourceName},
    neutral::brief,
    notify::{self, Teller},
    respond::Executor,
    runtime::{Runtime, Source},
    schedule::{Custody, Kind, Problem, Remedy, Settings, State, Status, Worker},
    sink::{self, AlertDelivery, Delivery},
    store::{Judge, Store, blocking},
    swap::{Seat, Swaps, Tenancy},
    trace,
    trust::Trust,
};

pub(crate) use acting::responder;
pub use keeping::holds;
pub use once::Left;
pub use parts::{Components, client_secrets, detectors, enricher, keeper, key_at, look, own, runtime, store_key, writes_to_stdout};
use parts::{by_component, source};
pub use succession::{Reload, Succession};

/// Where the pipeline touches the world.
pub struct Edges {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How components' requests leave.
    pub transport: Arc<dyn Transport>,
    /// How requests of sinks and channels leave.
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
    alerts: Vec<AlertDelivery>,
    tellers: Vec<Teller>,
    care: Option<Care>,
    watches: Vec<Watch>,
    executors: Vec<Executor>,
    directories: Vec<directory::Keeper>,
    /// What is configured and does not run: everything else goes on without.
    refused: Vec<Left>,
    swaps: Arc<Swaps>,
    enricher: Arc<Enricher>,
    keeper: Keeper,
    stored: Arc<Notify>,
    kept: StoreConfig,
    runtime: Arc<Runtime>,
    exporter: Option<trace::Exporter>,
}

/// What looks after the whole: a run for some sources alone has none.
struct Care {
    warden: Warden,
    judges: Vec<Judge>,
    keeping: Kept,
}

impl Pipeline {
    /// Puts everything together. Takes the lock of the store.
    pub async fn assemble(config: &Config, edges: Edges) -> anyhow::Result<Self> {
        let runtime = runtime(config, Arc::clone(&edges.transport))?;
        Self::assemble_on(config, edges, runtime).await
    }

    /// The same on a runtime that is there already.
    pub async fn assemble_on(config: &Config, edges: Edges, runtime: Arc<Runtime>) -> anyhow::Result<Self> {
        let store = parts::own_at(config, edges.clock.now())?;
        Self::assemble_from(config, edges, runtime, store).await
    }

    /// Puts together what is about these sources alone: it collects and delivers, and looks after nothing else.
    pub async fn assemble_part(config: &Config, sources: &BTreeSet<SourceName>, edges: Edges) -> anyhow::Result<Self> {
        let runtime = runtime(config, Arc::clone(&edges.transport))?;
        let store = parts::own_at(config, edges.clock.now())?;
        Self::put_together(config, Some(&portion::portion(config, sources)), edges, runtime, store).await
    }

    /// The same as [`Self::assemble_on`], on a store that is open already.
    async fn assemble_from(config: &Config, edges: Edges, runtime: Arc<Runtime>, store: Arc<dyn Store>) -> anyhow::Result<Self> {
        Self::put_together(config, None, edges, runtime, store).await
    }

    /// Of `whole`, or only of a part of it.
    async fn put_together(
        whole: &Config,
        part: Option<&Config>,
        edges: Edges,
        runtime: Arc<Runtime>,
        store: Arc<dyn Store>,
    ) -> anyhow::Result<Self> {
        let config = part.unwrap_or(whole);
        let trust = Trust::new(&config.components);
        let (enricher, boards) = parts::informed(config, edges.clock.now()).await?;
        let (said, noting) = (whole.clone(), Arc::clone(&store));
        let keeping = blocking(&noting, move |store| Kept::note(&said, store)).await?;
        store.hold(&keeping.holds())?;
        let room = Arc::new(keeping.room(whole));
        let keeper = keeper(whole, &edges)?.serving(Arc::clone(&enricher), Arc::clone(&store));
        enrich::tell(&enricher, &store).await;
        let (known, readers) = (whole.sinks.clone(), Arc::clone(&store));
        blocking(&readers, move |store| gone::warn_of_sinks(store, &known)).await?;
        let stored = Arc::new(Notify::new());
        let listeners = Listeners::new(whole);
        let herald = Arc::new(Herald::new(&listeners));
        let mut workers = Vec::with_capacity(config.sources.len());
        let mut sources: BTreeMap<SourceName, Source> = BTreeMap::new();
        let mut heard: BTreeMap<SourceName, Arc<Notify>> = BTreeMap::new();
        let mut slots = Vec::new();
        let (mut refused, mut first) = (refused_files(config), None);
        for (reference, configs) in by_component(&config.sources) {
            let names = configs.iter().map(|each| each.name.clone()).collect();
            let tenancy = match Tenancy::open(&runtime, &trust, &store, reference, names, edges.clock.now()).await {
                Ok(tenancy) => tenancy,
                Err(why) => {
                    for each in configs {
                        refused.push(refuse(&store, each, &why, edges.clock.now()).await?);
                    }
                    first = first.or(Some(why));
                    continue;
                }
            };
            let slot = &tenancy.slot;
            let mut seats = Vec::with_capacity(configs.len());
            for each in configs {
                let source = source(&runtime, slot.component(), each);
                let mut custody = Custody::new(each.name.clone(), each.secrets.clone(), Arc::clone(&store), source.clone());
                match parts::authority(&runtime, &trust, each).await {
                    Ok(None) => {}
                    Ok(Some(authority)) => custody = custody.obtaining(authority),
                    Err(why) => {
                        refused.push(refuse(&store, each, &why, edges.clock.now()).await?);
                        continue;
                    }
                }
                let allow: Vec<String> = each.allow.iter().map(ToString::to_string).collect();
                let learn = each.learn.filter(|_| config.detectors.iter().any(|detector| detector.sources.contains(&each.name)));
                let identify = config.respond.enabled && config.responders.iter().any(|responder| responder.sources.contains(&each.name));
                let settings = Settings { name: each.name.clone(), interval: each.interval, learn, allow: allow.clone(), identify };
                let (clock, stored) = (Arc::clone(&edges.clock), Arc::clone(&stored));
                let worker = Worker::new(settings, source.clone(), Arc::clone(slot), custody, Arc::clone(&store), clock, stored);
                let worker = worker.enriched_by(Arc::clone(&enricher)).within(Arc::clone(&room)).heralded_by(Arc::clone(&herald));
                seats.push(Seat { name: each.name.clone(), source: source.clone(), allow, status: worker.watch() });
                heard.insert(each.name.clone(), worker.heard());
                sources.insert(each.name.clone(), source);
                workers.push(worker);
            }
            slots.push((tenancy, seats));
        }
        if let (true, Some(why)) = (workers.is_empty(), first) {
            return Err(why);
        }
        let apps = config.apps();
        let (mut deliveries, mut alerts) = (Vec::with_capacity(config.sinks.len()), Vec::new());
        for each in &config.sinks {
            let turns = sink::Turns::at(each.max_rate);
            let (clock, client) = (|| Arc::clone(&edges.clock), || edges.client.clone());
            deliveries.push(sink::assemble(each, &sources, &apps, Arc::clone(&store), clock(), client(), &turns)?);
            let bringer = sink::assemble_alerts(each, &sources, Arc::clone(&store), clock(), client(), &turns)?;
            let theirs = || sources.keys().cloned().collect();
            alerts.extend(bringer.map(|each| if part.is_some() { each.only(theirs()) } else { each }));
        }
        let teller = |each| notify::assemble(each, &config.network, Arc::clone(&store), Arc::clone(&edges.clock), edges.client.clone());
        let tellers = config.channels.iter().map(teller).collect();
        let mut watches = Vec::new();
        for each in &config.detectors {
            let loaded = match parts::detectors(&runtime, &trust, config, each).await {
                Ok(loaded) => loaded,
                Err(why) => {
                    let message = format!("detector `{}` does not run: {why:#}", each.name);
                    tracing::error!(detector = %each.name, "{}", brief(&message, 1000));
                    refused.push(Left { message, remedy: Remedy::Configure });
                    continue;
                }
            };
            if let (None, Some((_, detector))) = (part, loaded.first()) {
                let (whose, is) = (format!("detector {}", each.name), (&each.component, &*detector.generation()));
                chronicle::component(&store, whose, is, &each.sources, edges.clock.now()).await?;
            }
            for (name, detector) in loaded {
                // A source that does not run has no events to judge.
                let (Some(maker), Some(heard)) = (sources.get(&name), heard.get(&name)) else { continue };
                let rules = parts::hear_rules(&store, &name, &each.name, &detector).await?;
                watches.push(Watch::new(WatchParts {
                    name: each.name.clone(),
                    rulebook: Rulebook::new(config, each, &name),
                    rules,
                    enricher: Arc::clone(&enricher),
                    source: name,
                    detector,
                    maker: maker.clone(),
                    store: Arc::clone(&store),
                    clock: Arc::clone(&edges.clock),
                    heard: Arc::clone(heard),
                    told: Arc::clone(&stored),
                }));
            }
        }
        listeners::note(whole, &store).await?;
        chronicle::begin(whole, &store, edges.clock.now()).await?;
        acting::prepare(whole, &store, edges.clock.now()).await?;
        let ground = acting::Ground {
            runtime: &runtime,
            trust: &trust,
            store: &store,
            clock: &edges.clock,
            told: &stored,
            heard: &heard,
            whole: part.is_none(),
        };
        let (mut executors, directories) = ground.all(config, &boards, &mut refused).await?;
        if part.is_some() {
            executors.clear();
        }
        let warden = Warden::new(condition::Parts {
            survey: Survey::new(config, refused.iter().map(|left: &Left| left.message.clone()).collect()),
            listeners,
            heartbeat: config.health.heartbeat,
            check: None,
            name: config.store.path.display().to_string(),
            store: Arc::clone(&store),
            clock: Arc::clone(&edges.clock),
            told: Arc::clone(&stored),
        });
        let care = part.is_none().then(|| Care { warden, judges: gone::judges(config), keeping });
        let exporter = |telemetry| trace::Exporter::new(trace::shelf(), telemetry, edges.client.clone(), Arc::clone(&edges.clock));
        let exporter = config.telemetry.clone().map(exporter);
        let swaps = Swaps::new(Arc::clone(&runtime), trust, Arc::clone(&store), Arc::clone(&edges.clock), slots);
        let swaps = Arc::new(if part.is_some() { swaps.of_some() } else { swaps });
        Ok(Self {
            store,
            clock: edges.clock,
            workers,
            deliveries,
            alerts,
            tellers,
            care,
            watches,
            executors,
            directories,
            refused,
            swaps,
            enricher,
            keeper,
            stored,
            kept: config.store.clone(),
            runtime,
            exporter,
        })
    }

    /// The store.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Who knows addresses and users.
    pub fn enricher(&self) -> Arc<Enricher> {
        Arc::clone(&self.enricher)
    }

    /// Its components, and replacing them.
    pub fn swaps(&self) -> Arc<Swaps> {
        Arc::clone(&self.swaps)
    }

    /// The same, checking everything once a day.
    pub fn checked_by(self, check: condition::Check) -> Self {
        Self { care: self.care.map(|care| Care { warden: care.warden.checking(check), ..care }), ..self }
    }

    /// The parts, for a runner that steps them itself.
    pub fn into_crew(self) -> Crew {
        let Self { workers, watches, executors, directories, deliveries, alerts, tellers, care, .. } = self;
        Crew { workers, watches, executors, directories, deliveries, alerts, tellers, warden: care.map(|care| care.warden) }
    }
}

/// Everybody who takes steps, in the order of an event's way.
pub struct Crew {
    /// A worker a source.
    pub workers: Vec<Worker>,
    /// A watch a detector and source.
    pub watches: Vec<Watch>,
    /// An executor a responder.
    pub executors: Vec<Executor>,
    /// A keeper a directory.
    pub directories: Vec<directory::Keeper>,
    /// A delivery a sink.
    pub deliveries: Vec<Delivery>,
    /// And one for alerts.
    pub alerts: Vec<AlertDelivery>,
    /// A teller a channel.
    pub tellers: Vec<Teller>,
    /// And who sees what holds, where it is the whole.
    pub warden: Option<Warden>,
}

/// What stands in files that cannot be used. Which sources those are nobody knows.
fn refused_files(config: &Config) -> Vec<Left> {
    config.broken.iter().map(|broken| Left { message: broken.sentence(), remedy: Remedy::Configure }).collect()
}

/// A source that cannot run: said now, and kept where `status` finds it.
async fn refuse(store: &Arc<dyn Store>, config: &SourceConfig, why: &anyhow::Error, now: Instant) -> anyhow::Result<Left> {
    let message = format!("source `{}` does not run: {why:#}", config.name);
    tracing::error!(source = %config.name, kind = ?Kind::ThirdPartyConfig, "{}", brief(&message, 1000));
    let problem = Problem { kind: Kind::ThirdPartyConfig, message: message.clone(), since: now, remedy: Remedy::Configure };
    let status = Status { state: State::Error, problem: Some(problem), ..Status::new(config.name.clone(), now) };
    let (name, text) = (config.name.clone(), serde_json::to_string(&status)?);
    blocking(store, move |store| {
        store.register(&name)?;
        store.note(&Status::note_key(&name), &text)
    })
    .await?;
    Ok(Left { message, remedy: Remedy::Configure })
}
