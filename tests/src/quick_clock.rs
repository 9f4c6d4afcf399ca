//! A clock on which a day takes less than a minute. Simulator and host run on the same one, in two processes, so it is
//! three numbers in a file: everything else about the host is as a user runs it.

use std::{path::Path, time::Duration};

use futures_util::future::BoxFuture;
use miro_source::{clock::Clock, model::Instant};
use serde::{Deserialize, Serialize};

const FILE: &str = "clock.json";

/// Begins at `origin` when this machine's clock shows `real`, and runs `speed` times as fast.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct QuickClock {
    /// This machine's time at the beginning.
    pub real: Instant,
    /// The time it shows then.
    pub origin: Instant,
    /// How many times as fast it runs.
    pub speed: u64,
}

impl QuickClock {
    /// Begins now, at `origin`.
    pub fn start(origin: Instant, speed: u64) -> Self {
        Self { real: Instant::system(), origin, speed }
    }

    /// The clock that a folder keeps.
    pub fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()
    }

    /// Keeps it in a folder.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        Ok(std::fs::write(folder.join(FILE), serde_json::to_vec(self)?)?)
    }
}

impl Clock for QuickClock {
    fn now(&self) -> Instant {
        let passed = Instant::system().since(self.real);
        self.origin.plus(passed.saturating_mul(u32::try_from(self.speed).unwrap_or(u32::MAX)))
    }

    fn sleep_until(&self, at: Instant) -> BoxFuture<'static, ()> {
        let speed = u32::try_from(self.speed.max(1)).unwrap_or(u32::MAX);
        let left = at.since(self.now()) / speed;
        Box::pin(async move { tokio::time::sleep(left.saturating_add(Duration::from_millis(1))).await })
    }
}
