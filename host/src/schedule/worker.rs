//! The worker of one source: one step at a time, each complete in itself.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use audit_pipeline::{
    source::{self, Note, Page, Reading, Span},
    types::Failure,
};
use secrecy::ExposeSecret;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::{
    custody::{Access, Custody, Refreshed},
    state::{Kind, Meter, Remedy, State, Status},
};
use crate::{
    backoff::{Backoff, spread},
    clock::Clock,
    kill_point::KillPoint,
    model::{Instant, Lane, SourceName, Stream},
    neutral::neutralize,
    runtime::{CallError, Source},
    store::{self, History, Store, StoreError, StoreErrorKind, blocking},
};

/// The vendor's clock may be off by so much before an operator hears of it.
const CLOCK_WARNS: Duration = Duration::from_secs(60);
/// And by so much before it counts as an error.
const CLOCK_FAILS: Duration = Duration::from_secs(600);
/// What needs a person is tried again at least this often.
const PATIENCE: Duration = Duration::from_secs(3600);

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
    /// The origins granted, as text.
    pub allow: Vec<String>,
}

/// Drives one source.
pub struct Worker {
    settings: Settings,
    source: Source,
    custody: Custody,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    status: Status,
    shown: watch::Sender<Status>,
    /// Told when events were stored.
    stored: Arc<Notify>,
    ready: bool,
    live: Option<String>,
    live_due: Instant,
    history_due: Instant,
    histories: Option<Vec<History>>,
    backoff: Backoff,
    /// A backfill that fails holds only itself up.
    history_backoff: Backoff,
    /// The pair that is in use has been renewed because it was refused: refused again, a refresh will not help.
    renewed_for_refusal: bool,
    refresh_wanted: bool,
    caught_up: bool,
}

