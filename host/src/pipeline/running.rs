//! Running: a task for everyone who takes steps, until told to stop, and what can be seen of them meanwhile.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    Care, Pipeline,
    door::{Door, serve},
    housekeeping::housekeep,
};
use crate::{
    control, enrich,
    schedule::Worker,
    sink::Delivery,
    supervisor::{Supervisor, supervise},
    trace, web,
};

/// How long the supervisor is told the last words at most.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What outlasts a pipeline.
pub(super) struct Stand {
    /// Behind the control socket.
    pub(super) doors: watch::Sender<Option<Arc<Door>>>,
    /// Where metrics and health are shown.
    pub(super) listener: Option<Arc<web::Listener>>,
    /// Who started the process.
    pub(super) supervisor: Arc<Supervisor>,
    /// The process is to stop.
    pub(super) stop: CancellationToken,
}

impl Pipeline {
    /// Collects and delivers until told to stop, and answers commands. What was fetched by then is stored, what was accepted is noted.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let server = control::Server::bind(&self.kept.path)
            .map_err(|why| anyhow::anyhow!("failed to listen for commands beside {}: {why}", self.kept.path.display()))?;
        let (doors, seen) = watch::channel(None);
        let serving = tokio::spawn(serve(server, shutdown.clone(), seen, None));
        let stand = Stand { doors, listener: None, supervisor: Arc::default(), stop: shutdown.clone() };
        let outcome = self.run_at(stand, shutdown.clone()).await;
        shutdown.cancel();
        serving.await?;
        outcome
    }

    /// The same beside what outlasts it, for as long as its turn is.
    pub(super) async fn run_at(self, stand: Stand, shutdown: CancellationToken) -> anyhow::Result<()> {
        let nudge = Arc::new(Notify::new());
        let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
        let sight = Arc::new(self.sight(&shutdown));
        stand.doors.send_replace(Some(Arc::new(Door {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            swaps: Arc::clone(&self.swaps),
            nudge: Arc::clone(&nudge),
            stored: Arc::clone(&self.stored),
        })));
        let (swaps, stop) = (Arc::clone(&self.swaps), shutdown.clone());
        tasks.spawn(async move {
            swaps.run(stop).await;
            Ok(())
        });
        let watch = enrich::watch(self.enricher, Arc::clone(&self.store), Arc::clone(&self.clock), shutdown.clone());
        tasks.spawn(async move {
            watch.await;
            Ok(())
        });
        let keeping = self.keeper.run(shutdown.clone());
        tasks.spawn(async move {
            keeping.await;
            Ok(())
        });
        for worker in self.workers {
            let (shutdown, nudge) = (shutdown.clone(), Arc::clone(&nudge));
            tasks.spawn(async move { Ok(worker.run(shutdown, nudge).await?) });
        }
        for watch in self.watches {
            let shutdown = shutdown.clone();
            tasks.spawn(async move { Ok(watch.run(shutdown).await?) });
        }
        for executor in self.executors {
            let (shutdown, stored) = (shutdown.clone(), Arc::clone(&self.stored));
            tasks.spawn(async move { Ok(executor.run(shutdown, stored).await?) });
        }
        for directory in self.directories {
            let shutdown = shutdown.clone();
            tasks.spawn(async move { Ok(directory.run(shutdown).await?) });
        }
        for delivery in self.deliveries {
            let (shutdown, stored) = (shutdown.clone(), Arc::clone(&self.stored));
            tasks.spawn(async move { Ok(delivery.run(shutdown, stored).await?) });
        }
        for alerts in self.alerts {
            let (shutdown, stored) = (shutdown.clone(), Arc::clone(&self.stored));
            tasks.spawn(async move { Ok(alerts.run(shutdown, stored).await?) });
        }
        for teller in self.tellers {
            let (shutdown, stored) = (shutdown.clone(), Arc::clone(&self.stored));
            tasks.spawn(async move { Ok(teller.run(shutdown, stored).await?) });
        }
        if let Some(Care { warden, judges, keeping }) = self.care {
            let stop = shutdown.clone();
            tasks.spawn(async move { Ok(warden.run(stop).await?) });
            let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
            tasks.spawn(housekeep(store, clock, judges, keeping, shutdown.clone()));
        }
        if let Some(listener) = stand.listener {
            let (sight, shutdown) = (Arc::clone(&sight), shutdown.clone());
            tasks.spawn(async move {
                web::serve(listener, sight, shutdown).await;
                Ok(())
            });
        }
        // Beside the tasks, to the end of the last of them: whoever watches must not lose patience while they finish.
        let (mut beside, done) = (JoinSet::new(), CancellationToken::new());
        beside.spawn(supervise(stand.supervisor, Arc::clone(&sight), stand.stop.clone(), done.clone()));
        let exporting = trace::export::begin(self.exporter, done.clone(), stand.stop);
        let mut outcome = Ok(());
        while let Some(ended) = tasks.join_next().await {
            let ended = ended.map_err(anyhow::Error::from).and_then(|ended| ended);
            if ended.is_err() && outcome.is_ok() {
                // One that cannot go on ends all: started again, everything is where it was.
                sight.died();
                shutdown.cancel();
                outcome = ended;
            }
        }
        stand.doors.send_replace(None);
        done.cancel();
        // Its last words; one that is stuck is not waited for.
        drop(tokio::time::timeout(LAST_WORDS, beside.join_next()).await);
        exporting.await;
        outcome
    }

    /// What can be seen of it while it runs.
    fn sight(&self, shutdown: &CancellationToken) -> web::Sight {
        let sink = |delivery: &Delivery| web::SinkSight {
            name: delivery.name().clone(),
            sources: delivery.sources().to_vec(),
            max_rate: delivery.max_rate(),
            status: delivery.status(),
        };
        web::Sight::new(web::Parts {
            sources: self.workers.iter().map(Worker::watch).collect(),
            sinks: self.deliveries.iter().map(sink).collect(),
            alerts: self.alerts.iter().map(|alerts| (alerts.name().clone(), alerts.status())).collect(),
            channels: self.tellers.iter().map(|teller| teller.name().clone()).collect(),
            refused: self.refused.iter().map(|left| left.message.clone()).collect(),
            runtime: Arc::clone(&self.runtime),
            store: Arc::clone(&self.store),
            database: self.kept.path.clone(),
            limits: self.kept.limits,
            clock: Arc::clone(&self.clock),
            shutdown: shutdown.clone(),
        })
    }
}
