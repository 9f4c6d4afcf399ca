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
//! | `kind` | source, detector, responder or directory, and what each may import |
//! | `imports` | what is offered to components, and linking one |
//! | `cache`, `native` | compiled code on disk; the one unsafe call that loads it |
//! | `generation`, `component` | one loaded version; the current one of a component |
//! | `call` | one instance, and how it ended |
//! | `tally` | what the calls came to, for whoever counts |
//! | `page`, `answer` | what a page must be; what every other answer must be |
//! | `origins` | what a component declared that it must reach |
//! | `source`, `detector`, `responder` | the calls of the contract |
//! | `verdict`, `rules` | what a verdict, and what a detector says of its rules, must be |
//! | `receipt` | what a responder and a directory answer must be |

mod answer;
mod cache;
mod call;
mod component;
mod cover;
mod detector;
mod engine;
mod error;
mod generation;
mod imports;
mod kind;
pub mod limits;
mod native;
mod origins;
mod page;
mod receipt;
mod responder;
mod rules;
mod source;
mod tally;
#[cfg(test)]
mod tests;
mod verdict;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use audit_pipeline::types::Description;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

pub use cache::Cache;
pub use component::{Component, Current};
pub use detector::Detector;
pub use error::{CallError, RefreshError, RespondError, RuntimeError};
pub use generation::{Generation, digest};
pub use kind::Kind;
pub use limits::Limits;
pub use responder::Responder;
pub use source::Source;
pub use tally::{Calls, End};

use crate::egress::{Gate, Transport};
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
    /// What is loaded, while anybody holds it: going back to a generation costs nothing.
    loaded: Mutex<BTreeMap<(Kind, String), Weak<Generation>>>,
    /// Calls that ended.
    tallies: tally::Tallies,
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
        Ok(Arc::new(Self {
            engine,
            linker,
            cache,
            transport,
            limits,
            loaded: Mutex::default(),
            tallies: tally::Tallies::default(),
            slots,
            turns,
            ticker,
        }))
    }

    /// Compiles a source, or takes its compiled code from the cache, and makes sure that it can run here.
    pub async fn load(&self, wasm: impl Into<Arc<[u8]>>) -> Result<Arc<Generation>, RuntimeError> {
        self.load_as(Kind::Source, wasm.into()).await
    }

    /// The same for any kind of component.
    pub async fn load_as(&self, kind: Kind, wasm: Arc<[u8]>) -> Result<Arc<Generation>, RuntimeError> {
        let key = (kind, digest(&wasm));
        let held = || self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = held().get(&key).and_then(Weak::upgrade) {
            return Ok(loaded);
        }
        let (engine, linker, cache) = (self.engine.clone(), self.linker.clone(), self.cache.clone());
        let tally = self.tallies.of(kind, &key.1);
        let loading = tokio::task::spawn_blocking(move || Generation::load(&engine, &linker, cache.as_ref(), kind, &wasm, tally));
        let loaded = Arc::new(loading.await.map_err(|gone| RuntimeError::Compile(format!("the compiler stopped: {gone}")))??);
        let mut held = held();
        held.retain(|_, generation| generation.strong_count() > 0);
        held.insert(key, Arc::downgrade(&loaded));
        Ok(loaded)
    }

    /// What the configuration calls a generation, for whoever counts its calls.
    pub fn name(&self, generation: &Generation, name: &str) {
        self.tallies.name(generation.kind(), generation.digest(), name);
    }

    /// What the calls of every component came to since the process began.
    pub fn calls(&self) -> Vec<Calls> {
        self.tallies.all()
    }

    /// What a generation says about itself, whatever its kind. It reaches nothing.
    pub async fn describe(&self, generation: &Arc<Generation>) -> Result<Description, CallError> {
        let gate = Gate::new(Arc::clone(&self.transport), Arc::default(), Arc::default(), self.limits.request, 0);
        let mut visit = call::Visit::enter(self, Arc::clone(generation), gate).await?;
        let span = visit.traced("describe");
        let running = async {
            let missing = || wasmtime::Error::msg("it does not export `describe`");
            let instance = generation.linked.pre().instantiate_async(&mut visit.store).await?;
            let interface = instance.get_export_index(&mut visit.store, None, generation.kind.interface()).ok_or_else(missing)?;
            let function = instance.get_export_index(&mut visit.store, Some(&interface), "describe").ok_or_else(missing)?;
            let describe = instance.get_typed_func::<(), (Description,)>(&mut visit.store, function)?;
            describe.call_async(&mut visit.store, ()).await
        };
        let outcome = tokio::time::timeout(visit.time, running.instrument(span)).await;
        let (mut described,) = visit.leave(outcome).result?;
        answer::description(&mut described).map_err(CallError::Broken)?;
        Ok(described)
    }

    /// A component that is built in.
    pub fn builtin(name: &str) -> Option<&'static [u8]> {
        match name {
            "miro" => Some(include_bytes!(concat!(env!("OUT_DIR"), "/miro.wasm"))),
            "detect" => Some(include_bytes!(concat!(env!("OUT_DIR"), "/detect.wasm"))),
            "entra" => Some(include_bytes!(concat!(env!("OUT_DIR"), "/entra.wasm"))),
            _ => None,
        }
    }
}

/// What every page is put to before anything of it is stored.
///
/// # Errors
/// What is wrong with it.
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub fn check_page(page: &mut audit_pipeline::source::Page) -> Result<(), String> {
    page::check(page)
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("limits", &self.limits).finish_non_exhaustive()
    }
}
