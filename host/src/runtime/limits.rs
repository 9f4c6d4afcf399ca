//! What one call of a component may cost. Every number has its reason beside it.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::egress::RequestLimits;

/// Calls in flight, all sources together. A call waits for the network most of its life, so that 64 keep far more
/// sources busy than a machine has cores, while all of them at their memory limit still fit into a server.
/// Both generations of a component draw on the same slots, so that a swap needs no more.
pub const CALLS: u32 = 64;

/// How often the clock of the guests ticks. Short enough that a timer on the same thread is late by no more than this,
/// long enough that nobody notices the ticking.
pub const TICK: Duration = Duration::from_millis(10);

/// The largest component. Ours has half a megabyte, one that carries an interpreter some ten; compiling takes several times
/// the size.
pub const COMPONENT: usize = 64 << 20;

/// Header fields of one request, as they lie in memory. Servers commonly take 8 to 16 KiB.
pub(super) const FIELDS: usize = 32 << 10;
/// The longest method. `OPTIONS` has seven letters.
pub(super) const METHOD: usize = 32;
/// The longest authority: a name has at most 253 characters, a port five.
pub(super) const AUTHORITY: usize = 300;

/// What one call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory, all memories of the call together. A page of events is read up to 16 MiB, and parsing and the
    /// normalized copy take two to three times that.
    pub memory: usize,
    /// Elements of all tables together: functions a component calls indirectly. Ours has some hundreds.
    pub tables: usize,
    /// Core instances: the module itself, and the shims that the encoder adds. Composed components have a few more.
    pub instances: usize,
    /// Bytes that one call may hand over, arguments of imports included: a page of 16 MiB, and its fields once more.
    /// It counts what the host must allocate, so that a list that names one string a million times costs a million.
    pub output: usize,
    /// Wall clock, waiting for the vendor included: connect, first byte and a slow body all at their limits, and some.
    pub time: Duration,
    /// Computing, waiting not included. A full page takes some 50 ms; a loop that does not end is caught here.
    pub cpu: Duration,
    /// Host resources (requests, headers, streams, timers) alive at once. One request takes about ten. Each keeps some host
    /// memory: 64 KiB of a path, 32 KiB of headers, or 128 KiB of a body that nobody sends, so 32 MiB in all at worst.
    pub resources: usize,
    /// What one request may cost.
    pub request: RequestLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            tables: 20_000,
            instances: 16,
            output: 32 << 20,
            time: Duration::from_secs(120),
            cpu: Duration::from_secs(10),
            resources: 256,
            request: RequestLimits::default(),
        }
    }
}

/// Keeps one call within its memory, and remembers whether it asked for more: a component that runs out merely traps.
#[derive(Debug)]
pub(super) struct Limiter {
    instances: usize,
    /// Memory granted so far: it never shrinks, so this is the most that the call had.
    pub(super) granted: usize,
    memory_left: usize,
    tables_left: usize,
    pub(super) refused: bool,
}

impl Limiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { instances: limits.instances, granted: 0, memory_left: limits.memory, tables_left: limits.tables, refused: false }
    }
}

/// Takes the growth out of what is left.
fn take(left: &mut usize, current: usize, desired: usize) -> bool {
    match left.checked_sub(desired.saturating_sub(current)) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // Beyond its own maximum the growth fails whatever is said here, and nothing must be taken for it.
        let granted = maximum.is_none_or(|maximum| desired <= maximum) && take(&mut self.memory_left, current, desired);
        self.refused |= !granted;
        if granted {
            self.granted = self.granted.saturating_add(desired.saturating_sub(current));
        }
        Ok(granted)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let granted = maximum.is_none_or(|maximum| desired <= maximum) && take(&mut self.tables_left, current, desired);
        self.refused |= !granted;
        Ok(granted)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.instances.saturating_mul(4)
    }

    fn memories(&self) -> usize {
        self.instances
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i7_all_memories_of_a_call_draw_on_one_limit() {
        let mut limiter = Limiter::new(&Limits { memory: 100, ..Limits::default() });
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.memory_growing(0, 40, None).unwrap());
        assert!(!limiter.refused);
        assert!(!limiter.memory_growing(40, 41, None).unwrap());
        assert_eq!(limiter.granted, 100);
        assert!(limiter.refused);
    }

    #[test]
    fn i7_a_growth_past_the_maximum_takes_nothing() {
        let mut limiter = Limiter::new(&Limits { memory: 100, ..Limits::default() });
        assert!(!limiter.memory_growing(0, 80, Some(50)).unwrap());
        assert!(limiter.memory_growing(0, 50, Some(50)).unwrap());
        assert_eq!(limiter.memory_left, 50);
    }
}
