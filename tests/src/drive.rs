//! A host in this process, taken one step at a time on a stepped clock: hours pass in milliseconds, over real sockets, and
//! the same test takes the same steps every time.

use std::{path::Path, sync::Arc, time::Duration};

use miro_source::{
    clock::{Clock as _, SteppedClock},
    condition::Warden,
    config,
    detect::{self, Watch},
    directory::Keeper,
    enrich::Enricher,
    model::Instant,
    notify::{self, Teller},
    pipeline::{Crew, Edges, Pipeline},
    respond::{self, Executor},
    schedule::{self, Worker},
    sink::{self, AlertDelivery, Delivery},
    store::Store,
};

/// No test takes as many steps: more is an endless loop.
const STEPS: usize = 200_000;

/// The host's workers and when each wants its next step.
pub struct Drive {
    /// The workers, a source each.
    pub workers: Vec<Worker>,
    /// The watches, a detector and source each.
    pub watches: Vec<Watch>,
    /// What brings alerts, a sink each.
    pub alerts: Vec<AlertDelivery>,
    /// The tellers, a channel each.
    pub tellers: Vec<Teller>,
    /// Who sees what holds.
    pub warden: Option<Warden>,
    /// The executors, a responder each.
    pub executors: Vec<Executor>,
    /// The keepers, a directory each.
    pub directories: Vec<Keeper>,
    /// The deliveries, a sink each.
    pub deliveries: Vec<Delivery>,
    /// Who knows addresses and users.
    pub enricher: Arc<Enricher>,
    /// The store.
    pub store: Arc<dyn Store>,
    clock: SteppedClock,
    polls: Vec<Instant>,
    sends: Vec<Instant>,
    acts: Vec<Instant>,
    reads: Vec<Instant>,
    /// When the warden looks; never, where nobody asked for that.
    looks: Instant,
    steps: usize,
}

impl Drive {
    /// The pipeline of a configuration, on this machine's network.
    pub async fn open(config: &Path, clock: &SteppedClock) -> anyhow::Result<Self> {
        let config = config::load(config)?;
        let edges = Edges::real(&config, Arc::new(clock.clone()))?;
        Ok(Self::over(Pipeline::assemble(&config, edges).await?, clock))
    }

    /// A pipeline that is put together already.
    pub fn over(pipeline: Pipeline, clock: &SteppedClock) -> Self {
        let (store, enricher) = (pipeline.store(), pipeline.enricher());
        let Crew { workers, watches, executors, directories, deliveries, alerts, tellers, warden } = pipeline.into_crew();
        let now = clock.now();
        let (polls, sends) = (vec![now; workers.len()], vec![now; deliveries.len()]);
        let (acts, reads) = (vec![now; executors.len()], vec![now; directories.len()]);
        let clock = clock.clone();
        Self {
            workers,
            watches,
            alerts,
            tellers,
            warden,
            executors,
            directories,
            deliveries,
            enricher,
            store,
            clock,
            polls,
            sends,
            acts,
            reads,
            looks: Instant::FAR,
            steps: 0,
        }
    }

    /// The same, and the warden looks each minute.
    pub fn watched(self) -> Self {
        Self { looks: self.clock.now(), ..self }
    }

    /// Steps whoever is due, and time where nobody is, until `end`.
    pub async fn until(&mut self, end: Instant) -> anyhow::Result<()> {
        while self.clock.now() < end {
            self.settle().await?;
            let due = self
                .polls
                .iter()
                .chain(&self.sends)
                .chain(&self.acts)
                .chain(&self.reads)
                .chain([&self.looks])
                .min()
                .copied()
                .unwrap_or(end);
            self.clock.step_to(due.min(end).max(self.clock.now().plus(Duration::from_millis(1))));
        }
        self.settle().await
    }

    /// Lets so much time pass.
    pub async fn pass(&mut self, time: Duration) -> anyhow::Result<()> {
        self.until(self.clock.now().plus(time)).await
    }

    /// Steps whoever is due until nobody is.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        loop {
            let now = self.clock.now();
            let mut busy = false;
            for (worker, due) in self.workers.iter_mut().zip(&mut self.polls) {
                if *due <= now {
                    busy = true;
                    *due = match worker.step().await? {
                        schedule::Next::AtOnce => now,
                        schedule::Next::At(at) => at,
                    };
                    // There may be something to deliver now.
                    self.sends.iter_mut().for_each(|due| {
                        if *due == Instant::FAR {
                            *due = now
                        }
                    });
                }
            }
            for (directory, due) in self.directories.iter_mut().zip(&mut self.reads) {
                if *due <= now {
                    busy = true;
                    *due = directory.step().await?.unwrap_or(now);
                }
            }
            if self.looks <= now
                && let Some(warden) = &mut self.warden
            {
                busy = true;
                self.looks = warden.step().await?;
            }
            // Where a worker brought nothing there is nothing to judge or to tell.
            if busy {
                self.judge().await?;
            }
            for (executor, due) in self.executors.iter_mut().zip(&mut self.acts) {
                if *due <= now || busy {
                    *due = match executor.step().await? {
                        respond::Next::AtOnce => {
                            busy = true;
                            now
                        }
                        respond::Next::Idle(at) => at.unwrap_or(Instant::FAR),
                    };
                }
            }
            for (delivery, due) in self.deliveries.iter_mut().zip(&mut self.sends) {
                if *due <= now {
                    busy = true;
                    *due = match delivery.step().await? {
                        sink::Next::AtOnce => now,
                        sink::Next::Idle => Instant::FAR,
                        sink::Next::At(at) => at,
                    };
                }
            }
            self.steps += 1;
            anyhow::ensure!(self.steps < STEPS, "{STEPS} steps and no end");
            if !busy {
                return Ok(());
            }
        }
    }

    /// Everything that is stored is judged, and what came of it told; somebody who fails is tried again another time.
    async fn judge(&mut self) -> anyhow::Result<()> {
        for watch in &mut self.watches {
            while watch.step().await? == detect::Next::AtOnce {}
        }
        for alerts in &mut self.alerts {
            while alerts.step().await? == sink::Next::AtOnce {}
        }
        for teller in &mut self.tellers {
            while teller.step().await? == notify::Next::AtOnce {}
        }
        Ok(())
    }

    /// Something outside changed: everybody looks again now.
    pub fn nudge(&mut self) {
        let now = self.clock.now();
        self.workers.iter_mut().for_each(Worker::nudge);
        self.polls.fill(now);
        self.sends.fill(now);
        self.acts.fill(now);
        self.reads.fill(now);
    }

    /// The status of the only source.
    pub fn status(&self) -> schedule::Status {
        self.workers.first().map(|worker| worker.watch().borrow().clone()).unwrap_or_else(|| unreachable!("a stage has a source"))
    }
}
