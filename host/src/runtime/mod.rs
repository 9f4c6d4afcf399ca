//! Runs components: loads them, calls them within limits, swaps them while the host runs.
//!
//! What goes in: the bytes of a component, a source's configuration and [`Grant`](crate::egress::Grant), and for each call
//! its arguments. What comes out: what the component answered, checked, or a [`CallError`]. What always holds:
//!
//! - Every call has a fresh instance, dropped after it: nothing of one call reaches the next, and a swap needs no hand-over.
//! - A component can do what its imports allow, and those are an allow-list of single interfaces: HTTP through the gate.
//!   One that wants more is refused when it is loaded, by name.
//! - A call is bounded in memory, output, CPU, time and requests ([`Limits`]), whatever the component or its vendor does.
//! - An answer that breaks the contract costs that call only, and nothing of it is stored.
//! - Compiled code is native code: only what this host wrote, under its key, is ever loaded.
//!
//! | file | noun |
//! |---|---|
//! | [`limits`] | what a call may cost, and why so much |
//! | `engine` | wasmtime as we want it, and the ticker |
//! | `imports` | the allow-list, and the linker that offers exactly it |
//! | `cache`, `native` | compiled code on disk; the one unsafe call that loads it |
//! | `generation`, `component` | one loaded version; the current one of a component |
//! | `call` | one instance, and how it ended |
//! | `page`, `answer` | what a page must be; what every other answer must be |
//! | `source` | the calls of the contract |

mod answer;
mod cache;
mod call;
mod component;
mod cover;
mod engine;
mod error;
mod generation;
mod imports;
pub mod limits;
mod native;
mod page;
mod source;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::Semaphore;

pub use cache::Cache;
pub use component::Component;
pub use error::{CallError, RefreshError, RuntimeError};
pub use generation::Generation;
pub use limits::Limits;
pub use source::Source;

use crate::egress::Transport;
use engine::Ticker;

/// What a runtime needs.
pub struct RuntimeOptions {
    /// Where compiled code is kept; without one, every start compiles.
    pub cache: Option<Cache>,
    /// How requests travel.
    pub transport: Arc<dyn Transport>,
    /// What a call may cost.
    pub limits: Limits,
}

/// Holds what all components share. One a process.
pub struct Runtime {
    engine: wasmtime::Engine,
    linker: wasmtime::component::Linker<call::Call>,
    cache: Option<Cache>,
    transport: Arc<dyn Transport>,
    limits: Limits,
    /// Calls in flight.
    slots: Arc<Semaphore>,
    /// Steps in flight, from the call to the end of what is done with its answer.
    turns: Arc<Semaphore>,
    /// After the engine: dropped, it looks whether that is gone.
    ticker: Ticker,
}

impl Runtime {
    /// Starts the engine.
    pub fn new(options: RuntimeOptions) -> Result<Arc<Self>, RuntimeError> {
        let engine = engine::engine(&options.limits)?;
        let linker = imports::linker(&engine)?;
        let ticker = Ticker::start(&engine)?;
        let slots = Arc::new(Semaphore::new(limits::CALLS as usize));
        let turns = Arc::new(Semaphore::new(limits::CALLS as usize));
        let RuntimeOptions { cache, transport, limits } = options;
        Ok(Arc::new(Self { engine, linker, cache, transport, limits, slots, turns, ticker }))
    }

    /// Compiles a component, or takes its compiled code from the cache, and makes sure that it can run here.
    pub async fn load(&self, wasm: Vec<u8>) -> Result<Arc<Generation>, RuntimeError> {
        let (engine, linker, cache) = (self.engine.clone(), self.linker.clone(), self.cache.clone());
        let loading = tokio::task::spawn_blocking(move || Generation::load(&engine, &linker, cache.as_ref(), &wasm));
        loading.await.map_err(|gone| RuntimeError::Compile(format!("the compiler stopped: {gone}")))?.map(Arc::new)
    }

    /// A component that is built in.
    pub fn builtin(name: &str) -> Option<&'static [u8]> {
        match name {
            "miro" => Some(include_bytes!(concat!(env!("OUT_DIR"), "/miro.wasm"))),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("limits", &self.limits).finish_non_exhaustive()
    }
}
