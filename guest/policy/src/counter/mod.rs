//! Repetition: how often one subject did something, as plain state.
//!
//! 1. **Event time.** The window lies between two events, not between two arrivals; late events count where they belong.
//! 2. **It fires at the Nth** activity that completes a window, and what it counted is used up: the next match needs N others.
//!    Microsoft leaves open whether it does; so a storm of activities is one match for every N, and not one for every activity.
//! 3. **One event counts once**, by its time and place in the log.
//! 4. **At most [`CAPACITY`] entries.** Older ones than a day and the window before an observed event are forgotten; past the
//!    capacity, those that came first.
//! 5. **Batches do not show.** Encoding and decoding between any two observations changes nothing.
//! 6. **Hostile bytes are refused**, never believed and never a panic.

mod bytes;

use crate::policy::Repeated;

pub use self::bytes::Unreadable;

/// The most entries that a counter holds, and the highest `count` of a policy.
pub const CAPACITY: usize = 1000;

/// How late an event may be and still be counted, in milliseconds beyond the window.
const LATE: u64 = 86_400_000;

/// What one subject did that one policy counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// By time, then place in the log; no two alike.
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    time: u64,
    seq: u64,
    object: Option<u64>,
}

impl Entry {
    const fn order(&self) -> (u64, u64) {
        (self.time, self.seq)
    }
}

/// It was done as often as the policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// How often.
    pub count: u32,
    /// When the first of them happened, in milliseconds since 1970.
    pub start: u64,
    /// When the last of them happened.
    pub end: u64,
    /// Their places in the log, by time.
    pub seqs: Vec<u64>,
}

impl Counter {
    /// Whether it holds nothing, and need not be kept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many activities it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Counts one activity: when it happened, its place in the log, and what it was done to, as a hash.
    ///
    /// With `unique_objects`, each object is held once, at its latest time: so nobody pushes others out by repeating one, and
    /// events in order are counted exactly. What has no object is then not counted.
    pub fn observe(&mut self, rule: &Repeated, time: u64, seq: u64, object: Option<u64>) -> Option<Fired> {
        let entry = Entry { time, seq, object: object.filter(|_| rule.unique_objects) };
        if rule.unique_objects {
            let object = entry.object?;
            if let Some(known) = self.entries.iter().position(|known| known.object == Some(object)) {
                if self.entries.get(known).is_some_and(|known| known.order() >= entry.order()) {
                    return None;
                }
                self.entries.remove(known);
            }
        }
        let forgotten = time.saturating_sub(rule.window().saturating_add(LATE));
        self.entries.drain(..self.entries.partition_point(|known| known.time < forgotten));
        let place = self.entries.binary_search_by_key(&entry.order(), Entry::order).err()?;
        self.entries.insert(place, entry);
        let fired = self.fire(rule, place);
        if self.entries.len() > CAPACITY {
            let first = self.entries.iter().enumerate().min_by_key(|(_, entry)| entry.seq).map(|(place, _)| place);
            if let Some(place) = first {
                self.entries.remove(place);
            }
        }
        fired
    }

    /// The earliest window of enough entries that holds the one at `place`. Without it there was none, or it had fired.
    fn fire(&mut self, rule: &Repeated, place: usize) -> Option<Fired> {
        let more = usize::try_from(rule.count).ok()?.checked_sub(1)?;
        let (first, last) = (place.saturating_sub(more)..=place).find_map(|first| {
            let (begin, end) = (self.entries.get(first)?, self.entries.get(first + more)?);
            (end.time - begin.time <= rule.window()).then_some((first, first + more))
        })?;
        let counted: Vec<Entry> = self.entries.drain(first..=last).collect();
        Some(Fired {
            count: rule.count,
            start: counted.first()?.time,
            end: counted.last()?.time,
            seqs: counted.iter().map(|entry| entry.seq).collect(),
        })
    }
}

#[cfg(test)]
mod tests;
