//! The worker of one channel: takes what waits for it, decides what to say, and notes what became of it.
//!
//! At most one message a step, no waiting, no task of its own, so that a runner can drive it by hand and stop it between any two
//! steps. What is settled is noted before anything else is said.
//!
//! A message that is refused where others are taken is set aside. Where nothing was taken yet by which the two could be told apart, it
//! waits until everything else that is due was tried; only where all of that is refused too, the channel needs a person.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    Answer, Carrier, Hours, How, Ledger, Limit, Message, Missed, Named, Notice, Route, Said, Settled, State, Status, Telling, rest::Rest,
};
use crate::{
    alert::{Activity, Severity},
    backoff::Backoff,
    clock::Clock,
    kill_point::KillPoint,
    model::{ChannelName, Instant},
    neutral::brief,
    store::{Store, StoreError, StoreErrorKind, blocking},
};

/// The first wait after a failure, and the longest: as for sinks.
const SOON: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// What could not be told for so long is only counted.
const LAPSE: Duration = Duration::from_secs(7 * 86_400);
/// Messages in a row that may be refused by themselves before the channel is doubted.
const ASIDE: u32 = 3;

/// How much of what is due was tried, and nothing of it taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    Some,
    All,
}

/// When to step again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Now.
    AtOnce,
    /// When an alert changes, or at this moment where there is one.
    Idle(Option<Instant>),
    /// Not before this moment.
    At(Instant),
}

/// What a worker is made of.
pub struct Parts {
    /// The channel's name.
    pub name: ChannelName,
    /// What it is told of.
    pub route: Route,
    /// When; at any time where there are none.
    pub hours: Option<Hours>,
    /// What is told outside of them too: so bad, or worse.
    pub always: Option<Severity>,
    /// How many messages it gets.
    pub limit: Option<Limit>,
    /// Where the alerts are.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How messages travel.
    pub carrier: Box<dyn Carrier>,
}

/// The worker of one channel.
pub struct Teller {
    parts: Parts,
    backoff: Backoff,
    rest: Option<Rest>,
    /// Messages that may still be refused by themselves before one is taken. None before the first that was.
    aside: u32,
    /// What was tried in vain since the latest message that was taken, each at its revision: others go first.
    tried: Vec<(Named, i64)>,
    /// The summary of what was missed was, so that a notice goes first.
    summed: bool,
    unsaved: Option<(Option<Settled>, Ledger)>,
    status: Status,
    noted: Option<Status>,
}

impl std::fmt::Debug for Teller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Teller").field("name", &self.parts.name).field("status", &self.status).finish_non_exhaustive()
    }
}

impl Teller {
    /// A worker that begins where the store says.
    pub fn new(parts: Parts) -> Self {
        let backoff = Backoff::new(parts.name.as_str(), SOON.0, SOON.1);
        let status = Status { state: State::Idle, said: None };
        Self { parts, backoff, rest: None, aside: 0, tried: Vec::new(), summed: false, unsaved: None, status, noted: None }
    }

    /// The channel's name.
    pub fn name(&self) -> &ChannelName {
        &self.parts.name
    }

    /// How it is doing.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Steps until `shutdown`. `wake` is notified when an alert changed.
    pub async fn run(mut self, shutdown: CancellationToken, wake: Arc<Notify>) -> Result<(), StoreError> {
        let clock = Arc::clone(&self.parts.clock);
        while !shutdown.is_cancelled() {
            let woken = wake.notified();
            tokio::pin!(woken);
            // From here on no wake is missed, also not one during the step.
            woken.as_mut().enable();
            match self.step().await? {
                Next::AtOnce => tokio::task::yield_now().await,
                Next::Idle(None) => tokio::select! { () = shutdown.cancelled() => {}, () = woken => {} },
                Next::Idle(Some(at)) => {
                    tokio::select! { () = shutdown.cancelled() => {}, () = woken => {}, () = clock.sleep_until(at) => {} }
                }
                Next::At(at) => tokio::select! { () = shutdown.cancelled() => {}, () = clock.sleep_until(at) => {} },
            }
        }
        Ok(())
    }

    /// At most one message. An error means that the store cannot be used any more. Dropping the future counts as a crash.
    pub async fn step(&mut self) -> Result<Next, StoreError> {
        let now = self.parts.clock.now();
        if let Some(at) = self.resting(now).await {
            return Ok(Next::At(at));
        }
        let next = match self.advance(now).await {
            Err(why) if why.kind == StoreErrorKind::Retry => self.fail(now, None, why.to_string()),
            done => done?,
        };
        self.note().await?;
        Ok(next)
    }

