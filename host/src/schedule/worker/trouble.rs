//! What becomes of a failure: how long to wait, whether to refresh, whom to tell.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use audit_pipeline::types::Failure;
use tracing::Instrument as _;

use super::{
    Next, Stop, Worker,
    voice::{LINE, Say},
};
use crate::{
    backoff::Backoff,
    model::{Instant, Stream},
    neutral::brief,
    runtime::CallError,
    schedule::{
        custody::Refreshed,
        state::{Kind, Remedy},
    },
    store::{Shortage, StoreError, StoreErrorKind, blocking, room::LOOK},
    trace::span,
};

/// What needs a person is tried again at least this often.
pub(super) const PATIENCE: Duration = Duration::from_secs(3600);

impl Worker {
    pub(super) async fn refresh(&mut self, now: Instant) -> Result<Next, StoreError> {
        let span = span::refresh(&self.settings.name);
        let refreshed = self.custody.refresh(now).instrument(span.clone()).await?;
        let outcome = match &refreshed {
            Refreshed::Renewed(_) => Ok("renewed"),
            Refreshed::Unsent(..) => Err("unsent"),
            Refreshed::Unknown(_) => Err("unknown"),
            Refreshed::Dead(_) => Err("rejected"),
        };
        span::refreshed(&span, outcome);
        drop(span);
        if let Some(broke) = self.custody.take_broke() {
            // The pair stays what the custody says; the component may not.
            self.blame(&broke).await?;
        }
        match refreshed {
            Refreshed::Renewed(version) => {
                self.refresh_backoff.reset();
                self.renewed_for_refusal = std::mem::take(&mut self.refresh_wanted).then_some(version);
                self.status.rotations += 1;
                tracing::info!(source = %self.settings.name, "obtained new tokens");
                Ok(Next::AtOnce)
            }
            Refreshed::Unsent(wait, why) => {
                self.problem(Stream::Live, Kind::ThirdPartyGeneric, format!("failed to refresh the token: {why}"), Remedy::Wait).await;
                Ok(match wait {
                    Some(wait) => self.wait(Stream::Live, wait),
                    None => self.later(Stream::Live),
                })
            }
            Refreshed::Unknown(why) => {
                // The same at every try, so that it is told once; `next` of the status says when.
                let message = format!(
                    "the answer to a token refresh was lost ({why}): the pair is sent again, ever less often and once an hour at last, until the vendor \
                     says whether it is spent; where this lasts, run `miro-source auth {}`",
                    self.settings.name
                );
                self.problem(Stream::Live, Kind::ThirdPartyGeneric, message, Remedy::Wait).await;
                let wait = self.refresh_backoff.failed();
                Ok(self.wait(Stream::Live, wait))
            }
            Refreshed::Dead(why) => {
                self.refresh_backoff.reset();
                self.refresh_wanted = false;
                self.problem(Stream::Live, Kind::ThirdPartyConfig, why, Remedy::Authorize).await;
                Ok(self.wait_for_person(Stream::Live, self.settings.interval))
            }
        }
    }

    /// Before nobody steps it any more: tokens that came and are not stored yet are nowhere else.
    pub async fn leave(&mut self) {
        // Where they are lost, that is logged.
        let _ = self.custody.leave(self.clock.as_ref()).await;
    }

    /// Where the store is short of room, nothing is fetched: it could not be kept. Tokens are looked after all the same.
    pub(super) async fn wait_for_room(&mut self, now: Instant) -> Result<Option<Next>, StoreError> {
        let room = Arc::clone(&self.room);
        let Some(short) = blocking(&self.store, move |store| room.look(store, now)).await? else { return Ok(None) };
        let remedy = match short {
            // It shrinks as sinks accept what is in it.
            Shortage::Full { .. } => Remedy::Wait,
            Shortage::Disk { .. } => Remedy::Configure,
        };
        self.problem(Stream::Live, Kind::FirstPartyGeneric, short.to_string(), remedy).await;
        Ok(Some(self.wait(Stream::Live, LOOK)))
    }

    /// Whether the generation that failed so is not current any more: it was on probation, and is taken back, or was already.
    async fn blame(&mut self, why: &CallError) -> Result<bool, StoreError> {
        self.slot.failed();
        let Some(number) = self.serving.number else { return Ok(false) };
        if self.slot.component().now().number == Some(number) && !(self.slot.on_probation(number) && why.tells_of_component()) {
            return Ok(false);
        }
        let text = brief(&why.to_string(), 500);
        self.slot.take_back(number, &self.settings.name, &text, &self.store, self.clock.now()).await
    }

    pub(super) async fn failed(&mut self, stream: Stream, why: CallError) -> Result<Next, StoreError> {
        self.status.failures += 1;
        if self.blame(&why).await? {
            // The next step begins where the streams stand now, on what is current now.
            return Ok(Next::AtOnce);
        }
        Ok(self.suffer(stream, why).await)
    }

    /// What becomes of a step whose result the store did not take.
    pub(super) async fn unstored(&mut self, cause: StoreError) -> Result<Next, Stop> {
        match cause.kind {
            StoreErrorKind::Retry => {
                self.problem(Stream::Live, Kind::FirstPartyGeneric, cause.to_string(), Remedy::Wait).await;
            }
            // Somebody changed meanwhile what the step rests on, a person who authorized for instance: all of it is read again.
            StoreErrorKind::Conflict => {
                if self.backoff.attempts() == 0 {
                    tracing::info!(source = %self.settings.name, "{cause}; reading it again");
                } else {
                    self.problem(Stream::Live, Kind::FirstPartyGeneric, cause.to_string(), Remedy::Wait).await;
                }
                self.custody.reload();
                self.refresh_wanted = false;
                self.live = None;
                self.histories = None;
            }
            _ => return Err(Stop { name: self.settings.name.clone(), cause }),
        }
        Ok(self.later(Stream::Live))
    }

