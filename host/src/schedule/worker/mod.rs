//! The worker of one source: one step at a time, each complete in itself.

mod canary;
mod commit;
mod hindrance;
mod owner;
mod stream;
mod tape;
mod trouble;
mod voice;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use secrecy::ExposeSecret;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

pub use self::trouble::describe;
use self::{canary::Held, hindrance::Hindrances, trouble::PATIENCE, voice::Voice};
use super::{
    custody::{Access, Custody},
    state::{Kind, Remedy, State, Status},
};
use crate::{
    backoff::Backoff,
    clock::Clock,
    condition::Herald,
    enrich::Enricher,
    kill_point::KillPoint,
    model::{Instant, SourceName, Stream},
    runtime::{Current, Source},
    store::{History, Room, Store, StoreError, blocking},
    swap::{Slot, Turn},
    trace::span,
};

/// When to take the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Now: there is more.
    AtOnce,
    /// Then.
    At(Instant),
}

/// Why a worker cannot go on at all: the process must stop and start again.
#[derive(Debug, thiserror::Error)]
#[error("source `{name}`: {cause}")]
pub struct Stop {
    name: SourceName,
    #[source]
    cause: StoreError,
}

/// What a worker is told about its source.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The source.
    pub name: SourceName,
    /// How often it polls.
    pub interval: Duration,
    /// How much of the past is read to learn from, when it begins for the first time.
    pub learn: Option<Duration>,
    /// The origins granted, as text.
    pub allow: Vec<String>,
    /// Whether it is asked whom the token belongs to: where something acts on accounts.
    pub identify: bool,
}

/// Drives one source.
pub struct Worker {
    settings: Settings,
    source: Source,
    slot: Arc<Slot>,
    /// What the step under way runs on.
    serving: Arc<Current>,
    /// What a canary has read.
    held: Option<Held>,
    /// When the next transcript is taken.
    tape_due: Instant,
    custody: Custody,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    enricher: Arc<Enricher>,
    room: Arc<Room>,
    herald: Arc<Herald>,
    /// The state that was told last.
    heralded: Option<(State, Option<Kind>)>,
    status: Status,
    shown: watch::Sender<Status>,
    /// Told when events were stored.
    stored: Arc<Notify>,
    /// Notified as `stored` is, for those who follow this source alone.
    heard: Arc<Notify>,
    ready: bool,
    live: Option<String>,
    live_due: Instant,
    history_due: Instant,
    histories: Option<Vec<History>>,
    backoff: Backoff,
    /// A backfill that fails holds only itself up.
    hindrances: Hindrances,
    /// Of a refresh whose answer was lost.
    refresh_backoff: Backoff,
    /// The pair that came when one was refused: refused as well, a refresh will not help. Any other pair deserves its own.
    renewed_for_refusal: Option<u64>,
    /// The pair in use was refused.
    refresh_wanted: bool,
    caught_up: bool,
    /// Pages in a row that brought nothing and asked for more.
    idle_steps: u32,
    /// What may still be logged.
    voice: Voice,
}

impl Worker {
    /// A worker that has not begun. `stored` is notified after each commit of new events.
    pub fn new(
        settings: Settings,
        source: Source,
        slot: Arc<Slot>,
        custody: Custody,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        stored: Arc<Notify>,
    ) -> Self {
        let now = clock.now();
        let status = Status::new(settings.name.clone(), now);
        let cap = settings.interval.max(Duration::from_secs(1)).min(Duration::from_secs(300));
        Self {
            backoff: Backoff::new(settings.name.as_str(), Duration::from_secs(1), cap),
            hindrances: Hindrances::new(settings.name.as_str()),
            refresh_backoff: Backoff::new(settings.name.as_str(), Duration::from_secs(1), PATIENCE),
            shown: watch::Sender::new(status.clone()),
            settings,
            source,
            serving: slot.component().now(),
            slot,
            held: None,
            tape_due: now,
            custody,
            store,
            clock,
            enricher: Arc::default(),
            room: Arc::default(),
            herald: Arc::default(),
            heralded: None,
            status,
            stored,
            heard: Arc::default(),
            ready: false,
            live: None,
            live_due: now,
            history_due: now,
            histories: None,
            renewed_for_refusal: None,
            refresh_wanted: false,
            caught_up: false,
            idle_steps: 0,
            voice: Voice::new(now),
        }
    }

