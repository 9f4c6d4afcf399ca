//! What is to be read and sent again, and having it done by whoever owns the store.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{Aim, Exit, Hold};
use crate::{
    cli::{Ended, Result},
    control::{self, Reply, Request, submit},
    model::{Instant, Lane, Seq, SinkName},
    pipeline::{Edges, Pipeline},
    store::{History, Parked, Purpose, Store, blocking, lock::StoreLock},
    verify::{Missing, Place, Report},
};

/// Events named in one request.
const AT_ONCE: usize = 1000;
/// How often it is looked whether it is done.
const LOOK: Duration = Duration::from_secs(1);
/// How often in a row nobody may own the store before it counts as stopped: a host may be restarting.
const ABSENCES: u32 = 10;

/// What is done about a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// To be read again, for everybody.
    pub(super) histories: Vec<History>,
    /// To be sent again.
    pub(super) parked: Vec<Parked>,
}

/// What was read and sent again already. It is found only after a while, and read and sent but once.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    read: Vec<(Instant, Instant)>,
    sent: BTreeSet<(SinkName, Seq)>,
}

impl Repaired {
    pub(super) fn add(&mut self, plan: &Plan) {
        self.read.extend(plan.histories.iter().map(|history| (history.start, history.end)));
        self.sent.extend(plan.parked.iter().map(|each| (each.sink.clone(), each.seq)));
    }

    fn has_read(&self, history: &History) -> bool {
        self.read.iter().any(|(start, end)| *start <= history.start && history.end <= *end)
    }
}

impl Plan {
    /// Exactly what is missing: of each window the stretch from the first to the last event that the store lacks, and each event
    /// that a sink lacks.
    pub(super) fn of(report: &Report, now: Instant) -> Self {
        let (mut plan, source) = (Self::default(), &report.source);
        for window in report.windows.iter().filter(|window| window.missing > 0) {
            let inside = |missing: &&Missing| missing.at == Place::Store && missing.time >= window.start && missing.time < window.end;
            let times: Vec<Instant> = report.missing.iter().filter(inside).map(|missing| missing.time).collect();
            // An event whose time is guessed may lie elsewhere: then all of the window.
            let (start, end) = match (times.iter().min(), times.iter().max()) {
                (Some(first), Some(last)) if window.missing == times.len() as u64 => (*first, last.plus(Duration::from_millis(1))),
                _ => (window.start, window.end),
            };
            let (source, purpose) = (source.clone(), Purpose::Delivery);
            plan.histories.push(History { id: 0, source, start, end, purpose, gap: None, through: start, events: 0, finished: false });
        }
        for missing in &report.missing {
            if let (Place::Sink(sink), Some(seq)) = (&missing.at, missing.seq) {
                let reason = "verify did not find it there".to_owned();
                plan.parked.push(Parked { sink: sink.clone(), source: source.clone(), seq, reason, at: now, retry: true });
            }
        }
        plan
    }

    /// What of it was not done yet.
    pub(super) fn without(mut self, repaired: &Repaired) -> Self {
        self.histories.retain(|history| !repaired.has_read(history));
        self.parked.retain(|each| !repaired.sent.contains(&(each.sink.clone(), each.seq)));
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.histories.is_empty() && self.parked.is_empty()
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let again = self.histories.iter().map(|history| format!("reading again: {} to {}", history.start, history.end));
        let sent = (!self.parked.is_empty()).then(|| format!("sending again: {} events", self.parked.len()));
        again.chain(sent).collect()
    }

    fn requests(&self) -> Vec<Request> {
        let mut requests = Vec::new();
        if !self.histories.is_empty() {
            requests.push(Request::AddHistories(self.histories.clone()));
        }
        requests.extend(self.parked.chunks(AT_ONCE).map(|part| Request::Resend(part.to_vec())));
        requests
    }

    /// Until all of it was read and sent.
    pub(super) async fn carry_out(&self, aim: &Aim, hold: Hold, stop: &CancellationToken) -> Result<Hold> {
        match hold {
            Hold::Owner(store) => {
                self.own(aim, store, stop.clone()).await?;
                Hold::take(&aim.config)
            }
            Hold::Reader(store) => {
                self.ride(aim, &store, stop).await?;
                Ok(Hold::Reader(store))
            }
        }
    }

    /// No host runs: this process is one until it is done.
    async fn own(&self, aim: &Aim, store: Arc<dyn Store>, stop: CancellationToken) -> Result<()> {
        for request in self.requests() {
            let now = aim.clock.now();
            done(blocking(&store, move |store| Ok(control::carry_out(store, &control::am_i(), &request, now))).await?)?;
        }
        let only = BTreeSet::from([aim.configured.name.clone()]);
        // Its own way takes the store anew.
        drop(store);
        let edges = Edges::real(&aim.config, Arc::clone(&aim.clock))?;
        let pipeline = Pipeline::assemble_part(&aim.config, &only, edges).await?;
        for left in pipeline.once(stop).await? {
            eprintln!("{}", crate::neutral::brief(&left.message, 1000));
        }
        Ok(())
    }

    /// A host runs: it does it, we watch.
    async fn ride(&self, aim: &Aim, store: &Arc<dyn Store>, stop: &CancellationToken) -> Result<()> {
        let mut numbers = BTreeSet::new();
        for request in self.requests() {
            if let Reply::Numbers(begun) = done(submit(&aim.config, request, aim.clock.as_ref()).await?)? {
                numbers.extend(begun);
            }
        }
        let (mut absences, path) = (0, aim.config.store.path.clone());
        let sinks: Vec<SinkName> = aim.sinks.iter().map(|sink| sink.name.clone()).collect();
        loop {
            let (numbers, sinks, source) = (numbers.clone(), sinks.clone(), aim.configured.name.clone());
            let sent: BTreeSet<(SinkName, Seq)> = self.parked.iter().map(|each| (each.sink.clone(), each.seq)).collect();
            let busy = blocking(store, move |store| {
                let reads = store.histories()?.iter().any(|history| numbers.contains(&history.id) && !history.finished);
                let mut waits = false;
                for sink in &sinks {
                    let backlog = store.backlog(sink, &source)?;
                    waits |= !numbers.is_empty() && backlog.iter().any(|part| part.lane == Lane::History && part.events > 0);
                }
                let sends = store.parked()?.iter().any(|each| each.retry && sent.contains(&(each.sink.clone(), each.seq)));
                Ok(reads || waits || sends)
            });
            if !busy.await? {
                return Ok(());
            }
            absences = if StoreLock::holder(&path).is_some() { 0 } else { absences + 1 };
            if absences >= ABSENCES {
                let what = "the host has stopped: what was begun is in the store, and `miro-source run` goes on with it";
                return Err(Ended::new(Exit::Left, what).into());
            }
            tokio::select! {
                () = aim.clock.sleep_until(aim.clock.now().plus(LOOK)) => {}
                () = stop.cancelled() => {
                    return Err(Ended::new(Exit::Left, "no longer watching; the running host goes on with it: see `miro-source status`").into());
                }
            }
        }
    }
}

fn done(reply: Reply) -> Result<Reply> {
    match reply {
        Reply::Failed(why) => Err(anyhow::anyhow!("failed to repair: {why}")),
        reply => Ok(reply),
    }
}
