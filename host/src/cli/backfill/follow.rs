//! Watching backfills in the store while somebody reads them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    estimate::count,
    progress::{Progress, Standing},
};
use crate::{
    cli::{Exit, Result},
    model::{Instant, Lane, SinkName, SourceName},
    neutral::visible,
    schedule::{Problem, Remedy, Status},
    store::{History, Purpose, Store, blocking},
};

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);
/// How often in a row nobody may own the store before it counts as stopped: a host may be restarting.
const ABSENCES: u32 = 10;

/// How watching ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Read, and where it was to be, delivered.
    Done,
    /// The same, but some events are parked.
    Parked,
    /// A signal.
    Stopped,
    /// Nobody reads any more.
    Abandoned,
    /// It cannot go on without a person.
    Person(Exit, String),
}

/// Watches.
pub(super) struct Follow {
    store: Arc<dyn Store>,
    numbers: Vec<i64>,
    deliveries: Vec<(SinkName, SourceName)>,
    pages: Option<u64>,
}

/// One look.
struct Look {
    histories: Vec<History>,
    /// Events of the history lane not yet accepted, by sink.
    waiting: Vec<(SinkName, u64)>,
    /// What is wrong with their sources.
    problems: Vec<(SourceName, Problem)>,
    /// What holds them up themselves.
    held: BTreeMap<i64, (SourceName, Problem)>,
    /// Events of these sources that a sink refused.
    parked: usize,
}

impl Look {
    /// What only a person ends, where it came up after `since`: for a source, or for each backfill that is left.
    fn person(&self, since: Instant) -> Option<&(SourceName, Problem)> {
        let theirs = |(_, problem): &&(SourceName, Problem)| problem.remedy != Remedy::Wait && problem.since >= since;
        let left = self.histories.iter().filter(|history| !history.finished);
        let held = left.map(|history| self.held.get(&history.id).filter(theirs)).collect::<Option<Vec<_>>>();
        self.problems.iter().find(theirs).or_else(|| held?.first().copied())
    }
}

impl Follow {
    /// Of these backfills, whose events go to these sinks.
    pub(super) fn new(store: Arc<dyn Store>, numbers: Vec<i64>, deliveries: Vec<(SinkName, SourceName)>, pages: Option<u64>) -> Self {
        Self { store, numbers, deliveries, pages }
    }

    /// Until all is read and delivered, or a person is needed for what came up after `since`.
    pub(super) async fn delivered(self, since: Instant) -> Result<Ending> {
        let mut progress = Progress::new(self.pages);
        let mut ticks = ticks();
        loop {
            ticks.tick().await;
            let look = self.look().await?;
            let standing = Standing::of(&look.histories);
            if let Some((name, problem)) = look.person(since) {
                let exit = if problem.remedy == Remedy::Configure { Exit::Configuration } else { Exit::Authorize };
                return Ok(Ending::Person(exit, format!("source `{name}`: {}", visible(&problem.message))));
            }
            if look.histories.iter().any(|history| !history.finished) {
                progress.show(standing);
            } else if look.waiting.is_empty() {
                let parked =
                    if look.parked == 0 { String::new() } else { format!(", {} parked: see `miro-source parked list`", look.parked) };
                let what = if look.histories.iter().all(|history| history.purpose == Purpose::Learning) {
                    "read to learn from"
                } else {
                    "read and delivered"
                };
                progress.end(&format!("done: {} events {what}{parked}", count(standing.events as f64)));
                return Ok(if look.parked == 0 { Ending::Done } else { Ending::Parked });
            } else {
                progress.wait(waiting(&look.waiting));
            }
        }
    }

    /// Until all is read by the host that runs, as long as one does.
    pub(super) async fn read(self, runs: impl Fn() -> bool) -> Result<Ending> {
        let mut progress = Progress::new(self.pages);
        let mut ticks = ticks();
        let (mut absences, mut said) = (0, None);
        loop {
            ticks.tick().await;
            let look = self.look().await?;
            let standing = Standing::of(&look.histories);
            if look.histories.iter().all(|history| history.finished) {
                let left = if look.waiting.is_empty() { String::new() } else { format!("; {}", waiting(&look.waiting)) };
                progress.end(&format!("done: {} events read{left}", count(standing.events as f64)));
                return Ok(Ending::Done);
            }
            absences = if runs() { 0 } else { absences + 1 };
            if absences >= ABSENCES {
                return Ok(Ending::Abandoned);
            }
            let problem = look
                .problems
                .first()
                .or_else(|| look.held.values().next())
                .map(|(name, problem)| format!("source `{name}`: {}", visible(&problem.message)));
            if let Some(text) = problem.as_ref().filter(|_| problem != said) {
                progress.say(text);
            }
            said = problem;
            progress.show(standing);
        }
    }

    async fn look(&self) -> Result<Look> {
        let (numbers, deliveries) = (self.numbers.clone(), self.deliveries.clone());
        let look = blocking(&self.store, move |store| {
            let mut histories = store.histories()?;
            histories.retain(|history| numbers.contains(&history.id));
            let mut waiting = Vec::new();
            for (sink, source) in deliveries {
                let backlog = store.backlog(&sink, &source)?;
                let events: u64 = backlog.iter().filter(|backlog| backlog.lane == Lane::History).map(|backlog| backlog.events).sum();
                if events > 0 {
                    waiting.push((sink, events));
                }
            }
            let (mut problems, mut held) = (Vec::new(), BTreeMap::new());
            for history in &histories {
                let key = Status::note_key(&history.source);
                let noted = store.notes(&key)?.into_iter().find(|(found, _)| *found == key);
                let status: Option<Status> = noted.and_then(|(_, text)| serde_json::from_str(&text).ok());
                let Some(mut status) = status else { continue };
                problems.extend(status.problem.map(|problem| (history.source.clone(), problem)));
                held.extend(status.backfills.remove(&history.id).map(|problem| (history.id, (history.source.clone(), problem))));
            }
            let parked = store.parked()?.iter().filter(|each| histories.iter().any(|history| history.source == each.source)).count();
            Ok(Look { histories, waiting, problems, held, parked })
        });
        Ok(look.await?)
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}

fn waiting(waiting: &[(SinkName, u64)]) -> String {
    let each: Vec<_> = waiting.iter().map(|(sink, events)| format!("{} events for sink `{sink}`", count(*events as f64))).collect();
    format!("still to be delivered: {}", each.join(", "))
}
