//! A sink that sends to the simulated Sumo Logic without a socket. The body and the judgement are the real sink's.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use miro_source::{
    clock::{Clock, SteppedClock},
    sink::{
        Batch, BatchLimits, Outcome, Sink, SinkError,
        sumo::{
            answer::{self, Answer},
            body,
        },
    },
};
use simulator::{Delivery, World};

use super::{draw::Dice, fuse::Fuse, plan::Sabotage, trace::Trace, verdict::Tally};

const HOST: &str = "collectors.sumologic.com";
/// How long the real one waits for an answer, and how much of it it reads.
const PATIENCE: u64 = 60_000;
const ANSWER: usize = 4096;

/// Sends to the world of one ordeal.
pub(super) struct Receiver {
    pub(super) world: World,
    pub(super) clock: SteppedClock,
    pub(super) fuse: Fuse,
    pub(super) trace: Trace,
    pub(super) tally: Tally,
    pub(super) dice: Dice,
    pub(super) limits: BatchLimits,
    pub(super) sabotage: Sabotage,
}

impl Receiver {
    async fn send(&self, batch: Batch<'_>) -> Outcome {
        let events = batch.events.len() as u64;
        if self.sabotage == Sabotage::Pretends && self.dice.strikes(1.0 / 7.0) {
            return Outcome::Accepted { warning: None };
        }
        let request = match self.request(&batch) {
            Ok(request) => request,
            Err(reason) => return Outcome::Retry { after: None, reason, ambiguous: false },
        };
        let last = || self.trace.note(format!("POST {events} events, {} lane ✝", batch.lane));
        let act = || {
            self.tally.sent(events);
            self.world.sumo(&request, self.clock.now().0)
        };
        let Ok(came) = self.fuse.pass(last, act) else {
            return std::future::pending().await;
        };
        let outcome = self.judge(&came);
        self.trace.note(format!("POST {events} events, {} lane → {} {:?}: {}", batch.lane, came.status, came.delivery, name(&outcome)));
        match &outcome {
            Outcome::Accepted { .. } => {}
            Outcome::Retry { ambiguous: true, .. } => self.tally.doubtful(events),
            _ => self.tally.refused(events),
        }
        outcome
    }

    fn request(&self, batch: &Batch<'_>) -> Result<http::Request<Bytes>, String> {
        let body = body::encode(batch.events).map_err(|why| why.to_string())?;
        http::Request::post(format!("https://{HOST}{}", self.world.sumo_path()))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("content-encoding", "gzip")
            .header("x-sumo-client", "miro-source")
            .header("x-sumo-category", "miro")
            .body(body)
            .map_err(|why| why.to_string())
    }

    /// What the real sink would make of an answer that goes out like this.
    fn judge(&self, came: &simulator::Answer) -> Outcome {
        let broken = |what: &str| Outcome::Retry { after: None, reason: format!("failed to reach {HOST}: {what}"), ambiguous: true };
        let mut said = came.body.to_vec();
        match came.delivery {
            Delivery::Reset | Delivery::Lost => return broken("reset by peer"),
            Delivery::Truncated(_) if matches!(came.status, 200 | 204) => return broken("the answer broke off"),
            Delivery::Truncated(after) => said.truncate(after),
            Delivery::Delayed(ms) => {
                self.clock.step_to(self.clock.now().plus(std::time::Duration::from_millis(ms.min(PATIENCE))));
                if ms >= PATIENCE {
                    return broken("no answer in time");
                }
            }
            Delivery::Giant(bytes) => said.resize(usize::try_from(bytes).unwrap_or(ANSWER).clamp(said.len(), ANSWER), b' '),
            Delivery::Whole | Delivery::Slow(..) => {}
        }
        let text = |name| came.headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let retry_after = answer::retry_after(text(http::header::RETRY_AFTER), text(http::header::DATE));
        let body = said.get(..ANSWER).unwrap_or(&said);
        answer::judge(HOST, &Answer { status: came.status, retry_after, body })
    }
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Retry { ambiguous: true, .. } => "again, who knows",
        Outcome::Retry { .. } => "again",
        Outcome::Paused { .. } => "paused",
        Outcome::TooLarge => "too large",
        Outcome::Refused { .. } => "refused",
    }
}

impl Sink for Receiver {
    fn deliver<'a>(&'a mut self, batch: Batch<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(self.send(batch))
    }

    fn limits(&self) -> BatchLimits {
        self.limits
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>> {
        Box::pin(async { Ok(format!("{HOST} answers")) })
    }
}
