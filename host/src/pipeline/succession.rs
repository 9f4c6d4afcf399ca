//! A host whose configuration changes while it runs: one pipeline after the other, on one store.
//!
//! What goes in: the configuration to begin with, how it is read again, and [`Reload`]s: by SIGHUP, or by a person who waits for the
//! answer.
//!
//! What always holds:
//!
//! - **What is wrong changes nothing.** The file is read whole and its components are loaded before the pipeline that runs is
//!   touched, and the store takes a write: without one, tokens that wait to be stored would be lost with the pipeline that has them, and
//!   none could begin. Where the next one cannot be put together after all, the one before it is, once more.
//! - **One owner (I4).** The store stays open and locked from the first pipeline to the last.
//! - **Nothing is lost (I2, I3).** A pipeline ends as it ends when the host stops; the next one goes on where the store says.
//! - **Nobody is turned away.** The sockets for commands and for metrics stay; who comes in between waits.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::{Components, Edges, Pipeline, detectors, door, parts, running::Stand};
use crate::{
    condition,
    config::{self, Config},
    control,
    neutral::brief,
    runtime::{Kind, Runtime},
    store::{Store, blocking},
    supervisor::Supervisor,
    trust::Trust,
    web,
};

/// The note of when the configuration was read again.
const RELOADED: &str = "reload/read";

/// Somebody wants the configuration read again.
#[derive(Debug, Default)]
pub struct Reload {
    /// Who waits for what came of it: what is different, or why nothing is.
    answer: Option<oneshot::Sender<Result<String, String>>>,
}

impl Reload {
    /// One that somebody waits for.
    pub(super) fn answered() -> (Self, oneshot::Receiver<Result<String, String>>) {
        let (answer, receiver) = oneshot::channel();
        (Self { answer: Some(answer) }, receiver)
    }

    /// Says what came of it, in the log too.
    fn end(self, came: Result<String, String>) {
        match &came {
            Ok(said) => tracing::info!("the configuration was read again: {said}"),
            Err(why) => tracing::error!("the configuration stays as it was: {}", brief(why, 2000)),
        }
        if let Some(answer) = self.answer {
            // Whoever asked may have gone away.
            let _ = answer.send(came);
        }
    }
}

/// What a host needs to go on under another configuration.
pub struct Succession<R, E, C> {
    /// Reads the configuration as it is now.
    pub read: R,
    /// Where a pipeline touches the world.
    pub edges: E,
    /// What checks everything once a day.
    pub check: C,
    /// Who started the process.
    pub supervisor: Supervisor,
}

/// What takes the place of what runs.
struct Next {
    config: Config,
    edges: Edges,
    runtime: Arc<Runtime>,
    listener: Option<Arc<web::Listener>>,
    said: String,
}

impl<R, E, C> Succession<R, E, C>
where
    R: Fn() -> anyhow::Result<Config>,
    E: Fn(&Config) -> anyhow::Result<Edges>,
    C: Fn(&Config) -> condition::Check,
{
    /// Runs until told to stop. `reloads` is for those who send no [`Reload`] through the socket for commands.
    pub async fn run(
        self,
        mut config: Config,
        reloads: (mpsc::Sender<Reload>, mpsc::Receiver<Reload>),
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let (ask, mut asked) = reloads;
        let mut pipeline = Pipeline::assemble(&config, (self.edges)(&config)?).await?;
        // After the lock of the store: of two hosts, the later one hears of that.
        let server = control::Server::bind(&config.store.path)
            .map_err(|why| anyhow::anyhow!("failed to listen for commands beside {}: {why}", config.store.path.display()))?;
        let mut listener = listen(&config).await?;
        let supervisor = Arc::new(self.supervisor);
        let (door, doors) = watch::channel(None);
        let serving = tokio::spawn(door::serve(server, stop.clone(), doors, Some(ask)));
        let outcome = loop {
            let turn = stop.child_token();
            let stand = Stand { doors: door.clone(), listener: listener.clone(), supervisor: Arc::clone(&supervisor), stop: stop.clone() };
            let store = pipeline.store();
            if config.health.check {
                pipeline = pipeline.checked_by((self.check)(&config));
            }
            let running = pipeline.run_at(stand, turn.clone());
            tokio::pin!(running);
            let (next, reload) = loop {
                let reload = tokio::select! {
                    ended = &mut running => break (Err(ended), Reload::default()),
                    Some(reload) = asked.recv() => reload,
                };
                supervisor.reloading();
                // What runs goes on meanwhile: it is polled nowhere else.
                let prepared = tokio::select! {
                    ended = &mut running => break (Err(ended), reload),
                    prepared = prepare(&self.read, &self.edges, (&config, &store), listener.as_ref()) => prepared,
                };
                match prepared {
                    Ok(next) => break (Ok(next), reload),
                    Err(why) => {
                        supervisor.unchanged();
                        reload.end(Err(format!("{why:#}")));
                    }
                }
            };
            let next = match next {
                Ok(next) => next,
                Err(ended) => break ended,
            };
            turn.cancel();
            if let Err(why) = running.await {
                break Err(why);
            }
            if stop.is_cancelled() {
                break Ok(());
            }
            pipeline = match Pipeline::assemble_from(&next.config, next.edges, next.runtime, Arc::clone(&store)).await {
                Ok(pipeline) => {
                    (config, listener) = (next.config, next.listener);
                    reload.end(Ok(next.said));
                    pipeline
                }
                Err(why) => {
                    reload.end(Err(format!("{why:#}")));
                    let edges = (self.edges)(&config)?;
                    let runtime = parts::runtime(&config, Arc::clone(&edges.transport))?;
                    Pipeline::assemble_from(&config, edges, runtime, store).await?
                }
            };
        };
        stop.cancel();
        serving.await?;
        outcome
    }
}

