//! The host of an ordeal, as long as it lives.

use std::sync::Arc;

use miro_source::{
    clock::{Clock, SteppedClock},
    model::Instant,
    schedule::{self, Worker},
    sink::{self, Delivery},
    store::Store,
};

use super::{fuse::Fuse, plan::Crash};

/// The host, as long as it lives.
pub(super) struct Running {
    pub(super) worker: Worker,
    pub(super) delivery: Delivery,
    pub(super) store: Arc<dyn Store>,
    pub(super) fuse: Fuse,
    /// What it will die of.
    pub(super) crash: Option<Crash>,
    pub(super) poll: Instant,
    pub(super) send: Instant,
    /// Parked events are tried again.
    pub(super) asked: bool,
}

impl Running {
    /// One step of the worker, or else of the delivery.
    pub(super) async fn step(&mut self, polls: bool, clock: &SteppedClock) -> anyhow::Result<()> {
        if polls {
            let next = self.worker.step().await?;
            self.poll = match next {
                schedule::Next::AtOnce => clock.now(),
                schedule::Next::At(at) => at,
            };
            if self.send == Instant::FAR {
                // There may be something to deliver now.
                self.send = clock.now();
            }
        } else {
            self.send = match self.delivery.step().await? {
                sink::Next::AtOnce => clock.now(),
                sink::Next::Idle => Instant::FAR,
                sink::Next::At(at) => at,
            };
        }
        Ok(())
    }
}
