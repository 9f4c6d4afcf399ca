//! Polling with a candidate: its pages are held, and stored only once it is current.

use std::{sync::Arc, time::Duration};

use audit_pipeline::{
    source::{self, Page},
    types::Failure,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Next, Worker, describe};
use crate::{
    kill_point::KillPoint,
    model::{Instant, Stream},
    neutral::visible,
    runtime::{CallError, Generation},
    store::StoreError,
    swap::Canary,
};

/// A poll may be longer than is worth holding: so many pages, or bytes of records, have shown enough.
const PAGES: usize = 20;
const BYTES: usize = 16 << 20;
/// How often a canary may find the vendor unavailable before somebody else is asked another time.
const TRIES: u32 = 5;

/// What a canary has read.
pub(super) struct Held {
    canary: Arc<Canary>,
    pages: Vec<Page>,
    bytes: usize,
    /// Where its next step begins.
    checkpoint: Option<String>,
    tries: u32,
}

impl Held {
    pub(super) fn is_of(&self, canary: &Arc<Canary>) -> bool {
        Arc::ptr_eq(&self.canary, canary)
    }
}

impl Worker {
    /// One step of a poll with a candidate. Nothing of it is stored unless it becomes current.
    pub(super) async fn rehearse(
        &mut self,
        canary: Arc<Canary>,
        base: &Arc<Generation>,
        token: &SecretString,
        now: Instant,
    ) -> Result<Next, StoreError> {
        let mut held = match self.held.take() {
            Some(held) => held,
            None => Held { canary: Arc::clone(&canary), pages: Vec::new(), bytes: 0, checkpoint: None, tries: 0 },
        };
        let checkpoint = match held.checkpoint.take() {
            Some(checkpoint) => checkpoint,
            None => match self.checkpoint(Stream::Live, base).await? {
                Ok(checkpoint) => checkpoint,
                Err(why) => return self.failed(Stream::Live, why).await,
            },
        };
        let source = self.source.pinned(Arc::clone(&canary.generation));
        match source.collect(token.expose_secret(), &checkpoint, now).await {
            Ok(page) => {
                KillPoint::Rehearsed.pass();
                let next = page.next;
                held.bytes = held.bytes.saturating_add(page.events.iter().map(|event| event.record.len()).sum());
                held.checkpoint = Some(page.checkpoint.clone());
                held.pages.push(page);
                if matches!(next, source::Next::CaughtUp) || held.pages.len() >= PAGES || held.bytes >= BYTES {
                    return self.promote(held).await;
                }
                self.held = Some(held);
                Ok(match next {
                    source::Next::After(wait) => Next::At(now.plus(Duration::from_millis(wait))),
                    _ => Next::AtOnce,
                })
            }
            Err(CallError::Failed(Failure::Expired)) if self.custody.renewable().is_some() && !self.refresh_wanted && held.tries == 0 => {
                // By the current generation, on the next step.
                self.refresh_wanted = true;
                held.tries = 1;
                held.checkpoint = Some(checkpoint);
                self.held = Some(held);
                Ok(Next::AtOnce)
            }
            Err(CallError::Failed(failure @ (Failure::Unavailable(_) | Failure::Throttled(_)))) if held.tries < TRIES => {
                held.tries += 1;
                held.checkpoint = Some(checkpoint);
                self.held = Some(held);
                let wait = if let Failure::Throttled(Some(wait)) = failure { Duration::from_millis(wait) } else { self.backoff.failed() };
                Ok(Next::At(now.plus(wait)))
            }
            Err(why) => {
                let text = match &why {
                    CallError::Failed(failure) => describe(failure),
                    why => why.to_string(),
                };
                // A vendor that is down says nothing about the candidate.
                let lasting = !matches!(&why, CallError::Failed(Failure::Unavailable(_) | Failure::Throttled(_) | Failure::Expired));
                let reason = format!("source `{}` polled with it: {}", self.settings.name, visible(&text));
                self.slot.withdraw(&canary, reason, lasting).await;
                Ok(Next::AtOnce)
            }
        }
    }

    /// The poll was complete: the candidate becomes current, and what was held is stored as what it is.
    async fn promote(&mut self, held: Held) -> Result<Next, StoreError> {
        let now = self.clock.now();
        if self.slot.promote(&held.canary, &self.store, now).await?.is_none() {
            // Withdrawn meanwhile: as if it had never been.
            return Ok(Next::AtOnce);
        }
        KillPoint::Promoted.pass();
        self.turn();
        let mut next = Next::AtOnce;
        for page in held.pages {
            next = self.commit(Stream::Live, page).await?;
        }
        Ok(next)
    }
}
