//! The worker of one sink: follows the log, hands batches to the sink, and does what their outcome says.
//!
//! Everything happens in [`Delivery::step`]: at most one attempt to deliver, no waiting, no task of its own, so that a
//! runner can drive it by hand and stop it between any two steps. [`Delivery::run`] is the loop around it.
//!
//! What always holds:
//!
//! - **The cursor follows acceptance (I3).** It moves over a contiguous beginning of the log that was accepted or parked, in
//!   one transaction with what was parked. A cursor that could not be saved is saved before anything else is sent.
//! - **Twice only where nobody can know (I2).** After a crash or an ambiguous answer, at most the one batch that was in
//!   flight is sent again.
//! - **Nothing masked leaves.** What a sink is to get as a pseudonym is one before it is in a batch.
//! - **It never gives up (I8).** What may heal is tried for ever, at most five minutes apart; what needs a person is tried
//!   too, rarely.
//! - **Parking is the exception.** An event is parked when it alone is refused while others of its batch were accepted, or
//!   when it alone is too large. With three parked in ten minutes the sink counts as down and nothing more is parked until it
//!   accepts what it refused. Likewise of parked events that are to be tried again: after a few in a row that were refused alone
//!   and nothing that was accepted, the rest stays to be tried again.
//!
//! Memory only holds the batch in flight and counters; after a crash the search for a guilty event begins again.

use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use self::{
    flight::Flight,
    load::{Found, Load},
    pace::{Parking, Pause, Size, Urgency},
    status::Board,
};
use super::{Batch, BatchLimits, Mask, Sieve, Sink, sieve::Sifted};
use crate::{
    clock::Clock,
    kill_point::KillPoint,
    model::{Instant, Lane, Seq, SinkName, SourceName},
    neutral,
    store::{Parked, Store, StoreError, StoreErrorKind, blocking},
    trace::span,
};

mod alerts;
mod allowance;
mod flight;
mod follow;
mod load;
mod pace;
mod status;
#[cfg(test)]
mod tests;

pub use alerts::AlertDelivery;
pub use allowance::Allowance;
pub use load::{Convert, Lines};
pub use status::{Outcomes, State, Status, Trouble};

/// When to step again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Now.
    AtOnce,
    /// When the log has new events, or an operator wants parked ones tried again.
    Idle,
    /// Not before this moment.
    At(Instant),
}

/// What a delivery is made of.
pub struct Parts {
    /// The sink's name.
    pub name: SinkName,
    /// Whose events it gets.
    pub sources: Vec<SourceName>,
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where they go.
    pub sink: Box<dyn Sink>,
    /// As what.
    pub lines: Lines,
}

/// The worker of one sink.
pub struct Delivery {
    name: SinkName,
    sources: Vec<SourceName>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    sink: Box<dyn Sink>,
    lines: Lines,
    allowance: Allowance,
    sieve: Option<Sieve>,
    mask: Option<Mask>,
    /// Dropped, and not yet passed by the cursor.
    dropped: Vec<(Seq, String)>,
    load: Option<Load>,
    /// Settled, but not yet in the store.
    unsaved: Option<Unsaved>,
    /// Index of the source whose turn it is.
    turn: usize,
    pause: Pause,
    size: Size,
    parking: Parking,
    /// How many parked events are tried at once: half as many after a refusal, twice as many after an acceptance.
    together: usize,
    /// Refusals since the last acceptance.
    doubt: usize,
    /// The same of parked events that were refused alone, once more.
    again: usize,
    board: Board,
}

#[derive(Clone, Debug)]
enum Unsaved {
    Advance { source: SourceName, lane: Lane, to: Seq, parked: Vec<Parked> },
    Again { accepted: Vec<Seq>, refused: Vec<Parked> },
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").field("name", &self.name).field("sources", &self.sources).finish_non_exhaustive()
    }
}

