//! Who looks, each minute: judges what there is, notes what began, got worse or ended, and with it what is said of that.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::json;
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Change, Check, Checked, Checkup, Health, HealthLine, Herald, Kind, Known, Listeners, Scene, Spread, Survey, Turn, Urgency, judge,
    reconcile,
};
use crate::{
    alert::Activity,
    clock::Clock,
    model::{ChannelName, Instant, SourceName},
    neutral::brief,
    store::{Store, StoreError, StoreErrorKind, blocking},
};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);
/// So long a check may take: no place that it looks at takes longer, and all are looked at at once.
const CHECK: Duration = Duration::from_secs(10 * 60);
/// The longest line of the log, in characters.
const LINE: usize = 1000;

/// What a warden is made of.
pub struct Parts {
    /// What it looks at.
    pub survey: Survey,
    /// Who is told.
    pub listeners: Listeners,
    /// How often sinks hear that a source is there; never where it is none.
    pub heartbeat: Option<Duration>,
    /// The daily check, where there is to be one.
    pub check: Option<Check>,
    /// Decides at which time of the day that is.
    pub name: String,
    /// Where everything is noted.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Told when there is something to deliver.
    pub told: Arc<Notify>,
}

/// What a look does about a check that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// Nothing: what it found is seen by a later look.
    Beside,
    /// Waits for it.
    Through,
}

/// Who looks.
pub struct Warden {
    parts: Parts,
    herald: Herald,
    /// The check that runs, and ends with this. Nothing where it did not end in time.
    checking: JoinSet<Option<Checked>>,
}

impl std::fmt::Debug for Warden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Warden").field("herald", &self.herald).finish_non_exhaustive()
    }
}

impl Warden {
    /// One that goes on where the store says.
    pub fn new(parts: Parts) -> Self {
        Self { herald: Herald::new(&parts.listeners), checking: JoinSet::new(), parts }
    }

    /// The same, with a daily check.
    pub fn checking(mut self, check: Check) -> Self {
        self.parts.check = Some(check);
        self
    }

    /// Looks until told to stop, for the first time a minute after the start: by then everybody has tried.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), StoreError> {
        let clock = Arc::clone(&self.parts.clock);
        let mut next = clock.now().plus(EVERY);
        loop {
            tokio::select! { () = shutdown.cancelled() => return Ok(()), () = clock.sleep_until(next) => {} }
            next = tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                next = self.step() => next?,
            };
        }
    }

    /// Looks once. A check that is due runs beside it, and what it found is seen by a later look. Returns when to look again. An error
    /// means that the store cannot be used any more. Dropping the future counts as a crash.
    pub async fn step(&mut self) -> Result<Instant, StoreError> {
        self.paced(Pace::Beside).await
    }

    /// The same for the last time: what a check that is due finds is seen too.
    pub async fn finish(&mut self) -> Result<(), StoreError> {
        self.paced(Pace::Through).await.map(drop)
    }

    async fn paced(&mut self, pace: Pace) -> Result<Instant, StoreError> {
        match self.look(pace).await {
            Err(why) if why.kind == StoreErrorKind::Retry => tracing::warn!("failed to see what holds: {why}"),
            done => done?,
        }
        Ok(self.parts.clock.now().plus(EVERY))
    }

    async fn look(&mut self, pace: Pace) -> Result<(), StoreError> {
        let checkup = self.checkup(pace).await?;
        let now = self.parts.clock.now();
        let (mut survey, listeners) = (std::mem::take(&mut self.parts.survey), self.parts.listeners.clone());
        let (herald, heartbeat) = (self.herald.clone(), self.parts.heartbeat);
        let looked = blocking(&self.parts.store, move |store| {
            // What was read of the log is kept whatever becomes of the rest.
            let scene = survey.look(store, &checkup, now);
            Ok((
                scene.and_then(|scene| {
                    let known = store.conditions()?;
                    let turns = reconcile(&known, &judge(&scene), now);
                    let mut change = told(turns, &known, &listeners, now);
                    if let Some(every) = heartbeat {
                        beat(&mut change, &scene, &herald, every, store)?;
                    }
                    if !change.is_empty() {
                        store.turn_conditions(&change, now)?;
                    }
                    Ok(change)
                }),
                survey,
            ))
        });
        let (change, survey) = looked.await?;
        self.parts.survey = survey;
        let change = change?;
        change.turns.iter().for_each(log);
        if !change.is_empty() {
            self.parts.told.notify_waiters();
        }
        Ok(())
    }

    /// What the daily check found. Where another one is due, it begins.
    async fn checkup(&mut self, pace: Pace) -> Result<Checkup, StoreError> {
        let Some(check) = &self.parts.check else { return Ok(Checkup::default()) };
        let checkup = blocking(&self.parts.store, Checkup::noted).await?;
        let now = self.parts.clock.now();
        if self.checking.is_empty() && checkup.is_due(&self.parts.name, now) {
            let (checked, clock) = (check(now), Arc::clone(&self.parts.clock));
            self.checking.spawn(async move {
                tokio::select! { checked = checked => Some(checked), () = clock.sleep_until(now.plus(CHECK)) => None }
            });
        }
        let ended = match pace {
            Pace::Beside => self.checking.try_join_next(),
            Pace::Through => self.checking.join_next().await,
        };
        let now = self.parts.clock.now();
        let next = match ended {
            Some(Ok(Some(checked))) => {
                tracing::info!(found = checked.findings.len(), "the daily check is done");
                checkup.after(checked, now)
            }
            Some(Ok(None)) => checkup.cut_short(format!("it did not end within {} minutes", CHECK.as_secs() / 60), now),
            Some(Err(gone)) => checkup.cut_short(gone.to_string(), now),
            None if checkup.at.is_none() => Checkup { at: Some(now), ..checkup },
            None => return Ok(checkup),
        };
        let text = serde_json::to_string(&next).unwrap_or_default();
        blocking(&self.parts.store, move |store| store.note(Checkup::KEY, &text)).await?;
        Ok(next)
    }
}

