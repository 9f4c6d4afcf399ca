//! One call: a fresh store with its bounds, and what can become of it.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use audit_pipeline::{HttpSource, source::RefreshFailure, types::Failure};
use wasmtime::{
    Store, UpdateDeadline,
    component::{HasData, ResourceTable},
};
use wasmtime_wasi::clocks::{WasiClocksCtx, WasiClocksCtxView, WasiClocksView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::{Generation, Runtime, limits::Meter};
use crate::egress::{Gate, Grant};

/// Why a call brought nothing.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The component answered so.
    #[error("the component answered: {0:?}")]
    Failed(Failure),
    /// It trapped.
    #[error("it trapped: {0}")]
    Trapped(String),
    /// It used more processor time than one call may.
    #[error("it ran for too long without an end")]
    TooBusy,
    /// It took more wall time than one call may.
    #[error("it took longer than {0} s in all")]
    TimedOut(u64),
    /// It wanted more memory than one call may.
    #[error("it wanted more memory than one call is given")]
    OutOfMemory,
    /// It returned something that the contract does not allow.
    #[error("it broke the contract: {0}")]
    Broken(String),
}

/// Why a refresh brought no pair.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RefreshError {
    /// The component says what happened to the pair.
    #[error("the component answered: {0:?}")]
    Refused(RefreshFailure),
    /// The call failed, and a request had left: nobody knows what happened to the pair.
    #[error("{0}")]
    Broken(CallError),
}

/// What a store holds for one call.
pub(super) struct State {
    table: ResourceTable,
    clocks: WasiClocksCtx,
    http: WasiHttpCtx,
    gate: Gate,
    meter: Meter,
    ticks: u64,
    too_busy: bool,
}

/// The table alone, for the interfaces of `wasi:io`.
pub(super) struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

impl State {
    pub(super) fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiClocksView for State {
    fn clocks(&mut self) -> WasiClocksCtxView<'_> {
        WasiClocksCtxView { ctx: &mut self.clocks, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.gate, table: &mut self.table, ctx: &mut self.http }
    }
}

impl Runtime {
    /// Runs `call` in a fresh instance. `sent` tells how many requests left, whatever becomes of it.
    pub(super) async fn call<T: Send>(
        &self,
        generation: &Generation,
        grant: Grant,
        call: impl AsyncFnOnce(&HttpSource, &mut Store<State>) -> wasmtime::Result<T> + Send,
    ) -> (Result<T, CallError>, Arc<AtomicU32>) {
        let limits = &self.limits;
        let gate = Gate::new(Arc::clone(&self.transport), grant, limits.requests, limits.body);
        let sent = gate.sent();
        let Ok(_slot) = self.slots.acquire().await else { return (Err(CallError::Trapped("the runtime is closed".into())), sent) };
        let _running = self.running();
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(64 << 10);
        let state = State {
            table: ResourceTable::new(),
            clocks: WasiClocksCtx::default(),
            http,
            gate,
            meter: Meter::new(limits),
            ticks: limits.ticks,
            too_busy: false,
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.meter);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            let state = store.data_mut();
            state.ticks = state.ticks.saturating_sub(1);
            if state.ticks == 0 {
                state.too_busy = true;
                return Err(wasmtime::Error::msg("processor time is used up"));
            }
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        let run = async {
            let instance = generation.pre.instantiate_async(&mut store).await?;
            call(&instance, &mut store).await
        };
        let outcome = match tokio::time::timeout(limits.time, run).await {
            Ok(outcome) => outcome,
            Err(_) => return (Err(CallError::TimedOut(limits.time.as_secs())), sent),
        };
        let outcome = outcome.map_err(|why| {
            let state = store.data();
            if state.too_busy {
                CallError::TooBusy
            } else if state.meter.out_of_memory {
                CallError::OutOfMemory
            } else {
                CallError::Trapped(describe(&why))
            }
        });
        (outcome, sent)
    }
}

/// A trap with the innermost functions of its trace, on one line.
fn describe(why: &wasmtime::Error) -> String {
    let text = format!("{why:#}");
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(600).collect()
}

/// Whether anything had left for the vendor.
pub(super) fn anything(sent: &AtomicU32) -> bool {
    sent.load(Ordering::Acquire) > 0
}
