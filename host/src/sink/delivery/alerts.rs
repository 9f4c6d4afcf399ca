//! The worker that brings alerts to one sink: follows the outbox as a [`Delivery`](super::Delivery) follows the log.
//!
//! What always holds: a line leaves the outbox after the sink accepted it (I2), and what was accepted is written down before
//! anything else is sent. A line that is refused by itself is set aside, kept and logged, but only where the sink accepts
//! others: where it is not known whether it does, the lines behind are tried, one by one, and once one is accepted those before it
//! once more. Where it refuses them all, it is the sink that needs a person, and they wait. A line that alone is too large is guilty
//! by itself. How that goes is noted beside how its events do.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::{
    Allowance, Next, State, Status, Trouble,
    load::fit,
    pace::{Pause, Urgency},
    status::Board,
};
use crate::{
    clock::Clock,
    model::{Lane, Seq, SinkName, SourceName},
    neutral,
    sink::{Batch, BatchLimits, Line, Mask, Outcome, Sink},
    store::{Store, StoreError, StoreErrorKind, blocking},
};

/// Lines set aside, or suspected, in a row before the sink itself is doubted.
const ASIDE: u32 = 3;

/// Brings alerts to one sink.
pub struct AlertDelivery {
    name: SinkName,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    sink: Box<dyn Sink>,
    allowance: Allowance,
    mask: Option<Mask>,
    /// Of which sources it brings lines. None: of all.
    of: Option<Vec<SourceName>>,
    pause: Pause,
    /// Lines sent at once: fewer while it is sought which of them is refused.
    most: usize,
    /// Lines that may still be set aside before one is accepted. None before the first that was.
    aside: u32,
    /// The same of lines that are too large.
    large: u32,
    /// Lines refused by themselves, oldest first, while it is sought whether the sink accepts one behind them. And why.
    suspects: Vec<(i64, String)>,
    unsaved: Option<Unsaved>,
    board: Board,
}

#[derive(Clone, Debug)]
enum Unsaved {
    Sent(Vec<i64>),
    Aside(i64, String),
}

impl std::fmt::Debug for AlertDelivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlertDelivery").field("name", &self.name).finish_non_exhaustive()
    }
}

impl AlertDelivery {
    /// A worker for this sink, which is nobody else's.
    pub fn new(name: SinkName, store: Arc<dyn Store>, clock: Arc<dyn Clock>, sink: Box<dyn Sink>) -> Self {
        let (pause, most) = (Pause::new(name.as_str()), sink.limits().events);
        Self {
            board: Board::alerts(name.clone()),
            name,
            store,
            clock,
            sink,
            allowance: Allowance::default(),
            mask: None,
            of: None,
            pause,
            most,
            aside: 0,
            large: ASIDE,
            suspects: Vec::new(),
            unsaved: None,
        }
    }

    /// The same, counted in what the sink may be sent, though it does not wait for that.
    pub fn counted_in(self, allowance: Allowance) -> Self {
        Self { allowance, ..self }
    }

    /// The same, sending pseudonyms for what that masks, if anything.
    pub fn masked_by(self, mask: Option<Mask>) -> Self {
        Self { mask, ..self }
    }

    /// The same, bringing lines of these sources alone: the others stay where they are.
    pub fn only(self, of: Vec<SourceName>) -> Self {
        Self { of: Some(of), ..self }
    }

    /// The sink's name.
    pub fn name(&self) -> &SinkName {
        &self.name
    }