impl Worker {
    /// A worker that has not begun. `stored` is notified after each commit of new events.
    pub fn new(
        settings: Settings,
        source: Source,
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
            history_backoff: Backoff::new(settings.name.as_str(), Duration::from_secs(5), Duration::from_secs(300)),
            shown: watch::Sender::new(status.clone()),
            settings,
            source,
            custody,
            store,
            clock,
            status,
            stored,
            ready: false,
            live: None,
            live_due: now,
            history_due: now,
            histories: None,
            renewed_for_refusal: false,
            refresh_wanted: false,
            caught_up: false,
        }
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
    }

    /// Steps until told to stop.
    pub async fn run(mut self, shutdown: CancellationToken, nudge: Arc<Notify>) -> Result<(), Stop> {
        loop {
            // A step is not cut short: what was fetched is stored before the process ends.
            let next = self.step().await?;
            let wait = match next {
                Next::AtOnce if shutdown.is_cancelled() => break,
                Next::AtOnce => continue,
                Next::At(at) => self.clock.sleep_until(at),
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = nudge.notified() => self.nudge(),
                () = wait => {}
            }
        }
        let now = self.clock.now();
        self.status.enter(State::Stopping, now);
        self.show().await;
        Ok(())
    }

    /// One step: at most one call that reaches the vendor, and its result in the store.
    pub async fn step(&mut self) -> Result<Next, Stop> {
        let next = match self.try_step().await {
            Ok(next) => next,
            Err(cause) if cause.kind == StoreErrorKind::Retry => {
                self.problem(Kind::FirstPartyGeneric, cause.to_string(), Remedy::Wait).await;
                self.later(Stream::Live)
            }
            Err(cause) => return Err(Stop { name: self.settings.name.clone(), cause }),
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
                self.problem(Kind::ThirdPartyConfig, why, Remedy::Authorize).await;
                // Cheap: only the configuration and the store are looked at again.
                return Ok(self.wait_for_person(self.settings.interval));
            }
        };
        self.status.token = self.custody.status();
        let stream = match self.choose(now).await? {
            Ok(stream) => stream,
            Err(next) => return Ok(next),
        };
        if self.status.state == State::Initialized {
            self.status.enter(State::Authenticated, now);
        }
        let checkpoint = match self.checkpoint(stream).await? {
            Ok(checkpoint) => checkpoint,
            Err(why) => return Ok(self.failed(stream, why).await),
        };
        match self.source.collect(token.expose_secret(), &checkpoint, now).await {
            Ok(page) => {
                KillPoint::Fetched.pass();
                self.commit(stream, page).await
            }
            Err(why) => Ok(self.failed(stream, why).await),
        }
    }

    /// Pending → Started → Initialized. Gives the next step where it does not get there.
    async fn initialize(&mut self, now: Instant) -> Result<Option<Next>, StoreError> {
        let name = self.settings.name.clone();
        blocking(&self.store, move |store| store.register(&name)).await?;
        self.status.enter(State::Started, now);
        let origins = match self.source.origins().await {
            Ok(origins) => origins,
            Err(why) => return Ok(Some(self.failed(Stream::Live, why).await)),
        };
        if let Some(missing) = origins.iter().find(|origin| !self.settings.allow.contains(origin)) {
            let message = format!(
                "source `{}` must reach {missing}, which its `allow` does not grant: add it, or change `config`",
                self.settings.name
            );
            self.problem(Kind::ThirdPartyConfig, message, Remedy::Configure).await;
            return Ok(Some(self.wait_for_person(PATIENCE)));
        }
        self.status.enter(State::Initialized, now);
        self.show().await;
        Ok(None)
    }

    /// Which stream the next step belongs to, or when there is one.
    async fn choose(&mut self, now: Instant) -> Result<Result<Stream, Next>, StoreError> {
        if now >= self.live_due {
            return Ok(Ok(Stream::Live));
        }
        if self.histories.is_none() {
            let name = self.settings.name.clone();
            let mut all = blocking(&self.store, |store| store.histories()).await?;
            all.retain(|history| history.source == name && !history.finished);
            self.histories = Some(all);
        }
        let Some(first) = self.histories.as_ref().and_then(|all| all.first()) else {
            return Ok(Err(Next::At(self.live_due)));
        };
        if now >= self.history_due { Ok(Ok(Stream::History(first.id))) } else { Ok(Err(Next::At(self.live_due.min(self.history_due)))) }
    }

    /// Where the stream stands; begins it where it never was.
    async fn checkpoint(&mut self, stream: Stream) -> Result<Result<String, CallError>, StoreError> {
        if stream == Stream::Live
            && let Some(checkpoint) = &self.live
        {
            return Ok(Ok(checkpoint.clone()));
        }
        let name = self.settings.name.clone();
        if let Some(stored) = blocking(&self.store, move |store| store.checkpoint(&name, stream)).await? {
            self.status.watermark = Some(stored.through);
            return Ok(Ok(stored.body));
        }
        let now = self.clock.now();
        let history = self.histories.iter().flatten().find(|history| stream == Stream::History(history.id));
        let (span, from) = match history {
            Some(history) => (Span::Fixed((history.start.0, history.end.0)), history.start),
            None => (Span::Live(now.0), now),
        };
        let first = match self.source.begin(span, now).await {
            Ok(first) => first,
            Err(why) => return Ok(Err(why)),
        };
        let (name, body) = (self.settings.name.clone(), first.clone());
        blocking(&self.store, move |store| store.begin(&name, stream, &body, from, now)).await?;
        Ok(Ok(first))
    }

    async fn commit(&mut self, stream: Stream, page: Page) -> Result<Next, StoreError> {
        let now = self.clock.now();
        let lane = match (stream, page.reading) {
            (Stream::History(_), _) => Lane::History,
            (Stream::Live, Reading::Live) => Lane::Live,
            (Stream::Live, Reading::Revisit | Reading::Fixed) => Lane::Late,
        };
        let finished = matches!(page.next, source::Next::Finished);
        let gaps: Vec<_> = page.notes.iter().filter_map(|note| if let Note::Gap(gap) = note { Some(gap.clone()) } else { None }).collect();
        let (name, checkpoint) = (self.settings.name.clone(), page.checkpoint.clone());
        let (through, events) = (Instant(page.through), page.events);
        let done = blocking(&self.store, move |store| {
            store.commit(&store::Page {
                source: &name,
                stream,
                lane,
                received: now,
                events: &events,
                checkpoint: &checkpoint,
                through,
                gaps: &gaps,
                finished,
            })
        })
        .await;
        let done = match done {
            Ok(done) => done,
            Err(why) => {
                // The checkpoint in memory may be ahead of the one in the store.
                self.live = None;
                return Err(why);
            }
        };
        KillPoint::Committed.pass();
        if done.new > 0 {
            self.stored.notify_waiters();
        }
        match stream {
            Stream::Live => self.backoff.reset(),
            Stream::History(_) => self.history_backoff.reset(),
        }
        self.renewed_for_refusal = false;
        self.status.pages += 1;
        self.status.events += done.new;
        self.status.known += done.known;
        let entered = self.heed(&page.notes, now).await;
        tracing::debug!(source = %self.settings.name, %lane, new = done.new, known = done.known, %through, "page stored");
        if stream == Stream::Live {
            self.live = Some(page.checkpoint);
            self.status.watermark = Some(through);
        }
        let next = self.after(stream, page.next, now);
        if entered || matches!(page.next, source::Next::CaughtUp | source::Next::Finished) {
            self.show().await;
        }
        Ok(next)
    }

    /// What the component said about the next step.
    fn after(&mut self, stream: Stream, next: source::Next, now: Instant) -> Next {
        let due = match next {
            source::Next::AtOnce => now,
            source::Next::After(wait) => now.plus(Duration::from_millis(wait)),
            source::Next::CaughtUp => {
                self.status.polls += 1;
                self.status.last_poll = Some(now);
                self.caught_up = true;
                self.next_poll(now)
            }
            source::Next::Finished => {
                self.histories = None;
                now
            }
        };
        match stream {
            Stream::Live => {
                self.live_due = due;
                if matches!(next, source::Next::After(_)) {
                    // One grant, one meter: a backfill waits with it.
                    self.history_due = self.history_due.max(due);
                }
            }
            Stream::History(_) => self.history_due = due,
        }
        if due <= now || matches!(next, source::Next::CaughtUp) && now >= self.history_due && !self.caught_up() {
            Next::AtOnce
        } else {
            Next::At(if stream == Stream::Live { due } else { due.min(self.live_due) })
        }
    }

    /// The polls of a source lie on a grid of its own, so that a thousand sources spread over the interval.
    fn next_poll(&self, now: Instant) -> Instant {
        let interval = u64::try_from(self.settings.interval.as_millis()).unwrap_or(u64::MAX).max(1);
        let phase = spread(self.settings.name.as_str(), 1) % interval;
        let since = (now.0 % interval + interval - phase) % interval;
        Instant(now.0.saturating_add(interval - since))
    }

    /// Logs what the component noted, and keeps what is shown. Returns whether the state changed.
    async fn heed(&mut self, notes: &[Note], now: Instant) -> bool {
        let mut clock_problem = None;
        for note in notes {
            match note {
                Note::Gap(gap) => tracing::error!(
                    source = %self.settings.name,
                    from = %Instant(gap.start), to = %Instant(gap.end), cause = %neutralize(&gap.cause),
                    "a stretch of time cannot be read; recorded as a gap"
                ),
                Note::Clock(offset) => {
                    let off = Duration::from_millis(offset.unsigned_abs());
                    let warned = self.status.clock_offset.is_some_and(|before| before.unsigned_abs() >= 60_000);
                    self.status.clock_offset = Some(*offset);
                    let direction = if *offset > 0 { "behind" } else { "ahead of" };
                    let text = format!("this machine's clock is {} s {direction} the vendor's: set it right (NTP)", off.as_secs());
                    if off >= CLOCK_FAILS {
                        clock_problem = Some(text);
                    } else if off >= CLOCK_WARNS && !warned {
                        tracing::warn!(source = %self.settings.name, "{text}");
                    }
                }
                Note::Meter(meter) => {
                    self.status.meter = Some(Meter { limit: meter.limit, remaining: meter.remaining, reset: meter.reset.map(Instant) });
                }
                Note::Warning(text) => tracing::warn!(source = %self.settings.name, "{}", neutralize(text)),
            }
        }
        match clock_problem {
            Some(text) => self.problem(Kind::FirstPartyGeneric, text, Remedy::Configure).await,
            None => self.status.enter(State::Collecting, now),
        }
    }

    async fn refresh(&mut self, now: Instant) -> Result<Next, StoreError> {
        self.refresh_wanted = false;
        match self.custody.refresh(now).await? {
            Refreshed::Renewed => {
                self.status.rotations += 1;
                tracing::info!(source = %self.settings.name, "obtained a new pair of tokens");
                Ok(Next::AtOnce)
            }
            Refreshed::Unsent(wait, why) => {
                self.problem(Kind::ThirdPartyGeneric, format!("failed to refresh the token: {why}"), Remedy::Wait).await;
                Ok(wait.map_or_else(|| self.later(Stream::Live), |wait| self.wait(Stream::Live, wait)))
            }
            Refreshed::Unknown(why) => {
                let message = format!("the answer to a token refresh was lost ({why}): trying the pair once more");
                self.problem(Kind::ThirdPartyGeneric, message, Remedy::Wait).await;
                Ok(self.later(Stream::Live))
            }
            Refreshed::Dead(why) => {
                self.problem(Kind::ThirdPartyConfig, why, Remedy::Authorize).await;
                Ok(self.wait_for_person(self.settings.interval))
            }
        }
    }

    async fn failed(&mut self, stream: Stream, why: CallError) -> Next {
        self.status.failures += 1;
        let failure = match why {
            CallError::Failed(failure) => failure,
            CallError::Broken(text) => Failure::Protocol(text),
            why => {
                self.problem(Kind::FirstPartyGeneric, format!("the component failed: {why}"), Remedy::Wait).await;
                return self.later(stream);
            }
        };
        let text = describe(&failure);
        match failure {
            Failure::Throttled(wait) => {
                self.problem(Kind::ThirdPartyGeneric, text, Remedy::Wait).await;
                let wait = wait.map_or_else(|| self.backoff.failed(), Duration::from_millis);
                self.wait(stream, wait)
            }
            Failure::Unavailable(_) | Failure::Protocol(_) => {
                self.problem(Kind::ThirdPartyGeneric, text, Remedy::Wait).await;
                self.later(stream)
            }
            Failure::Expired if self.custody.rotates() && !self.renewed_for_refusal => {
                self.renewed_for_refusal = true;
                self.refresh_wanted = true;
                Next::AtOnce
            }
            Failure::Expired => {
                let message = format!("the vendor refuses the access token of source `{0}`: run `miro-source auth {0}`, or set a new token", self.settings.name);
                self.problem(Kind::ThirdPartyConfig, message, Remedy::Authorize).await;
                self.wait_for_person(self.settings.interval)
            }
            Failure::Unauthorized(_) | Failure::Forbidden(_) => {
                self.problem(Kind::ThirdPartyConfig, text, Remedy::Authorize).await;
                self.wait_for_person(PATIENCE)
            }
            Failure::Invalid(_) => {
                self.problem(Kind::ThirdPartyConfig, text, Remedy::Configure).await;
                self.wait_for_person(PATIENCE)
            }
        }
    }

    /// Tries again by the backoff of the stream.
    fn later(&mut self, stream: Stream) -> Next {
        match stream {
            Stream::Live => {
                let wait = self.backoff.failed();
                self.wait(stream, wait)
            }
            Stream::History(_) => {
                self.history_due = self.clock.now().plus(self.history_backoff.failed());
                Next::At(self.history_due.min(self.live_due))
            }
        }
    }

    /// Tries again ever less often, at most by `at_most`: only a person can help, but the vendor may have erred.
    fn wait_for_person(&mut self, at_most: Duration) -> Next {
        let nominal = Duration::from_secs(30).saturating_mul(2_u32.saturating_pow(self.backoff.attempts().min(10)));
        self.backoff.failed();
        self.wait(Stream::Live, nominal.min(at_most.max(Duration::from_secs(1))))
    }

    fn wait(&mut self, stream: Stream, wait: Duration) -> Next {
        let due = self.clock.now().plus(wait);
        self.history_due = due;
        if stream == Stream::Live {
            self.live_due = due;
            Next::At(due)
        } else {
            Next::At(due.min(self.live_due))
        }
    }

    /// Records a problem; logs it where it is new. Returns whether it is.
    async fn problem(&mut self, kind: Kind, message: String, remedy: Remedy) -> bool {
        let now = self.clock.now();
        let new = self.status.fail(kind, message, remedy, now);
        if let (true, Some(problem)) = (new, &self.status.problem) {
            let text = neutralize(&problem.message);
            if remedy != Remedy::Wait {
                tracing::error!(source = %self.settings.name, ?kind, "{text}");
            } else {
                tracing::warn!(source = %self.settings.name, ?kind, "{text}");
            }
            self.show().await;
        }
        new
    }

    /// Keeps the status where other processes can read it. Showing it is not worth failing for.
    async fn show(&self) {
        let key = Status::note_key(&self.settings.name);
        let kept = match serde_json::to_string(&self.status) {
            Ok(text) => blocking(&self.store, move |store| store.note(&key, &text)).await.map_err(|why| why.to_string()),
            Err(why) => Err(why.to_string()),
        };
        if let Err(why) = kept {
            tracing::warn!(source = %self.settings.name, "failed to keep the status: {why}");
        }
    }
}

/// A failure for people.
pub fn describe(failure: &Failure) -> String {
    match failure {
        Failure::Throttled(None) => "the vendor asks to slow down".into(),
        Failure::Throttled(Some(wait)) => {
            let mut text = String::from("the vendor asks to wait ");
            // Writing to a string cannot fail.
            let _ = write!(text, "{} s", wait.div_ceil(1000));
            text
        }
        Failure::Expired => "the vendor refuses the access token".into(),
        Failure::Unavailable(text) | Failure::Unauthorized(text) | Failure::Forbidden(text) | Failure::Invalid(text) | Failure::Protocol(text) => {
            text.clone()
        }
    }
}
