//! Everything once: poll until caught up, deliver, and say what is left.

use std::{collections::BTreeSet, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::Pipeline;
use crate::{
    clock::Clock,
    detect::{self, Watch},
    directory,
    notify::{self, Teller},
    respond::{self, Executor},
    schedule::{Next, Problem, Remedy, Stop, Worker},
    sink::{self, AlertDelivery, Delivery},
    store::blocking,
    trace,
};

/// How many failures in a row `once` sits out. What was read ends the row, and each backfill has its own.
const TRIES: u32 = 5;

/// What `once` came to, for a source or a sink that did not get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What is left, for people.
    pub message: String,
    /// What ends it.
    pub remedy: Remedy,
}

impl Pipeline {
    /// Polls every source until caught up, delivers everything, and says what is left.
    pub async fn once(mut self, shutdown: CancellationToken) -> anyhow::Result<Vec<Left>> {
        let ending = CancellationToken::new();
        let exporting = trace::export::begin(self.exporter.take(), ending.clone(), ending.clone());
        let left = self.through(shutdown).await;
        ending.cancel();
        exporting.await;
        left
    }

    async fn through(mut self, shutdown: CancellationToken) -> anyhow::Result<Vec<Left>> {
        let mut left = std::mem::take(&mut self.refused);
        let clock = Arc::clone(&self.clock);
        // First, so that events are stored with what it says.
        let directories = self.directories.iter_mut().map(read);
        for read in futures_util::future::join_all(directories).await {
            left.extend(read?);
        }
        // A candidate is tried by the first poll, and is current or gone when that is over.
        let swaps = self.swaps();
        let begun = swaps.begin_waiting().await;
        let polls = self.workers.iter_mut().map(|worker| poll(worker, Arc::clone(&clock), shutdown.clone()));
        for polled in futures_util::future::join_all(polls).await {
            left.extend(polled?);
        }
        swaps.end_waiting(begun).await;
        swaps.flush().await;
        let watches = self.watches.iter_mut().map(|watch| judge(watch, Arc::clone(&clock), shutdown.clone()));
        for judged in futures_util::future::join_all(watches).await {
            left.extend(judged?);
        }
        let executors = self.executors.iter_mut().map(|executor| act(executor, Arc::clone(&clock), shutdown.clone()));
        for acted in futures_util::future::join_all(executors).await {
            left.extend(acted?);
        }
        let deliveries = self.deliveries.iter_mut().map(|delivery| deliver(delivery, Arc::clone(&clock), shutdown.clone()));
        let mut stuck = BTreeSet::new();
        for (place, delivered) in futures_util::future::join_all(deliveries).await.into_iter().enumerate() {
            let delivered = delivered?;
            if delivered.is_some() {
                stuck.extend(self.deliveries.get(place).map(|delivery| delivery.name().clone()));
            }
            left.extend(delivered);
        }
        // After all that it sees, before those who tell of it.
        if let Some(care) = &mut self.care {
            care.warden.finish().await?;
        }
        // A sink that takes no events is tried once more; what is left there was said.
        let alerts = self.alerts.iter_mut().map(async |alerts| {
            let known = stuck.contains(alerts.name());
            let brought = bring(alerts, if known { 1 } else { TRIES }, Arc::clone(&clock), shutdown.clone()).await;
            brought.map(|left| left.filter(|_| !known))
        });
        for brought in futures_util::future::join_all(alerts).await {
            left.extend(brought?);
        }
        let tellers = self.tellers.iter_mut().map(|teller| tell(teller, Arc::clone(&clock), shutdown.clone()));
        for told in futures_util::future::join_all(tellers).await {
            left.extend(told?);
        }
        // Last, so that nobody waits for it: the next time knows what is fetched now.
        self.keeper.catch_up(&shutdown).await;
        let parked = blocking(&self.store, |store| store.parked()).await?;
        if !parked.is_empty() {
            let what = if parked.len() == 1 { "1 event is".to_owned() } else { format!("{} events are", parked.len()) };
            let message = format!("{what} parked: see `miro-source parked list`");
            left.push(Left { message, remedy: Remedy::Wait });
        }
        Ok(left)
    }
}