    async fn advance(&mut self, now: Instant) -> Result<Next, StoreError> {
        self.save().await?;
        let name = self.parts.name.clone();
        let waiting = blocking(&self.parts.store, move |store| store.notices(&name, now)).await?;
        if waiting.oldest.is_some_and(|oldest| now.since(oldest) > LAPSE) {
            let name = self.parts.name.clone();
            blocking(&self.parts.store, move |store| store.lapse_notices(&name, now.minus(LAPSE))).await?;
            return Ok(Next::AtOnce);
        }
        let ledger = waiting.ledger;
        let closed = self.closed_until(Severity::Informational, now);
        if let (Some(missed), None) = (ledger.missed(self.parts.limit, now), closed)
            && (!self.summed || waiting.next.is_none())
        {
            return self.sum_up(missed, ledger, now).await;
        }
        let Some(notice) = waiting.next else {
            self.status.state = State::Idle;
            let sum = ledger.due(self.parts.limit).map(|due| closed.map_or(due, |open| open.max(due)));
            return Ok(Next::Idle(waiting.wake.into_iter().chain(sum).min()));
        };
        if self.goes_last(&notice) {
            return self.settle(&notice, How::Later(now), ledger).await;
        }
        let manner = self.parts.carrier.manner();
        match notice.matter.telling(notice.told.as_ref(), &self.parts.route, manner, now) {
            Telling::Nothing => self.settle(&notice, How::Dropped, ledger).await,
            Telling::Later(at) => self.settle(&notice, How::Later(at), ledger).await,
            Telling::Say(activity) => self.say(notice, activity, ledger, now).await,
        }
    }

    /// Says one thing, unless it is held back.
    async fn say(&mut self, notice: Notice, activity: Activity, mut ledger: Ledger, now: Instant) -> Result<Next, StoreError> {
        if activity != Activity::Close {
            if let Some(open) = self.closed_until(notice.matter.severity(), now) {
                return self.settle(&notice, How::Later(open), ledger).await;
            }
            if !ledger.allows(self.parts.limit, now) {
                ledger.withhold();
                return self.settle(&notice, How::Dropped, ledger).await;
            }
        }
        let message = Message { channel: &self.parts.name, at: now, said: notice.matter.said(activity, notice.told.as_ref()) };
        match self.parts.carrier.carry(&message).await {
            Answer::Accepted { said } => {
                KillPoint::Told.pass();
                self.took(said);
                ledger.took(now);
                let told = notice.matter.known(notice.told.as_ref(), now);
                self.settle(&notice, How::Told(told), ledger).await
            }
            Answer::Refused { reason } if self.aside > 0 => {
                self.aside -= 1;
                let reason = brief(&reason, 500);
                tracing::error!(channel = %self.parts.name, about = %notice.matter.named(), "a message was refused and is set aside: {reason}");
                self.settle(&notice, How::Refused(reason), ledger).await
            }
            Answer::Paused { reason } => Ok(self.pause(now, reason).await),
            Answer::Refused { reason } => {
                let all = self.try_others(&notice);
                let next = self.refuse(now, reason, all);
                self.put_off(&notice, next, ledger).await
            }
            Answer::Retry { after, reason } => {
                self.try_others(&notice);
                let next = self.fail(now, after, reason);
                self.put_off(&notice, next, ledger).await
            }
        }
    }

    /// Says what was not told.
    async fn sum_up(&mut self, missed: Missed, mut ledger: Ledger, now: Instant) -> Result<Next, StoreError> {
        let message = Message { channel: &self.parts.name, at: now, said: Said::Missed(missed) };
        match self.parts.carrier.carry(&message).await {
            Answer::Accepted { said } => {
                KillPoint::Told.pass();
                self.took(said);
                ledger.said(missed, now);
                self.unsaved = Some((None, ledger));
                self.save().await?;
                Ok(Next::AtOnce)
            }
            Answer::Refused { reason } if self.aside > 0 => {
                self.aside -= 1;
                let reason = brief(&reason, 500);
                tracing::error!(channel = %self.parts.name, "the summary of what was not told was refused and is left out: {reason}");
                ledger.left_out(missed);
                self.unsaved = Some((None, ledger));
                self.save().await?;
                Ok(Next::AtOnce)
            }
            Answer::Paused { reason } => Ok(self.pause(now, reason).await),
            Answer::Refused { reason } => {
                // Where it was refused before and nothing else is due, there is nothing to tell it from the channel by.
                let all = if std::mem::replace(&mut self.summed, true) { Tried::All } else { Tried::Some };
                Ok(self.refuse(now, reason, all))
            }
            Answer::Retry { after, reason } => {
                self.summed = true;
                Ok(self.fail(now, after, reason))
            }
        }
    }

    /// Whether others are to be tried before this: it was tried in vain, and changed since, which puts it first in line again.
    fn goes_last(&mut self, notice: &Notice) -> bool {
        let named = notice.matter.named();
        let Some((_, revision)) = self.tried.iter_mut().find(|(tried, _)| *tried == named) else { return false };
        std::mem::replace(revision, notice.revision) != notice.revision
    }

