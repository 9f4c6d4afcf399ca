//! What one call may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// The bounds of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory, in bytes. A page of the largest answer (16 MiB) is held as bytes, parsed, and returned: three
    /// copies and some; the Miro component stops at 8 MiB itself.
    pub memory: usize,
    /// Table elements. A component of half a megabyte has a few hundred functions.
    pub table: usize,
    /// What a call may return: events, checkpoint and notes together, in bytes.
    pub output: usize,
    /// Processor time of the component, in ticks of 10 ms. A full page takes one.
    pub ticks: u64,
    /// Everything together, network included. Longer than the sum of one exchange's own limits.
    pub time: Duration,
    /// Requests. The contract says one.
    pub requests: u32,
    /// Bytes of an answer that reach the component.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            table: 10_000,
            output: 32 << 20,
            ticks: 1_000,
            time: Duration::from_secs(120),
            requests: 1,
            body: 16 << 20,
        }
    }
}

/// Stops growth at the limits and remembers that it did: a refused growth looks like any other trap afterwards.
#[derive(Debug)]
pub(super) struct Meter {
    memory: usize,
    table: usize,
    pub(super) out_of_memory: bool,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { memory: limits.memory, table: limits.table, out_of_memory: false }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= self.memory;
        self.out_of_memory |= !fits;
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= self.table;
        self.out_of_memory |= !fits;
        Ok(fits)
    }
}
