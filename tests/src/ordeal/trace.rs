//! The last steps of an ordeal, for whoever has to understand why it failed.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use miro_source::{
    clock::{Clock, SteppedClock},
    model::Instant,
};

const KEPT: usize = 50;

/// Takes notes. Clones write into the same.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    clock: SteppedClock,
    notes: Arc<Mutex<Notes>>,
}

#[derive(Debug)]
struct Notes {
    lines: VecDeque<String>,
    taken: u64,
    /// Of everything noted: two runs of one plan have the same.
    digest: u64,
    aloud: bool,
}

impl Trace {
    /// With the times of that clock; `aloud` prints every note as well.
    pub(super) fn new(clock: SteppedClock, aloud: bool) -> Self {
        let notes = Notes { lines: VecDeque::with_capacity(KEPT), taken: 0, digest: 0xcbf2_9ce4_8422_2325, aloud };
        Self { clock, notes: Arc::new(Mutex::new(notes)) }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what happened now.
    pub(super) fn note(&self, what: impl AsRef<str>) {
        let line = format!("{} {}", Shown(self.clock.now()), what.as_ref());
        let mut notes = self.notes();
        notes.taken += 1;
        // FNV-1a: the same number on every machine.
        notes.digest = line.bytes().fold(notes.digest, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        if notes.aloud {
            println!("{:>6} {line}", notes.taken);
        }
        if notes.lines.len() == KEPT {
            notes.lines.pop_front();
        }
        notes.lines.push_back(line);
    }

    /// The last notes, how many there were in all, and a digest of all of them.
    pub(super) fn last(&self) -> (Vec<String>, u64, u64) {
        let notes = self.notes();
        (notes.lines.iter().cloned().collect(), notes.taken, notes.digest)
    }
}

/// An instant without what is the same in all of them.
struct Shown(Instant);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.to_string();
        f.write_str(text.get(5..23).unwrap_or(&text))
    }
}