/// What is said of it, and to whom.
pub(super) fn told(mut turns: Vec<Turn>, known: &[Known], listeners: &Listeners, now: Instant) -> Change {
    for turn in &mut turns {
        let condition = &turn.known.condition;
        if matches!(turn.news, Some(Activity::Create | Activity::Update)) {
            turn.channels = listeners.channels(condition);
        }
        if turn.news.is_some() {
            let body = Health::condition(&turn.known, now).line();
            let line = |(sink, source)| HealthLine { sink, source, urgency: Urgency::Change, body: body.clone() };
            turn.lines = listeners.sinks(condition).into_iter().map(line).collect();
        }
    }
    let spread = spread(&turns, known, listeners);
    Change { turns, spread, ..Change::default() }
}

/// What channels that fail are to be told: from the moment that it is known, others are.
fn spread(turns: &[Turn], known: &[Known], listeners: &Listeners) -> Vec<Spread> {
    let mut all: BTreeMap<_, &Known> = known.iter().map(|known| (known.condition.key(), known)).collect();
    all.extend(turns.iter().map(|turn| (turn.known.condition.key(), &turn.known)));
    let open = || all.iter().filter(|(_, known)| known.is_open());
    let news: Vec<_> = turns.iter().filter(|turn| turn.news == Some(Activity::Create)).map(|turn| turn.known.condition.key()).collect();
    let mut spread = Vec::new();
    for (failing, channel) in open().filter(|(_, known)| known.condition.kind == Kind::Channel) {
        let Ok(from) = channel.condition.subject.parse::<ChannelName>() else { continue };
        for (key, known) in open().filter(|(key, _)| news.contains(failing) || news.contains(key)) {
            let to = listeners.instead_of(&from, &known.condition).into_iter();
            spread.extend(to.map(|to| Spread { key: key.clone(), from: from.clone(), to }));
        }
    }
    spread
}

/// The sinks of each source hear that it is there, where that is due.
fn beat(change: &mut Change, scene: &Scene, herald: &Herald, every: Duration, store: &dyn Store) -> Result<(), StoreError> {
    for source in &scene.sources {
        let (Some(status), sinks) = (&source.status, herald.sinks(&source.name)) else { continue };
        let key = beaten(&source.name);
        let last = super::survey::noted::<Instant>(store, &key)?;
        if sinks.is_empty() || last.is_some_and(|last| scene.now.since(last) < every) {
            continue;
        }
        for sink in scene.sinks.iter().filter(|sink| sinks.contains(&sink.name)) {
            let waiting: u64 = sink.backlog.iter().filter(|backlog| backlog.source == source.name).map(|backlog| backlog.events).sum();
            let numbers = json!({
                "version": env!("CARGO_PKG_VERSION"),
                "state": format!("{:?}", status.state),
                "eventsCollected": status.events,
                "eventsDelivered": sink.status.as_ref().map(|status| status.accepted),
                "eventsWaiting": waiting,
                "polls": status.polls,
                "watermark": source.through.map(|through| through.to_string()),
                "lagSeconds": source.through.map(|through| scene.now.since(through).as_secs()),
            });
            let body = Health::heartbeat(status, numbers, scene.now).line();
            change.lines.push(HealthLine { sink: sink.name.clone(), source: source.name.clone(), urgency: Urgency::Heartbeat, body });
        }
        change.notes.push((key, scene.now.0.to_string()));
    }
    Ok(())
}

fn beaten(source: &SourceName) -> String {
    format!("heartbeat/{source}")
}

/// The log says it too, whoever else is told.
fn log(turn: &Turn) {
    let condition = &turn.known.condition;
    let (kind, title) = (condition.kind, brief(&condition.title, LINE));
    let why = brief(condition.reasons.first().map_or("", String::as_str), LINE);
    match turn.news {
        Some(Activity::Create | Activity::Update) => tracing::warn!(%kind, "{title}: {why}"),
        Some(Activity::Close) => tracing::info!(%kind, "over: {title}"),
        None => {}
    }
}
