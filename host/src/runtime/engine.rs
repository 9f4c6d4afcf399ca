//! The one engine, and how bytes become a generation.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    thread::Thread,
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, component::Component as Compiled, component::Linker};

use super::{cache::Cache, call::State, component, generation::Generation, limits::Limits};
use crate::egress::Transport;

/// Calls under way at once, over all sources. More wait; each holds an instance while it waits for its vendor.
const CALLS: u32 = 128;
/// The unit of processor time.
const TICK: Duration = Duration::from_millis(10);

/// The component that is built in.
const MIRO: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/miro.wasm"));

/// What a runtime is made of.
pub struct RuntimeOptions {
    /// Where compiled code is kept; `None` compiles at every start.
    pub cache: Option<Cache>,
    /// How requests leave.
    pub transport: Arc<dyn Transport>,
    /// What one call may use.
    pub limits: Limits,
}

/// Why a component cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The engine does not start on this machine.
    #[error("failed to start the WebAssembly engine: {0}")]
    Engine(String),
    /// The bytes are no component.
    #[error("it is not a usable WebAssembly component: {0}")]
    NotAComponent(String),
    /// It imports what no source may.
    #[error(
        "it imports `{0}`, which no source is given; a source imports functions from wasi:http/types, wasi:http/outgoing-handler, wasi:io and \
         wasi:clocks/monotonic-clock only (build for wasm32-unknown-unknown, not wasm32-wasip2)"
    )]
    Import(String),
    /// It does not export the contract.
    #[error("it does not implement the world audit:pipeline/http-source: {0}")]
    World(String),
}

/// Holds the engine. One a process is enough.
pub struct Runtime {
    pub(super) engine: Engine,
    pub(super) linker: Linker<State>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) limits: Limits,
    pub(super) slots: Semaphore,
    cache: Option<Cache>,
    running: Arc<AtomicUsize>,
    ticker: Thread,
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Runtime {
    /// Starts the engine.
    pub fn new(options: RuntimeOptions) -> Result<Arc<Self>, RuntimeError> {
        let engine = engine(&options.limits)?;
        let linker = component::linker(&engine).map_err(|why| RuntimeError::Engine(format!("{why:#}")))?;
        let running = Arc::new(AtomicUsize::new(0));
        let ticker = tick(engine.weak(), Arc::downgrade(&running)).map_err(|why| RuntimeError::Engine(why.to_string()))?;
        let RuntimeOptions { cache, transport, limits } = options;
        let slots = Semaphore::new(CALLS as usize);
        Ok(Arc::new(Self { engine, linker, transport, limits, slots, cache, running, ticker }))
    }

    /// The bytes of a component that is built in.
    pub fn builtin(name: &str) -> Option<&'static [u8]> {
        (name == "miro").then_some(MIRO)
    }

    /// Compiles a component, or takes its code from the cache, and checks what it imports and exports.
    pub async fn load(self: &Arc<Self>, wasm: Vec<u8>) -> Result<Arc<Generation>, RuntimeError> {
        let runtime = Arc::clone(self);
        let loaded = tokio::task::spawn_blocking(move || runtime.load_blocking(&wasm)).await;
        loaded.map_err(|gone| RuntimeError::Engine(gone.to_string()))?
    }

    fn load_blocking(&self, wasm: &[u8]) -> Result<Arc<Generation>, RuntimeError> {
        let digest = hex::encode(Sha256::digest(wasm));
        let cached = self.cache.as_ref().and_then(|cache| cache.get(&self.engine, &digest));
        let compiled = match cached {
            Some(compiled) => compiled,
            None => {
                let compiled = Compiled::new(&self.engine, wasm).map_err(|why| RuntimeError::NotAComponent(format!("{why:#}")))?;
                if let Some(cache) = &self.cache {
                    cache.put(&self.engine, &digest, &compiled);
                }
                compiled
            }
        };
        Generation::new(&self.engine, &self.linker, &compiled, digest).map(Arc::new)
    }

    /// Counts a call while it runs: the clock of processor time only goes where somebody is on it.
    pub(super) fn running(&self) -> Running {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.ticker.unpark();
        }
        Running(Arc::clone(&self.running))
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.ticker.unpark();
    }
}

/// A call that runs.
pub(super) struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn engine(limits: &Limits) -> Result<Engine, RuntimeError> {
    let pooling = Engine::new(&config(Some(pool(limits))));
    // A pool reserves address space for every slot at once, which some containers do not allow.
    pooling.or_else(|_| Engine::new(&config(None))).map_err(|why| RuntimeError::Engine(format!("{why:#}")))
}

fn config(pool: Option<PoolingAllocationConfig>) -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true).epoch_interruption(true);
    if let Some(pool) = pool {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // Twice the calls: during a swap two generations hold instances. A component made of two modules needs two slots.
    let slots = CALLS * 2;
    pool.total_component_instances(slots)
        .total_core_instances(slots * 2)
        .total_memories(slots)
        .total_tables(slots * 2)
        .total_stacks(slots)
        .max_memory_size(limits.memory)
        .table_elements(limits.table)
        .max_core_instances_per_component(8)
        .max_memories_per_component(1)
        .max_tables_per_component(4);
    pool
}

/// Moves the engine's epoch on while calls run, sleeps while none does, and ends with the engine.
fn tick(engine: wasmtime::EngineWeak, running: Weak<AtomicUsize>) -> std::io::Result<Thread> {
    let ticker = std::thread::Builder::new().name("epoch".into()).spawn(move || {
        loop {
            let Some(running) = running.upgrade() else { return };
            let idle = running.load(Ordering::Acquire) == 0;
            drop(running);
            if idle {
                std::thread::park_timeout(Duration::from_secs(10))
            } else {
                std::thread::park_timeout(TICK)
            }
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    })?;
    Ok(ticker.thread().clone())
}
