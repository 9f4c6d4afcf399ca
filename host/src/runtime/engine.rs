//! wasmtime as we want it, and the thread that makes its clock tick.

use std::sync::mpsc::{self, RecvTimeoutError};

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::{
    error::RuntimeError,
    limits::{CALLS, Limits, TICK},
};

/// Core instances, memories and tables that one component may have in the pool. The encoder makes about five instances of
/// one module; composed components bring several modules.
const INSTANCES: u32 = 16;
const MEMORIES: u32 = 4;
const TABLES: u32 = 16;

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
        // What compilers emit by default stays on (bulk memory, multi-value, sign extension, SIMD); what no component of ours
        // needs is surface without use.
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
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
        // Slots of calls long done give their memory back: an idle host should look idle.
        .max_unused_warm_slots(4);
    pool
}

/// Lets the engine's clock tick until dropped.
pub(super) struct Ticker {
    _stop: mpsc::Sender<()>,
}

impl Ticker {
    pub(super) fn start(engine: &Engine) -> Result<Self, RuntimeError> {
        let (stop, stopped) = mpsc::channel::<()>();
        let engine = engine.weak();
        let tick = move || {
            // A thread of its own: a busy executor would tick late, just when it matters.
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(TICK) {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        };
        let started = std::thread::Builder::new().name("epoch".into()).spawn(tick);
        started.map_err(|why| RuntimeError::Engine(format!("failed to start the ticker: {why}")))?;
        Ok(Self { _stop: stop })
    }
}
