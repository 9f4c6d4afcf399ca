//! One run at a time in a state folder.
//!
//! WASI 0.2 has no file locks, and nothing frees what a killed run held. So the run that makes `lock` holds it until the
//! time written in it, which it pushes ahead while it works; a lock past its time belongs to nobody. Before a run writes
//! anything it looks whether the lock is still its own.
//!
//! What this cannot do: two runs that find the same expired lock in the same moment may both go on until one of them looks
//! again, and a machine whose clock is set back by hand may take a lock that is held. Then events may be written twice.

use serde::{Deserialize, Serialize};

use crate::{
    edges::{Clock, Disk},
    exit::{Ended, Result},
};

/// How far ahead a lock is held. A killed run keeps others out no longer than this.
pub const LENGTH: u64 = 120_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    run: String,
    until: u64,
}

/// The right of one run to work in a state folder.
pub struct Lease<'a> {
    disk: &'a dyn Disk,
    clock: &'a dyn Clock,
    path: String,
    run: String,
}

impl<'a> Lease<'a> {
    /// Takes the lock of a folder, or says until when it is held.
    pub fn take(disk: &'a dyn Disk, clock: &'a dyn Clock, folder: &str) -> Result<Self> {
        let run = format!("{}-{}", clock.now(), clock.elapsed());
        let lease = Self { disk, clock, path: format!("{folder}/lock"), run };
        if let Some(there) = disk.read(&lease.path)? {
            let now = clock.now();
            match serde_json::from_slice::<Lock>(&there) {
                Ok(lock) if lock.until > now && lock.until <= now.saturating_add(LENGTH) => return Err(held(folder, lock.until - now)),
                // Expired; half written by a run that was killed; or from before the clock was set back.
                _ => lease.clear(&there, folder)?,
            }
        }
        if disk.create(&lease.path, &lease.text()?)? { Ok(lease) } else { Err(held(folder, LENGTH)) }
    }

    /// Takes an abandoned lock away, unless another run was quicker: then its lock is put back.
    fn clear(&self, expected: &[u8], folder: &str) -> Result<()> {
        let aside = format!("{}.{}", self.path, self.run);
        self.disk.rename(&self.path, &aside)?;
        let taken = self.disk.read(&aside)?.unwrap_or_default();
        if taken == expected {
            self.disk.remove(&aside)?;
            return Ok(());
        }
        self.disk.rename(&aside, &self.path)?;
        Err(held(folder, LENGTH))
    }

    /// Holds on for another [`LENGTH`]. Fails where another run has taken over: nothing may be written then.
    pub fn hold(&self) -> Result<()> {
        self.check()?;
        let scratch = format!("{}.{}", self.path, self.run);
        self.disk.put(&scratch, &self.text()?)?;
        self.disk.rename(&scratch, &self.path)?;
        Ok(())
    }

    /// Whether the lock is still this run's.
    pub fn check(&self) -> Result<()> {
        let there = self.disk.read(&self.path)?.unwrap_or_default();
        match serde_json::from_slice::<Lock>(&there) {
            Ok(lock) if lock.run == self.run => Ok(()),
            _ => Err(Ended::left("another run took over while this one waited for an answer; nothing of that answer was kept")),
        }
    }

    /// Gives the lock back. Where that fails, it expires.
    pub fn release(self) {
        if self.check().is_ok() {
            let _ = self.disk.remove(&self.path);
        }
    }

    fn text(&self) -> Result<Vec<u8>> {
        let lock = Lock { run: self.run.clone(), until: self.clock.now().saturating_add(LENGTH) };
        serde_json::to_vec(&lock).map_err(|why| Ended::left(format!("failed to write the lock: {why}")))
    }
}

fn held(folder: &str, wait: u64) -> Ended {
    let seconds = wait.div_ceil(1000);
    Ended::left(format!(
        "another run works in {folder}, or one was killed there: try again in {seconds} s, or delete {folder}/lock if you know that none runs"
    ))
}