    /// How it is doing, now and later. Also written to the store as `sink/<name>/alerts`.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.board.subscribe()
    }

    /// Steps until `shutdown`. `wake` is notified when there is something to tell.
    pub async fn run(mut self, shutdown: CancellationToken, wake: Arc<Notify>) -> Result<(), StoreError> {
        while !shutdown.is_cancelled() {
            let woken = wake.notified();
            tokio::pin!(woken);
            // From here on no wake is missed, also not one during the step.
            woken.as_mut().enable();
            match self.step().await? {
                Next::AtOnce => tokio::task::yield_now().await,
                Next::Idle => tokio::select! { () = shutdown.cancelled() => {}, () = woken => {} },
                Next::At(at) => tokio::select! { () = shutdown.cancelled() => {}, () = self.clock.sleep_until(at) => {} },
            }
        }
        Ok(())
    }

    /// At most one attempt to deliver. An error means that the store cannot be used any more. Dropping the future counts as a
    /// crash.
    pub async fn step(&mut self) -> Result<Next, StoreError> {
        if let Some(at) = self.pause.waiting(self.clock.now()) {
            return Ok(Next::At(at));
        }
        let next = match self.advance().await {
            Err(why) if why.kind == StoreErrorKind::Retry => self.wait(State::Retrying, Urgency::Soon, None, &why.to_string()),
            done => done?,
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
        let BatchLimits { bytes, .. } = self.sink.limits();
        let (name, of, suspect) = (self.name.clone(), self.of.clone(), self.suspects.last().cloned());
        let (behind, most) = suspect.as_ref().map_or((0, self.most.max(1)), |(id, _)| (*id, 1));
        let waiting = blocking(&self.store, move |store| store.outbox_behind(&name, behind, of.as_deref(), most, bytes)).await?;
        let Some(source) = waiting.first().map(|line| line.source.clone()) else {
            return Ok(match suspect {
                // There is nothing to tell the line from the sink by.
                Some((_, reason)) => self.doubt(&reason),
                None => {
                    self.pause.reset();
                    self.board.idle();
                    Next::Idle
                }
            });
        };
        let mut lines = Vec::with_capacity(waiting.len());
        for line in waiting {
            let masked = match &self.mask {
                None => line,
                Some(mask) => mask.dispatch(line).await?,
            };
            lines.push(Line { seq: Seq(masked.id), action: masked.policy, bytes: Bytes::from(masked.body) });
        }
        if self.mask.is_some() {
            fit(&mut lines, self.sink.limits());
        }
        let ids: Vec<i64> = lines.iter().map(|line| line.seq.0).collect();
        self.allowance.charge(self.clock.now(), lines.iter().map(|line| line.bytes.len() + 1).sum());
        self.board.attempt();
        let outcome = self.sink.deliver(Batch { source: &source, lane: Lane::Live, events: &lines }).await;
        self.board.outcome(&outcome);
        let next = self.settle(outcome, ids);
        self.save().await?;
        Ok(next)
    }

    fn settle(&mut self, outcome: Outcome, ids: Vec<i64>) -> Next {
        match outcome {
            Outcome::Accepted { warning } => {
                self.board.accepted(self.clock.now(), ids.len(), warning.map(|warning| neutral::brief(&warning, 500)));
                self.pause.reset();
                (self.aside, self.large) = (ASIDE, ASIDE);
                self.most = match self.suspects.is_empty() {
                    true => self.most.saturating_mul(2).min(self.sink.limits().events),
                    // The sink accepts others: those it refused are tried by themselves once more, and are guilty now.
                    false => 1,
                };
                self.suspects.clear();
                self.unsaved = Some(Unsaved::Sent(ids));
                Next::AtOnce
            }
            Outcome::Retry { after, reason, .. } => self.wait(State::Retrying, Urgency::Soon, after, &reason),
            Outcome::Paused { reason } => self.wait(State::Paused, Urgency::Rarely, None, &reason),
            Outcome::TooLarge => self.narrow(&ids, "it is too large", |this| &mut this.large),
            Outcome::Refused { reason } => self.narrow(&ids, &reason, |this| &mut this.aside),
        }
    }

    /// Something in these lines is not taken: fewer of them, down to the one. `left`: how many like it may be set aside.
    fn narrow(&mut self, ids: &[i64], reason: &str, left: fn(&mut Self) -> &mut u32) -> Next {
        let reason = neutral::brief(reason, 500);
        match ids {
            [id] if *left(self) > 0 => {
                *left(self) -= 1;
                tracing::error!(sink = %self.name, "a line about an alert was refused and is set aside: {reason}");
                self.unsaved = Some(Unsaved::Aside(*id, reason));
                Next::AtOnce
            }
            [id] if self.suspects.len() + 1 < ASIDE as usize => {
                self.suspects.push((*id, reason));
                Next::AtOnce
            }
            [_] | [] => self.doubt(&reason),
            several => {
                self.most = several.len() / 2;
                Next::AtOnce
            }
        }
    }

    /// It is the sink: all lines wait, and the oldest is tried first again.
    fn doubt(&mut self, reason: &str) -> Next {
        self.suspects.clear();
        self.wait(State::Down, Urgency::Rarely, None, reason)
    }

    async fn save(&mut self) -> Result<(), StoreError> {
        let Some(unsaved) = self.unsaved.clone() else { return Ok(()) };
        let saved = blocking(&self.store, move |store| match &unsaved {
            Unsaved::Sent(ids) => store.dispatched(ids),
            Unsaved::Aside(id, reason) => store.set_aside(*id, reason),
        });
        saved.await?;
        self.unsaved = None;
        Ok(())
    }

    /// `kind` makes the state of what is in the way.
    fn wait(&mut self, kind: fn(Trouble) -> State, urgency: Urgency, after: Option<Duration>, reason: &str) -> Next {
        let now = self.clock.now();
        let next = self.pause.fail(now, after, urgency);
        self.board.trouble(kind, now, neutral::brief(reason, 500), next);
        Next::At(next)
    }
}