    /// What a failed call means, whoever was called.
    pub(super) async fn suffer(&mut self, stream: Stream, why: CallError) -> Next {
        let failure = match why {
            CallError::Failed(failure) => failure,
            CallError::Broken(text) => Failure::Protocol(text),
            why => {
                self.problem(stream, Kind::FirstPartyGeneric, format!("the component failed: {why}"), Remedy::Wait).await;
                return self.later(stream);
            }
        };
        let text = describe(&failure);
        match failure {
            Failure::Throttled(wait) => {
                self.problem(stream, Kind::ThirdPartyGeneric, text, Remedy::Wait).await;
                let wait = match wait {
                    Some(wait) => Duration::from_millis(wait),
                    None => self.backoff_of(stream).failed(),
                };
                // One grant, one meter: the other backfills wait with it.
                self.history_due = self.history_due.max(self.clock.now().plus(wait));
                self.wait(stream, wait)
            }
            Failure::Unavailable(_) | Failure::Protocol(_) => {
                self.problem(stream, Kind::ThirdPartyGeneric, text, Remedy::Wait).await;
                self.later(stream)
            }
            Failure::Expired if self.custody.renewable().is_some_and(|version| self.renewed_for_refusal != Some(version)) => {
                self.refresh_wanted = true;
                Next::AtOnce
            }
            Failure::Expired => {
                let message = format!("the vendor refuses the access token of source `{}`: {}", self.settings.name, self.custody.remedy());
                self.problem(stream, Kind::ThirdPartyConfig, message, Remedy::Authorize).await;
                // A person may set new tokens in the configuration: they are looked for before the next try.
                self.custody.reload();
                self.wait_for_person(stream, self.settings.interval)
            }
            Failure::Unauthorized(_) | Failure::Forbidden(_) => {
                self.problem(stream, Kind::ThirdPartyConfig, text, Remedy::Authorize).await;
                self.custody.reload();
                self.wait_for_person(stream, PATIENCE)
            }
            Failure::Invalid(_) => {
                self.problem(stream, Kind::ThirdPartyConfig, text, Remedy::Configure).await;
                self.wait_for_person(stream, PATIENCE)
            }
        }
    }

    /// Tries again by the backoff of the stream.
    pub(super) fn later(&mut self, stream: Stream) -> Next {
        let wait = self.backoff_of(stream).failed();
        self.wait(stream, wait)
    }

    /// Tries again ever less often, at most by `at_most`: only a person can help, but the vendor may have erred.
    pub(super) fn wait_for_person(&mut self, stream: Stream, at_most: Duration) -> Next {
        let backoff = self.backoff_of(stream);
        let nominal = Duration::from_secs(30).saturating_mul(2_u32.saturating_pow(backoff.attempts().min(10)));
        backoff.failed();
        self.wait(stream, nominal.min(at_most.max(Duration::from_secs(1))))
    }

    fn backoff_of(&mut self, stream: Stream) -> &mut Backoff {
        match stream {
            Stream::Live => &mut self.backoff,
            Stream::History(id) => &mut self.hindrances.of(id, self.clock.now()).backoff,
        }
    }

    /// A backfill that fails holds only itself up; where the live stream does, everything waits.
    fn wait(&mut self, stream: Stream, wait: Duration) -> Next {
        let now = self.clock.now();
        let due = now.plus(wait);
        match stream {
            Stream::Live => {
                (self.live_due, self.history_due) = (due, due);
                Next::At(due)
            }
            Stream::History(id) => {
                let held = self.hindrances.of(id, now);
                held.due = due;
                held.tries = held.tries.saturating_add(1);
                let next = self.next_history(now).map_or(self.live_due, |(_, due)| due.min(self.live_due));
                if next <= now { Next::AtOnce } else { Next::At(next) }
            }
        }
    }

    /// Whether one more line of this source may be logged; says what was left out before.
    pub(super) fn may_say(&mut self, now: Instant) -> bool {
        match self.voice.ask(now) {
            Say::Nothing => return false,
            Say::After(0) => {}
            Say::After(unsaid) => tracing::warn!(source = %self.settings.name, unsaid, "this source said too much: lines were left out"),
        }
        true
    }

    /// Records a problem, of a backfill beside what is said of the source; logs it where it is new. Returns whether it is.
    pub(super) async fn problem(&mut self, stream: Stream, kind: Kind, message: String, remedy: Remedy) -> bool {
        let now = self.clock.now();
        let new = match stream {
            Stream::Live => self.status.fail(kind, message, remedy, now),
            Stream::History(id) => {
                let new = self.hindrances.of(id, now).fail(kind, format!("backfill {id}: {message}"), remedy, now);
                self.status.backfills = self.hindrances.problems();
                new
            }
        };
        let say = new && self.may_say(now);
        if new {
            // Before it is said: who reads the log and then asks for the status finds it there.
            self.show().await;
        }
        let recorded = match stream {
            Stream::Live => self.status.problem.as_ref(),
            Stream::History(id) => self.status.backfills.get(&id),
        };
        if let (true, Some(problem)) = (new, recorded) {
            let text = brief(&problem.message, LINE);
            if !say {
                tracing::debug!(source = %self.settings.name, ?kind, "{text}");
            } else if remedy != Remedy::Wait {
                tracing::error!(source = %self.settings.name, ?kind, "{text}");
            } else {
                tracing::warn!(source = %self.settings.name, ?kind, "{text}");
            }
        }
        new
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
        Failure::Unavailable(text)
        | Failure::Unauthorized(text)
        | Failure::Forbidden(text)
        | Failure::Invalid(text)
        | Failure::Protocol(text) => text.clone(),
    }
}