impl Delivery {
    /// A worker that begins where the store says.
    pub fn new(parts: Parts) -> Self {
        let Parts { name, sources, store, clock, sink, lines } = parts;
        Self {
            pause: Pause::new(name.as_str()),
            size: Size::new(sink.limits()),
            board: Board::events(name.clone()),
            name,
            sources,
            store,
            clock,
            sink,
            lines,
            allowance: Allowance::default(),
            sieve: None,
            mask: None,
            dropped: Vec::new(),
            load: None,
            unsaved: None,
            turn: 0,
            parking: Parking::default(),
            together: usize::MAX,
            doubt: 0,
            again: 0,
        }
    }

    /// The same, sending no more than that.
    pub fn within(self, allowance: Allowance) -> Self {
        Self { allowance, ..self }
    }

    /// The same, passing over what that drops.
    pub fn sifted_by(self, sieve: Sieve) -> Self {
        self.board.filters(sieve.names());
        Self { sieve: Some(sieve), ..self }
    }

    /// The same, sending pseudonyms for what that masks, if anything.
    pub fn masked_by(self, mask: Option<Mask>) -> Self {
        Self { mask, ..self }
    }

    /// The sink's name.
    pub fn name(&self) -> &SinkName {
        &self.name
    }

    /// Whose events it gets.
    pub fn sources(&self) -> &[SourceName] {
        &self.sources
    }

    /// The uncompressed bytes that it is sent in a minute, where that is limited.
    pub fn max_rate(&self) -> Option<u64> {
        self.allowance.rate()
    }