async fn poll(worker: &mut Worker, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> Result<Option<Left>, Stop> {
    let polled = catch_up(worker, clock, shutdown).await;
    worker.leave().await;
    polled
}

async fn catch_up(worker: &mut Worker, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> Result<Option<Left>, Stop> {
    let (mut failures, mut pages) = (0, 0);
    loop {
        let next = worker.step().await?;
        if worker.caught_up() {
            return Ok(None);
        }
        let Next::At(at) = next else { continue };
        let status = worker.watch().borrow().clone();
        if status.problem.is_none() || status.pages > pages {
            (failures, pages) = (0, status.pages);
        }
        let hopeless = |problem: &Problem, failures| problem.remedy != Remedy::Wait || failures >= TRIES;
        let stuck = match &status.problem {
            Some(problem) => {
                failures += 1;
                Some(problem).filter(|problem| hopeless(problem, failures))
            }
            None => {
                let held = worker.held_up();
                held.first().map(|(problem, _)| *problem).filter(|_| held.iter().all(|(problem, tries)| hopeless(problem, *tries)))
            }
        };
        if let Some(problem) = stuck {
            let message = format!("source `{}`: {}", worker.name(), problem.message);
            return Ok(Some(Left { message, remedy: problem.remedy }));
        }
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = shutdown.cancelled() => {
                return Ok(Some(Left { message: format!("source `{}`: stopped before it had caught up", worker.name()), remedy: Remedy::Wait }));
            }
        }
    }
}

async fn judge(watch: &mut Watch, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> anyhow::Result<Option<Left>> {
    let mut failures = 0;
    loop {
        let at = match watch.step().await? {
            detect::Next::AtOnce => continue,
            detect::Next::Idle => return Ok(None),
            detect::Next::At(at) => at,
        };
        failures += 1;
        if failures >= TRIES || shutdown.is_cancelled() {
            let why = watch.trouble().unwrap_or("not everything was judged");
            let message = format!("detector `{}` of source `{}`: {why}", watch.name(), watch.source());
            return Ok(Some(Left { message, remedy: Remedy::Wait }));
        }
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Reads a directory to its end, once.
async fn read(directory: &mut directory::Keeper) -> anyhow::Result<Option<Left>> {
    while directory.step().await?.is_none() {}
    let problem = directory.problem().map(|why| Left { message: format!("directory `{}`: {why}", directory.name()), remedy: Remedy::Wait });
    Ok(problem)
}

/// Does what is due, and waits a little for what is to be tried again.
async fn act(executor: &mut Executor, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> anyhow::Result<Option<Left>> {
    for _ in 0..TRIES {
        let at = loop {
            match executor.step().await? {
                respond::Next::AtOnce => {}
                respond::Next::Idle(at) => break at,
            }
        };
        let Some(at) = at else { return Ok(None) };
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = shutdown.cancelled() => break,
        }
    }
    let message = format!("responder `{}`: something is still to be done: see `miro-source respond`", executor.name());
    Ok(Some(Left { message, remedy: Remedy::Wait }))
}

async fn deliver(delivery: &mut Delivery, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> anyhow::Result<Option<Left>> {
    let mut failures = 0;
    loop {
        let at = match delivery.step().await? {
            sink::Next::AtOnce => continue,
            sink::Next::Idle => return Ok(None),
            sink::Next::At(at) => at,
        };
        let status = delivery.status().borrow().clone();
        let failed = match status.state {
            // It waits for its rate.
            sink::State::Idle | sink::State::Delivering => None,
            sink::State::Retrying(trouble) => Some((false, trouble.reason)),
            sink::State::Paused(trouble) | sink::State::Down(trouble) => Some((true, trouble.reason)),
        };
        if let Some((person, why)) = failed {
            failures += 1;
            if failures >= TRIES || person {
                return Ok(Some(Left { message: format!("sink `{}`: {why}", delivery.name()), remedy: Remedy::Wait }));
            }
        }
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = shutdown.cancelled() => {
                return Ok(Some(Left { message: format!("sink `{}`: stopped before everything was delivered", delivery.name()), remedy: Remedy::Wait }));
            }
        }
    }
}

async fn bring(alerts: &mut AlertDelivery, tries: u32, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> anyhow::Result<Option<Left>> {
    let mut failures = 0;
    loop {
        let at = match alerts.step().await? {
            sink::Next::AtOnce => continue,
            sink::Next::Idle => return Ok(None),
            sink::Next::At(at) => at,
        };
        failures += 1;
        let state = alerts.status().borrow().state.clone();
        if failures >= tries || state.person().is_some() || shutdown.is_cancelled() {
            let why = state.trouble().map_or("not everything was accepted", |trouble| trouble.reason.as_str());
            return Ok(Some(Left { message: format!("alerts for sink `{}`: {why}", alerts.name()), remedy: Remedy::Wait }));
        }
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// What is held back waits for another time, and is nothing that is left.
async fn tell(teller: &mut Teller, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> anyhow::Result<Option<Left>> {
    let mut failures = 0;
    loop {
        let at = match teller.step().await? {
            notify::Next::AtOnce => continue,
            notify::Next::Idle(_) => return Ok(None),
            notify::Next::At(at) => at,
        };
        failures += 1;
        let person = matches!(teller.status().state, notify::State::Paused { .. });
        if failures >= TRIES || person || shutdown.is_cancelled() {
            let why = teller.status().trouble().map_or("not everything was told", |(_, why)| why);
            return Ok(Some(Left { message: format!("channel `{}`: {why}", teller.name()), remedy: Remedy::Wait }));
        }
        tokio::select! {
            () = clock.sleep_until(at) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::SteppedClock,
        model::Instant,
        schedule::tests::{Answers, EMPTY, Office, acme, jammed, mend, pair, stored},
        store::{History, Purpose, Store as _},
    };

    async fn stepping(clock: SteppedClock) {
        loop {
            if let Some(at) = clock.next_wake() {
                clock.step_to(at);
            }
            tokio::task::yield_now().await;
        }
    }

    async fn polled(office: &mut Office) -> Option<Left> {
        let clock = office.clock.clone();
        tokio::select! {
            polled = poll(&mut office.worker, Arc::new(clock.clone()), CancellationToken::new()) => polled.unwrap(),
            () = stepping(clock) => unreachable!("it steps for ever"),
        }
    }

    #[tokio::test]
    async fn i4_once_ends_with_the_pair_stored_that_the_store_did_not_take_at_first() {
        let (mut office, jam) = jammed().await;
        let (clock, stopped) = (office.clock.clone(), CancellationToken::new());
        stopped.cancel();
        let polled = poll(&mut office.worker, Arc::new(clock.clone()), stopped);
        let (left, ()) = tokio::join!(polled, mend(clock, jam));
        assert!(left.unwrap().unwrap().message.contains("stopped before it had caught up"));
        assert_eq!(stored(&office), "access-host");
    }

    #[tokio::test]
    async fn failures_with_a_page_after_each_are_no_row() {
        let mut asked = 0;
        let answers: Answers = Box::new(move |_| {
            asked += 1;
            if asked % 2 == 0 {
                return (503, "");
            }
            if asked > 4 * TRIES {
                return (200, EMPTY);
            }
            // Each leads to another one.
            let event = format!(r#"{{"id":"{asked}","createdAt":"2024-06-01T00:00:00.000+0000"}}"#);
            (200, format!(r#"{{"data":[{event}],"cursor":"after-{asked}"}}"#).leak())
        });
        let mut office = Office::open(&pair("first", None), |_| answers).await;
        assert_eq!(polled(&mut office).await, None);
        let status = office.status();
        assert!(status.failures > u64::from(TRIES), "{status:#?}");
    }

    #[tokio::test]
    async fn a_backfill_that_cannot_be_read_is_left_when_the_others_are_read() {
        let answers: Answers =
            Box::new(
                |request| if request.uri().query().is_some_and(|query| query.contains("2024-01")) { (405, EMPTY) } else { (200, EMPTY) },
            );
        let mut office = Office::open(&pair("first", None), |_| answers).await;
        // A day of January, and one of February.
        for start in [Instant(1_704_844_800_000), Instant(1_707_523_200_000)] {
            let (source, end, purpose) = (acme(), Instant(start.0 + 86_400_000), Purpose::Delivery);
            let history = History { id: 0, source, start, end, purpose, gap: None, through: start, events: 0, finished: false };
            office.store.add_history(&history).unwrap();
        }
        let left = polled(&mut office).await.unwrap();
        assert!(left.message.starts_with("source `acme`: backfill 1: ") && left.remedy == Remedy::Configure, "{left:?}");
        assert_eq!(office.store.histories().unwrap().iter().map(|each| each.finished).collect::<Vec<_>>(), [false, true]);
    }
}
