//! Everything that runs, as it is looked at.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use super::stored::{FRESH, Late, Question, Stored};
use crate::{
    clock::Clock,
    model::{ChannelName, Instant, SinkName, SourceName},
    runtime::{Calls, Runtime},
    schedule, sink,
    store::{Store, StoreError, blocking, room::Limits},
    trace,
};

/// What a sight is made of.
pub struct Parts {
    /// Every source that runs.
    pub sources: Vec<watch::Receiver<schedule::Status>>,
    /// Every sink.
    pub sinks: Vec<SinkSight>,
    /// How each sink is doing of alerts and health, of those that get any.
    pub alerts: Vec<(SinkName, watch::Receiver<sink::Status>)>,
    /// Every channel.
    pub channels: Vec<ChannelName>,
    /// What does not run, a sentence each.
    pub refused: Vec<String>,
    /// Where components run.
    pub runtime: Arc<Runtime>,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Its file.
    pub database: PathBuf,
    /// What it may take.
    pub limits: Limits,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Cancelled when the host is to stop.
    pub shutdown: CancellationToken,
}

/// A sink.
pub struct SinkSight {
    /// Its name.
    pub name: SinkName,
    /// Whose events it gets.
    pub sources: Vec<SourceName>,
    /// The uncompressed bytes that it is sent in a minute, where that is limited.
    pub max_rate: Option<u64>,
    /// How it is doing.
    pub status: watch::Receiver<sink::Status>,
}

/// Everything that runs.
pub struct Sight {
    parts: Parts,
    /// Something ended that should not.
    dead: AtomicBool,
    /// Held while the store is asked: who asks meanwhile waits for the same answer.
    read: Mutex<Read>,
}

struct Read {
    last: Option<(std::time::Instant, Arc<Stored>)>,
    began: Instant,
}

/// What is seen at one moment.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The moment.
    pub now: Instant,
    /// None of the tasks failed.
    pub alive: bool,
    /// The host is to stop.
    pub stopping: bool,
    /// Every source that runs.
    pub sources: Vec<schedule::Status>,
    /// Every sink.
    pub sinks: Vec<(SinkName, sink::Status)>,
    /// The same of lines about alerts and health, of the sinks that get any.
    pub alerts: Vec<(SinkName, sink::Status)>,
    /// What does not run, a sentence each.
    pub refused: Vec<String>,
    /// The uncompressed bytes that a sink is sent in a minute, of those where that is limited.
    pub max_rates: Vec<(SinkName, u64)>,
    /// What the store may take.
    pub limits: Limits,
    /// Spans that no collector took.
    pub lost_spans: u64,
}

impl Sight {
    /// Of these parts, from now on.
    pub fn new(parts: Parts) -> Self {
        let read = Mutex::new(Read { last: None, began: parts.clock.now() });
        Self { parts, dead: AtomicBool::new(false), read }
    }

    /// A task failed: nothing makes this well again.
    pub fn died(&self) {
        self.dead.store(true, Ordering::Release);
    }

    /// Whether none of the tasks failed.
    pub fn alive(&self) -> bool {
        !self.dead.load(Ordering::Acquire)
    }

    /// Looks at what is in memory.
    pub fn seen(&self) -> Seen {
        Seen {
            now: self.parts.clock.now(),
            alive: self.alive(),
            stopping: self.parts.shutdown.is_cancelled(),
            sources: self.parts.sources.iter().map(|status| status.borrow().clone()).collect(),
            sinks: self.parts.sinks.iter().map(|sink| (sink.name.clone(), sink.status.borrow().clone())).collect(),
            alerts: self.parts.alerts.iter().map(|(name, status)| (name.clone(), status.borrow().clone())).collect(),
            refused: self.parts.refused.clone(),
            max_rates: self.parts.sinks.iter().filter_map(|sink| Some((sink.name.clone(), sink.max_rate?))).collect(),
            limits: self.parts.limits,
            lost_spans: trace::shelf().dropped(),
        }
    }

    /// What the calls of components came to.
    pub(super) fn calls(&self) -> Vec<Calls> {
        self.parts.runtime.calls()
    }

    /// Asks the store, or says what it said a moment ago.
    pub(super) async fn stored(&self) -> Result<Arc<Stored>, StoreError> {
        let mut read = self.read.lock().await;
        if let Some((at, stored)) = &read.last
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(stored));
        }
        let late = match &read.last {
            Some((_, stored)) => stored.late.clone(),
            None => {
                let fresh = |status: &watch::Receiver<schedule::Status>| (status.borrow().source.clone(), Late::since(read.began));
                self.parts.sources.iter().map(fresh).collect()
            }
        };
        let question = Question {
            sinks: self.parts.sinks.iter().map(|sink| (sink.name.clone(), sink.sources.clone())).collect(),
            channels: self.parts.channels.clone(),
            database: self.parts.database.clone(),
            now: self.parts.clock.now(),
            late,
        };
        let stored = Arc::new(blocking(&self.parts.store, move |store| Stored::read(store, question)).await?);
        read.last = Some((std::time::Instant::now(), Arc::clone(&stored)));
        Ok(stored)
    }
}

impl std::fmt::Debug for Sight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sight").field("dead", &self.dead).finish_non_exhaustive()
    }
}
