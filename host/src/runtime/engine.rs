//! wasmtime as we want it, and the thread that makes its clock tick.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::Thread,
};

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::{
    error::RuntimeError,
    limits::{CALLS, Limits, TICK},
};

/// Core instances, memories and tables that one component may have in the pool. The encoder makes about five instances of
/// one module; composed components bring several modules.
const INSTANCES: u32 = 16;
const MEMORIES: u32 = 4;
const TABLES: u32 = 16;
/// Bytes of a memory that stay with its slot between two calls, at most.
const RESIDENT: usize = 256 << 10;

/// The engine: pooled where the machine lends the address space, on demand where not (containers with `ulimit -v`).
pub(super) fn engine(limits: &Limits) -> Result<Engine, RuntimeError> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    match Engine::new(&config) {
        Ok(engine) => Ok(engine),
        Err(why) => {
            tracing::info!("components get their memory on demand, since there is no room for a pool: {why}");
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
            Engine::new(&config).map_err(|why| RuntimeError::Engine(format!("{why:#}")))
        }
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // A loop that does not end must be caught, and a long one must let others run.
        .epoch_interruption(true)
        // What compilers emit by default stays on (bulk memory, multi-value, sign extension, SIMD), and several memories, without
        // which the parts of a composed component cannot hand anything over; what no component needs is surface without use.
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    config
}

/// Room for every call in flight.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(CALLS)
        .total_stacks(CALLS)
        // Twice what simple components need; what composed ones need beyond that waits in line with an error that says so.
        .total_core_instances(CALLS * 8)
        .total_memories(CALLS * 2)
        .total_tables(CALLS * 8)
        .max_core_instances_per_component(INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memory_size(limits.memory)
        .table_elements(limits.tables)
        // Slots that were used before are taken first, since what they keep stays: as many as there were calls at once, and no more.
        .max_unused_warm_slots(4)
        // What a call of ours touches is cleared by writing over it: giving it to the kernel and back at every call costs more. The
        // kernel is asked which pages those are; one before Linux 6.7 does not say, and all that may stay is written over.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(RESIDENT)
        .table_keep_resident(RESIDENT / 8);
    pool
}

/// Lets the engine's clock tick while calls are under way; an idle host is not woken a hundred times a second.
pub(super) struct Ticker {
    thread: Thread,
    calls: Arc<AtomicUsize>,
}

impl Ticker {
    pub(super) fn start(engine: &Engine) -> Result<Self, RuntimeError> {
        let calls = Arc::new(AtomicUsize::new(0));
        let (engine, under_way) = (engine.weak(), Arc::clone(&calls));
        let tick = move || {
            // A thread of its own: a busy executor would tick late, just when it matters.
            loop {
                if under_way.load(Ordering::Acquire) == 0 {
                    std::thread::park()
                } else {
                    std::thread::park_timeout(TICK)
                }
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        };
        let started = std::thread::Builder::new().name("epoch".into()).spawn(tick);
        let started = started.map_err(|why| RuntimeError::Engine(format!("failed to start the ticker: {why}")))?;
        Ok(Self { thread: started.thread().clone(), calls })
    }

    /// Keeps it ticking until the token is dropped.
    pub(super) fn tick(&self) -> Ticking {
        if self.calls.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
        Ticking(Arc::clone(&self.calls))
    }
}

impl Drop for Ticker {
    /// The engine is gone by now; the thread looks, and ends.
    fn drop(&mut self) {
        self.thread.unpark();
    }
}

/// A call that wants the clock to tick.
pub(super) struct Ticking(Arc<AtomicUsize>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
