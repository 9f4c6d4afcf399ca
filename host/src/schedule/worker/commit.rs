//! What becomes of a page: stored with its checkpoint and what is known of its addresses, its notes heeded, the next step dated.

use std::{sync::Arc, time::Duration};

use audit_pipeline::source::{self, Note, Page, Reading};

use super::{Next, Worker, voice::LINE};
use crate::{
    backoff::spread,
    kill_point::KillPoint,
    model::{Instant, Lane, Stream},
    neutral::brief,
    schedule::state::{Kind, Meter, Remedy, State},
    store::{self, StoreError, StoreErrorKind, blocking},
    trace::span,
};

/// The vendor's clock may be off by so much before an operator hears of it.
const CLOCK_WARNS: Duration = Duration::from_secs(60);
/// And by so much before it counts as an error.
const CLOCK_FAILS: Duration = Duration::from_secs(600);

/// No vendor's meter takes longer to fill up again.
const METER: Duration = Duration::from_secs(60);

/// So many pages in a row may bring nothing new and ask for the next one at once: more than the longest honest revisit of a
/// busy organization takes. What goes on like that is slowed down to a step in so long; ten times as many have no end.
const IDLE: u32 = 1000;
const IDLE_STEP: Duration = Duration::from_millis(100);
const ENDLESS_STEP: Duration = Duration::from_secs(1);

impl Worker {
    pub(super) async fn commit(&mut self, stream: Stream, page: Page) -> Result<Next, StoreError> {
        let now = self.clock.now();
        let lane = match (stream, page.reading) {
            (Stream::History(_), _) => Lane::History,
            (Stream::Live, Reading::Live) => Lane::Live,
            (Stream::Live, Reading::Revisit | Reading::Fixed) => Lane::Late,
        };
        let finished = matches!(page.next, source::Next::Finished);
        let gaps: Vec<_> = page.notes.iter().filter_map(|note| if let Note::Gap(gap) = note { Some(gap.clone()) } else { None }).collect();
        let (name, checkpoint) = (self.settings.name.clone(), page.checkpoint.clone());
        let (through, events, generation) = (Instant(page.through), page.events, self.serving.number);
        let enricher = Arc::clone(&self.enricher);
        let span = span::commit(&self.settings.name, lane);
        let done = blocking(&self.store, move |store| {
            let known = enricher.page(&name, &events);
            store.commit(&store::Page {
                source: &name,
                stream,
                lane,
                received: now,
                events: &events,
                known: &known,
                checkpoint: &checkpoint,
                through,
                gaps: &gaps,
                finished,
                generation,
            })
        })
        .await;
        match &done {
            Ok(done) => span::committed(&span, done.new, done.known, done.last),
            Err(_) => span::failed(&span),
        }
        // It ends before anybody hears of what it stored.
        drop(span);
        let done = match done {
            Ok(done) => done,
            Err(why) if why.kind == StoreErrorKind::TakenBack => {
                tracing::info!(source = %self.settings.name, "{why}; reading it again");
                self.live = None;
                self.histories = None;
                return Ok(Next::AtOnce);
            }
            Err(why) => {
                // The checkpoint in memory may be ahead of the one in the store.
                self.live = None;
                return Err(why);
            }
        };
        KillPoint::Committed.pass();
        if done.new > 0 {
            self.stored.notify_waiters();
            self.heard.notify_waiters();
        }
        let mended = match stream {
            Stream::Live => {
                self.backoff.reset();
                false
            }
            Stream::History(id) => {
                let mended = self.hindrances.mended(id);
                self.status.backfills = self.hindrances.problems();
                mended
            }
        };
        self.renewed_for_refusal = None;
        self.status.pages += 1;
        self.status.events += done.new;
        self.status.known += done.known;
        let idle = done.new == 0 && matches!(page.next, source::Next::AtOnce);
        self.idle_steps = if idle { self.idle_steps.saturating_add(1) } else { 0 };
        let entered = self.heed(&page.notes, now).await;
        tracing::debug!(source = %self.settings.name, %lane, new = done.new, known = done.known, %through, "page stored");
        if stream == Stream::Live {
            self.live = Some(page.checkpoint);
            self.status.watermark = Some(through);
        }
        if matches!(page.next, source::Next::CaughtUp | source::Next::Finished)
            && let Some(number) = generation
            && stream == Stream::Live
        {
            self.slot.polled(number, &self.settings.name, &self.store, now).await?;
        }
        let next = self.after(stream, page.next, now);
        if entered || mended || matches!(page.next, source::Next::CaughtUp | source::Next::Finished) {
            self.show().await;
        }
        Ok(next)
    }

    /// What the component said about the next step.
    fn after(&mut self, stream: Stream, next: source::Next, now: Instant) -> Next {
        let due = match next {
            source::Next::AtOnce if self.idle_steps > 10 * IDLE => now.plus(ENDLESS_STEP),
            source::Next::AtOnce if self.idle_steps > IDLE => now.plus(IDLE_STEP),
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
            Stream::History(_) => {
                self.history_due = due;
                if matches!(next, source::Next::After(_)) && self.status.meter.is_some_and(|meter| meter.remaining == 0) {
                    // A backfill that may use all of it has: a poll now would only be told so.
                    self.live_due = self.live_due.max(due.min(now.plus(METER)));
                }
            }
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
                Note::Gap(gap) if self.may_say(now) => tracing::error!(
                    source = %self.settings.name,
                    from = %Instant(gap.start), to = %Instant(gap.end), cause = %brief(&gap.cause, LINE),
                    "a stretch of time cannot be read; recorded as a gap"
                ),
                // Stored, counted, not logged: there were too many.
                Note::Gap(_) => {}
                Note::Clock(offset) => {
                    let off = Duration::from_millis(offset.unsigned_abs());
                    let warned = self.status.clock_offset.is_some_and(|before| before.unsigned_abs() >= 60_000);
                    self.status.clock_offset = Some(*offset);
                    let direction = if *offset > 0 { "behind" } else { "ahead of" };
                    let text = format!("this machine's clock is {} s {direction} the vendor's: set it right (NTP)", off.as_secs());
                    if off >= CLOCK_FAILS {
                        clock_problem = Some(text);
                    } else if off >= CLOCK_WARNS && !warned && self.may_say(now) {
                        tracing::warn!(source = %self.settings.name, "{text}");
                    }
                }
                Note::Meter(meter) => {
                    self.status.meter = Some(Meter { limit: meter.limit, remaining: meter.remaining, reset: meter.reset.map(Instant) });
                }
                Note::Warning(text) => {
                    if self.may_say(now) {
                        tracing::warn!(source = %self.settings.name, "{}", brief(text, LINE));
                    }
                }
            }
        }
        match clock_problem {
            Some(text) => self.problem(Stream::Live, Kind::FirstPartyGeneric, text, Remedy::Configure).await,
            None => self.status.enter(State::Collecting, now),
        }
    }
}