    /// How it is doing, now and later. Also written to the store as `sink/<name>`.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.board.subscribe()
    }

    /// Steps until `shutdown`, then ends after the step under way: an attempt is not cut short, since its outcome would be
    /// lost (abort the task where that takes too long). `wake` is notified when the log has new events.
    pub async fn run(mut self, shutdown: CancellationToken, wake: Arc<Notify>) -> Result<(), StoreError> {
        while !shutdown.is_cancelled() {
            let woken = wake.notified();
            tokio::pin!(woken);
            // From here on no wake is missed, also not one during the step.
            woken.as_mut().enable();
            match self.step().await? {
                Next::AtOnce => tokio::task::yield_now().await,
                Next::Idle => tokio::select! { () = shutdown.cancelled() => {}, () = woken => {} },
                // What is new may be more urgent than what waits for its turn.
                Next::At(at) => tokio::select! { () = shutdown.cancelled() => {}, () = woken => {}, () = self.clock.sleep_until(at) => {} },
            }
        }
        Ok(())
    }

    /// At most one attempt to deliver, and what follows from it. An error means that the store cannot be used any more:
    /// stop. Dropping the future counts as a crash.
    pub async fn step(&mut self) -> Result<Next, StoreError> {
        if let Some(at) = self.pause.waiting(self.clock.now()) {
            return Ok(Next::At(at));
        }
        let next = match self.advance().await {
            Ok(next) => next,
            Err(why) if why.kind == StoreErrorKind::Retry => self.trouble(State::Retrying, Urgency::Soon, None, why.to_string()),
            Err(why) => return Err(why),
        };
        if let Some((key, value)) = self.board.due(self.clock.now()) {
            match blocking(&self.store, move |store| store.note(&key, &value)).await {
                // Only shown; the next change is written again.
                Err(why) if why.kind == StoreErrorKind::Retry => tracing::debug!(%why, "failed to note the state of a sink"),
                done => done?,
            }
        }
        Ok(next)
    }

    async fn advance(&mut self) -> Result<Next, StoreError> {
        self.save().await?;
        if self.load.is_none()
            && let Some(next) = self.fetch().await?
        {
            return Ok(next);
        }
        let Some(load) = &self.load else { return Ok(Next::AtOnce) };
        let (source, lane, events) = match load {
            Load::Batch(flight) => (&flight.source, flight.lane, flight.front()),
            Load::Again(source, lane, lines) => (source, *lane, lines.as_slice()),
        };
        let bytes = events.iter().map(|line| line.bytes.len() + 1).sum();
        if let Err(at) = self.allowance.take(self.clock.now(), lane, bytes) {
            self.set_down();
            return Ok(Next::At(at));
        }
        self.board.attempt();
        let span = span::delivery(&self.name, &Batch { source, lane, events }, bytes, self.board.attempts());
        let outcome = self.sink.deliver(Batch { source, lane, events }).instrument(span.clone()).await;
        span::delivered(&span, &outcome);
        drop(span);
        self.board.outcome(&outcome);
        if matches!(outcome, super::Outcome::Accepted { .. }) {
            KillPoint::Accepted.pass();
        }
        let next = self.settle(outcome, bytes);
        self.save().await?;
        Ok(next)
    }

    /// Writes down what is settled.
    async fn save(&mut self) -> Result<(), StoreError> {
        let Some(unsaved) = self.unsaved.clone() else { return Ok(()) };
        let name = self.name.clone();
        let saved = blocking(&self.store, move |store| match &unsaved {
            Unsaved::Advance { source, lane, to, parked } => store.advance(&name, source, *lane, *to, parked),
            Unsaved::Again { accepted, refused } => store.unpark(&name, accepted, refused),
        });
        saved.await?;
        KillPoint::CursorMoved.pass();
        self.unsaved = None;
        Ok(())
    }

    /// Finds something to deliver. `Some`: there is nothing to attempt in this step.
    async fn fetch(&mut self) -> Result<Option<Next>, StoreError> {
        let (name, sources, turn, together) = (self.name.clone(), self.sources.clone(), self.turn, self.together);
        let limits = BatchLimits { bytes: self.allowance.batch(self.size.limits().bytes), ..self.size.limits() };
        let found = blocking(&self.store, move |store| load::look(store, &name, &sources, turn, limits, together)).await?;
        let (source, lane, events, again) = match found {
            Found::Nothing => {
                self.pause.reset();
                self.board.idle();
                return Ok(Some(Next::Idle));
            }
            Found::Events(index, lane, events) => {
                let Some(source) = self.sources.get(index).cloned() else { return Ok(Some(Next::AtOnce)) };
                self.turn = (index + 1) % self.sources.len().max(1);
                (source, lane, events, false)
            }
            Found::Parked(source, lane, events) => (source, lane, events, true),
            Found::Lost(parked) => {
                self.refused_again(&parked.source, parked.seq, "its record is no longer kept");
                return Ok(Some(Next::AtOnce));
            }
        };
        let last = events.last().map(|event| event.seq);
        let sifted = match &self.sieve {
            Some(sieve) if !again => match sieve.sift(&source, events).await {
                Ok(sifted) => sifted,
                Err(why) => {
                    let reason = format!("failed to read events for its filters: {}", neutral::brief(&why, 500));
                    return Ok(Some(self.trouble(State::Retrying, Urgency::Soon, None, reason)));
                }
            },
            _ => Sifted { kept: events, dropped: Vec::new() },
        };
        self.dropped = sifted.dropped;
        let events = sifted.kept;
        if let (true, Some(to)) = (events.is_empty(), last) {
            self.pass(source, lane, to, Vec::new());
            return Ok(Some(Next::AtOnce));
        }
        let mut made = match self.lines.make(&source, events, self.mask.as_ref()).await {
            Ok(made) => made,
            Err(why) => {
                let reason = format!("failed to convert events: {}", neutral::brief(&why, 500));
                return Ok(Some(self.trouble(State::Retrying, Urgency::Soon, None, reason)));
            }
        };
        load::fit(&mut made.lines, limits);
        match made.broken {
            Some((seq, why)) if made.lines.is_empty() && again => {
                self.refused_again(&source, seq, &neutral::brief(&why, 500));
                return Ok(Some(Next::AtOnce));
            }
            Some((seq, why)) if made.lines.is_empty() => return Ok(Some(self.unconvertible(source, lane, seq, &why))),
            _ => {}
        }
        self.load = Some(if again { Load::Again(source, lane, made.lines) } else { Load::Batch(Flight::new(source, lane, made.lines)) });
        Ok(None)
    }
}