    /// This was tried in vain: others go first. They all have been where it is its turn again.
    fn try_others(&mut self, notice: &Notice) -> Tried {
        let named = notice.matter.named();
        let all = self.tried.iter().any(|(tried, _)| *tried == named);
        if all {
            self.tried.clear();
        }
        self.tried.push((named, notice.revision));
        if all { Tried::All } else { Tried::Some }
    }

    /// Puts off what may fail by itself to the next try, behind all else that is due.
    async fn put_off(&mut self, notice: &Notice, next: Next, ledger: Ledger) -> Result<Next, StoreError> {
        if let Next::At(at) = next {
            self.unsaved = Some((Some(settled(notice, How::Later(at))), ledger));
            self.save().await?;
        }
        Ok(next)
    }

    /// Until when the channel is closed to what is as bad as this.
    fn closed_until(&self, severity: Severity, now: Instant) -> Option<Instant> {
        let passes = self.parts.always.is_some_and(|always| severity >= always);
        self.parts.hours.as_ref().filter(|_| !passes).and_then(|hours| hours.closed_until(now))
    }

    async fn settle(&mut self, notice: &Notice, how: How, ledger: Ledger) -> Result<Next, StoreError> {
        self.unsaved = Some((Some(settled(notice, how)), ledger));
        self.save().await?;
        Ok(Next::AtOnce)
    }

    /// Writes down what is settled.
    async fn save(&mut self) -> Result<(), StoreError> {
        let Some((settled, ledger)) = self.unsaved.clone() else { return Ok(()) };
        let name = self.parts.name.clone();
        blocking(&self.parts.store, move |store| store.settle_notice(&name, settled.as_ref(), &ledger)).await?;
        self.unsaved = None;
        Ok(())
    }

    fn took(&mut self, said: String) {
        if self.status.trouble().is_some() {
            tracing::info!(channel = %self.parts.name, "alerts are told again");
        }
        self.backoff.reset();
        self.aside = ASIDE;
        self.tried.clear();
        self.summed = false;
        self.status = Status { state: State::Idle, said: Some(brief(&said, 300)) };
    }

    fn fail(&mut self, now: Instant, after: Option<Duration>, reason: String) -> Next {
        let until = now.plus(self.backoff.failed().max(after.unwrap_or_default()));
        let since = self.trouble(now, &reason);
        self.status.state = State::Retrying { since, reason: brief(&reason, 500) };
        self.rest = Some(Rest::until(until));
        Next::At(until)
    }

    /// It is refused, and nothing was taken by which it could be told from the channel.
    fn refuse(&mut self, now: Instant, reason: String, tried: Tried) -> Next {
        let paused = matches!(self.status.state, State::Paused { .. });
        let next = self.fail(now, None, reason);
        if let (State::Retrying { since, reason }, true) = (&self.status.state, paused || tried == Tried::All) {
            self.status.state = State::Paused { since: *since, reason: reason.clone() };
        }
        next
    }

    async fn pause(&mut self, now: Instant, reason: String) -> Next {
        let since = self.trouble(now, &reason);
        self.status.state = State::Paused { since, reason: brief(&reason, 500) };
        let rest = Rest::for_person(now, self.parts.carrier.files()).await;
        let next = rest.next(now);
        self.rest = Some(rest);
        Next::At(next)
    }

    /// Since when there is trouble. What is new about it is logged.
    fn trouble(&self, now: Instant, reason: &str) -> Instant {
        let reason = brief(reason, 500);
        match self.status.trouble() {
            Some((since, known)) if known == reason => since,
            known => {
                tracing::warn!(channel = %self.parts.name, "alerts are not told: {reason}");
                known.map_or(now, |(since, _)| since)
            }
        }
    }

    /// When to look again, where it is not time for another try.
    async fn resting(&mut self, now: Instant) -> Option<Instant> {
        let rest = self.rest.take()?;
        if rest.is_over(now).await {
            return None;
        }
        let next = rest.next(now);
        self.rest = Some(rest);
        Some(next)
    }

    /// Keeps the status where `status` finds it.
    async fn note(&mut self) -> Result<(), StoreError> {
        if self.noted.as_ref() == Some(&self.status) {
            return Ok(());
        }
        let (key, status) = (Status::note_key(&self.parts.name), self.status.clone());
        let text = serde_json::to_string(&status).unwrap_or_default();
        match blocking(&self.parts.store, move |store| store.note(&key, &text)).await {
            // Only shown; tried again with the next step.
            Err(why) if why.kind == StoreErrorKind::Retry => tracing::debug!(%why, "failed to note the state of a channel"),
            done => {
                done?;
                self.noted = Some(status);
            }
        }
        Ok(())
    }
}

fn settled(notice: &Notice, how: How) -> Settled {
    Settled { named: notice.matter.named(), revision: notice.revision, how }
}