    /// The same, and what is known of addresses is stored with its events. Without this, nothing is known.
    pub fn enriched_by(self, enricher: Arc<Enricher>) -> Self {
        Self { enricher, ..self }
    }

    /// The same, collecting only while there is room. Without this, there always is.
    pub fn within(self, room: Arc<Room>) -> Self {
        Self { room, ..self }
    }

    /// The same, and each change of its state is told to sinks. Without this, to none.
    pub fn heralded_by(self, herald: Arc<Herald>) -> Self {
        Self { herald, ..self }
    }

    /// Notified when this source has new events.
    pub fn heard(&self) -> Arc<Notify> {
        Arc::clone(&self.heard)
    }

    /// The source.
    pub fn name(&self) -> &SourceName {
        &self.settings.name
    }

    /// What an operator may see, as it changes.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.shown.subscribe()
    }

    /// Whether the latest poll is complete and every backfill done.
    pub fn caught_up(&self) -> bool {
        self.caught_up && self.histories.as_ref().is_some_and(Vec::is_empty)
    }

    /// Look again: tokens or backfills changed, or somebody wants a poll now.
    pub fn nudge(&mut self) {
        self.custody.reload();
        self.histories = None;
        let now = self.clock.now();
        self.live_due = self.live_due.min(now);
        self.history_due = self.history_due.min(now);
        self.hindrances.nudge(now);
    }

    /// Steps until told to stop.
    pub async fn run(mut self, shutdown: CancellationToken, nudge: Arc<Notify>) -> Result<(), Stop> {
        let slot = Arc::clone(&self.slot);
        // Listening before each step and during it: a nudge in the middle of a step is not lost, nor is a call.
        let mut nudged = std::pin::pin!(nudge.notified());
        let mut called = std::pin::pin!(slot.called());
        'steps: loop {
            // A step is not cut short: what was fetched is stored before the process ends.
            let next = self.step().await?;
            let mut wait: BoxFuture<'static, ()> = match next {
                Next::AtOnce => Box::pin(std::future::ready(())),
                Next::At(at) => self.clock.sleep_until(at),
            };
            loop {
                tokio::select! {
                    biased;
                    () = shutdown.cancelled() => break 'steps,
                    () = &mut nudged => {
                        nudged.set(nudge.notified());
                        self.nudge();
                        break;
                    }
                    () = &mut called => {
                        called.set(slot.called());
                        // Somebody else's canary is no reason to wake.
                        if slot.turn(&self.settings.name).canary.is_some() {
                            break;
                        }
                    }
                    () = &mut wait => break,
                }
            }
        }
        self.leave().await;
        let now = self.clock.now();
        self.status.stop(now);
        self.show().await;
        Ok(())
    }

    /// One step: at most one call that reaches the vendor, and its result in the store.
    pub async fn step(&mut self) -> Result<Next, Stop> {
        let next = match self.try_step().await {
            Ok(next) => next,
            Err(cause) => self.unstored(cause).await?,
        };
        self.status.next = match next {
            Next::AtOnce => None,
            Next::At(at) => Some(at),
        };
        self.shown.send_if_modified(|shown| {
            let changed = *shown != self.status;
            if changed {
                shown.clone_from(&self.status);
            }
            changed
        });
        Ok(next)
    }

    async fn try_step(&mut self) -> Result<Next, StoreError> {
        let now = self.clock.now();
        let turn = self.turn();
        if !self.ready {
            if let Some(next) = self.initialize(now).await? {
                return Ok(next);
            }
            self.ready = true;
        }
        let token = match self.custody.access(now).await? {
            Access::Token(token) if !self.refresh_wanted => token,
            Access::Token(_) | Access::Due => return self.refresh(now).await,
            Access::Dead(why) => {
                self.problem(Stream::Live, Kind::ThirdPartyConfig, why, Remedy::Authorize).await;
                // Cheap: only the configuration and the store are looked at again.
                return Ok(self.wait_for_person(Stream::Live, self.settings.interval));
            }
            Access::Unreadable(why) => {
                self.problem(Stream::Live, Kind::ThirdPartyConfig, why, Remedy::Configure).await;
                return Ok(self.wait_for_person(Stream::Live, self.settings.interval));
            }
            // It was not the generation that serves the source who was asked.
            Access::Refused(why) => return Ok(self.suffer(Stream::Live, why).await),
        };
        self.status.token = self.custody.status();
        if let Some(next) = self.wait_for_room(now).await? {
            return Ok(next);
        }
        if let Some(canary) = turn.canary {
            return self.rehearse(canary, &turn.base, &token, now).await;
        }
        let stream = match self.choose(now).await? {
            Ok(stream) => stream,
            Err(next) => return Ok(next),
        };
        if self.status.state == State::Initialized {
            self.status.enter(State::Authenticated, now);
            self.show().await;
        }
        if self.settings.identify {
            self.identify(&token).await?;
            return Ok(Next::AtOnce);
        }
        let checkpoint = match self.checkpoint(stream, &turn.base).await? {
            Ok(checkpoint) => checkpoint,
            Err(why) => return self.failed(stream, why).await,
        };
        // Held until the page is stored.
        let _turn = self.source.turn().await;
        let span = span::poll(&self.settings.name, stream);
        self.poll(stream, token.expose_secret(), &checkpoint, now).instrument(span).await
    }

    /// One page, into the store.
    async fn poll(&mut self, stream: Stream, token: &str, checkpoint: &str, now: Instant) -> Result<Next, StoreError> {
        match self.collect(stream, token, checkpoint, now).await {
            Ok(page) => {
                KillPoint::Fetched.pass();
                self.commit(stream, page).await
            }
            Err(why) => {
                span::unread(&Span::current(), &why);
                self.failed(stream, why).await
            }
        }
    }

    /// What this step runs on. Where a generation was taken back since the last one, what is in memory is void.
    fn turn(&mut self) -> Turn {
        let turn = self.slot.turn(&self.settings.name);
        if turn.current.setbacks != self.serving.setbacks {
            self.live = None;
            self.histories = None;
        }
        if self.held.as_ref().is_some_and(|held| !turn.canary.as_ref().is_some_and(|canary| held.is_of(canary))) {
            self.held = None;
        }
        self.serving = Arc::clone(&turn.current);
        turn
    }

    /// Pending → Started → Initialized. Gives the next step where it does not get there.
    async fn initialize(&mut self, now: Instant) -> Result<Option<Next>, StoreError> {
        let name = self.settings.name.clone();
        blocking(&self.store, move |store| store.register(&name)).await?;
        self.status.enter(State::Started, now);
        self.show().await;
        let origins = match self.source.pinned(Arc::clone(&self.serving.generation)).origins().await {
            Ok(origins) => origins,
            Err(why) => return Ok(Some(self.failed(Stream::Live, why).await?)),
        };
        if let Some(missing) = origins.iter().find(|origin| !self.settings.allow.contains(origin)) {
            let message = format!(
                "source `{}` must reach {missing}, which its `allow` does not grant: add it, or change `config`",
                self.settings.name
            );
            self.problem(Stream::Live, Kind::ThirdPartyConfig, message, Remedy::Configure).await;
            return Ok(Some(self.wait_for_person(Stream::Live, PATIENCE)));
        }
        self.status.enter(State::Initialized, now);
        self.show().await;
        Ok(None)
    }

    /// Keeps the status where other processes can read it, and with it what sinks are told of its state. Showing it is not worth
    /// failing for.
    async fn show(&mut self) {
        let key = Status::note_key(&self.settings.name);
        let state = (self.status.state, self.status.problem.as_ref().map(|problem| problem.kind));
        let changed = self.heralded != Some(state);
        let lines = if changed { self.herald.state(&self.status, self.clock.now()) } else { Vec::new() };
        let told = !lines.is_empty();
        let kept = match serde_json::to_string(&self.status) {
            Ok(text) => blocking(&self.store, move |store| store.proclaim(&key, &text, &lines)).await.map_err(|why| why.to_string()),
            Err(why) => Err(why.to_string()),
        };
        match kept {
            Ok(()) => self.heralded = Some(state),
            Err(why) => tracing::warn!(source = %self.settings.name, "failed to keep the status: {why}"),
        }
        if told {
            self.stored.notify_waiters();
        }
    }
}