/// Everything that can be made ready while the pipeline before it runs.
async fn prepare<R, E>(
    read: &R,
    edges: &E,
    (current, store): (&Config, &Arc<dyn Store>),
    listener: Option<&Arc<web::Listener>>,
) -> anyhow::Result<Next>
where
    R: Fn() -> anyhow::Result<Config>,
    E: Fn(&Config) -> anyhow::Result<Edges>,
{
    let config = read()?;
    if let Some(broken) = config.broken.first() {
        anyhow::bail!("{}: {}", broken.path.display(), broken.message);
    }
    if (&config.store.path, &config.store.key) != (&current.store.path, &current.store.key) {
        anyhow::bail!("`path` and `key` of [store] change with a restart only: put them back, or start the host again");
    }
    let edges = edges(&config)?;
    let runtime = parts::runtime(&config, Arc::clone(&edges.transport))?;
    load(&config, &runtime).await?;
    let listener = if config.web.listen == current.web.listen { listener.cloned() } else { listen(&config).await? };
    if config.log != current.log {
        tracing::warn!("`[log]` changes with a restart only");
    }
    // Last, so that little can come between it and what it is for. Another value each time: an unchanged one is not written.
    let asked = edges.clock.now().to_string();
    blocking(store, move |store| store.note(RELOADED, &asked)).await?;
    let said = difference(current, &config);
    Ok(Next { config, edges, runtime, listener, said })
}

/// Loads what the configuration names, so that what does not load is known before anything ends for it.
async fn load(config: &Config, runtime: &Arc<Runtime>) -> anyhow::Result<()> {
    let trust = Trust::new(&config.components);
    let mut components = Components::new(Arc::clone(runtime), trust.clone());
    for each in &config.sources {
        components.get(&each.component).await.map_err(|why| why.context(format!("source `{}`", each.name)))?;
    }
    for each in &config.detectors {
        detectors(runtime, &trust, config, each).await.map_err(|why| why.context(format!("detector `{}`", each.name)))?;
    }
    for each in &config.responders {
        let named = |why: anyhow::Error| why.context(format!("responder `{}`", each.name));
        let wasm = parts::wasm(&trust, &each.component).await.map_err(named)?;
        parts::acting(runtime, Kind::Responder, wasm, &each.component).await.map_err(named)?;
    }
    Ok(())
}

async fn listen(config: &Config) -> anyhow::Result<Option<Arc<web::Listener>>> {
    match config.web.listen {
        Some(address) => Ok(Some(Arc::new(web::Listener::bind(address).await?))),
        None => Ok(None),
    }
}

/// What of a configuration came, went or changed, in a sentence.
fn difference(before: &Config, after: &Config) -> String {
    let said = config::difference(&config::parts(before), &config::parts(after));
    if said.is_empty() { "nothing in it is different".to_owned() } else { said.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::SteppedClock,
        config::load,
        model::Instant,
        store::{
            seal::Key,
            sqlite::{Access, Open, SqliteStore},
        },
    };

    #[tokio::test]
    async fn i4_while_the_store_takes_no_write_nothing_that_runs_ends_for_another_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("m.toml");
        crate::disk::private_file(&folder.path().join("key"), "7d".repeat(32).as_bytes()).unwrap();
        let source = "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\nsecrets = { access_token = { env = \"A\" } }\n";
        std::fs::write(&main, format!("detect = false\n[store]\nkey = {{ file = \"key\" }}\n{source}")).unwrap();
        let (config, owned) = (
            load(&main).unwrap(),
            SqliteStore::open(Open::new(folder.path().join("store.db"), Key::new(&[1; 32]), Access::Owner)).unwrap(),
        );
        let jam = owned.jammed();
        let store: Arc<dyn Store> = Arc::new(owned);
        let read = || Ok(load(&main)?);
        let edges = |config: &Config| Edges::real(config, Arc::new(SteppedClock::new(Instant(1_800_000_000_000))));
        let refused = prepare(&read, &edges, (&config, &store), None).await.map(drop).unwrap_err();
        assert!(refused.to_string().contains("failed to store a note"), "{refused:#}");
        drop(jam);
        prepare(&read, &edges, (&config, &store), None).await.map(drop).unwrap();
    }
}
