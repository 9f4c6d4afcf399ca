//! One instance, from its making to its end, and how it ended.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use audit_pipeline::types::Failure;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Span;
use wasmtime::{Store, StoreContextMut, Trap, UpdateDeadline, WasmBacktrace, component::ResourceTable};
use wasmtime_wasi::clocks::{WasiClocksCtx, WasiClocksCtxView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::{
    Runtime,
    engine::Ticking,
    error::CallError,
    generation::Generation,
    limits::{FIELDS, Limiter, Limits, TICK},
    tally::End,
};
use crate::{
    egress::{Gate, Refusal, TransportError, hooks::Passage},
    neutral::brief,
    trace::span,
};

/// How many frames of a trap are told.
const FRAMES: usize = 4;
/// How much of each frame's name, which the component chose, and of the reason.
const NAME: usize = 80;
const REASON: usize = 300;

/// What one call owns.
pub(super) struct Call {
    pub(super) table: ResourceTable,
    http: WasiHttpCtx,
    clocks: WasiClocksCtx,
    gate: Gate,
    limiter: Limiter,
    cpu: Cpu,
}

impl Call {
    pub(super) fn clocks(&mut self) -> WasiClocksCtxView<'_> {
        WasiClocksCtxView { ctx: &mut self.clocks, table: &mut self.table }
    }
}

impl WasiHttpView for Call {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.gate, table: &mut self.table, ctx: &mut self.http }
    }
}

/// What a call computed so far. Counted at every tick that falls into computing: the time since the tick before where
/// that was just now, one tick where the call waited in between.
#[derive(Debug)]
struct Cpu {
    last: Instant,
    left: Duration,
    spent: bool,
}

impl Cpu {
    /// Ticks of one stretch of computing come this close to one another, even on a machine that is busy.
    const NEAR: Duration = TICK.saturating_mul(5);

    fn tick(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.last);
        self.last = now;
        self.left = self.left.saturating_sub(if since <= Self::NEAR { since } else { TICK });
        self.spent = self.left.is_zero();
        !self.spent
    }
}

/// At every tick: go on after letting others run, or stop.
fn tick(mut store: StoreContextMut<'_, Call>) -> wasmtime::Result<UpdateDeadline> {
    if store.data_mut().cpu.tick(Instant::now()) {
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    } else {
        Ok(UpdateDeadline::Interrupt)
    }
}

/// A call under way: its store, its slot, and what must live as long.
pub(super) struct Visit {
    pub(super) store: Store<Call>,
    pub(super) generation: Arc<Generation>,
    pub(super) time: Duration,
    passage: Arc<Passage>,
    began: Instant,
    span: Span,
    _ticking: Ticking,
    _slot: OwnedSemaphorePermit,
}

/// How a call ended, and what left the gate meanwhile.
pub(super) struct Ended<T> {
    pub(super) result: Result<T, CallError>,
    /// Whether a request may have reached the vendor.
    pub(super) sent: bool,
    pub(super) refusal: Option<Refusal>,
    /// Why a request found no way out.
    pub(super) fault: Option<TransportError>,
}

impl Visit {
    /// Waits for a slot and prepares a store. The waiting does not count towards the limits of the call.
    pub(super) async fn enter(runtime: &Runtime, generation: Arc<Generation>, gate: Gate) -> Result<Self, CallError> {
        let slot = Arc::clone(&runtime.slots).acquire_owned().await;
        let slot = slot.map_err(|_| CallError::Trapped("the runtime is shutting down".to_owned()))?;
        let limits: &Limits = &runtime.limits;
        let passage = gate.passage();
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.resources);
        let call = Call {
            table,
            http: fields(),
            clocks: WasiClocksCtx::default(),
            gate,
            limiter: Limiter::new(limits),
            cpu: Cpu { last: Instant::now(), left: limits.cpu, spent: false },
        };
        let mut store = Store::new(&runtime.engine, call);
        store.limiter(|call| &mut call.limiter);
        store.set_hostcall_fuel(limits.output);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(tick);
        Ok(Self {
            store,
            generation,
            time: limits.time,
            passage,
            began: Instant::now(),
            span: Span::none(),
            _ticking: runtime.ticker.tick(),
            _slot: slot,
        })
    }

    /// What is traced of it, to be entered while it runs.
    pub(super) fn traced(&mut self, function: &'static str) -> Span {
        self.span = span::call(&self.generation, function);
        self.span.clone()
    }

    /// Judges how it ended. The instance is gone after this, whatever happened.
    pub(super) fn leave<T>(self, outcome: Result<wasmtime::Result<T>, tokio::time::error::Elapsed>) -> Ended<T> {
        let result = match outcome {
            Err(_) => Err(CallError::TimedOut),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(why)) => Err(self.judge(&why)),
        };
        let (end, memory) = (End::of(&result), self.store.data().limiter.granted);
        self.generation.tally.add(end, self.began.elapsed(), memory);
        span::called(&self.span, end, memory);
        Ended { result, sent: self.passage.anything_sent(), refusal: self.passage.refusal(), fault: self.passage.fault() }
    }

    fn judge(&self, why: &wasmtime::Error) -> CallError {
        let call = self.store.data();
        if call.cpu.spent || why.downcast_ref::<Trap>() == Some(&Trap::Interrupt) {
            return CallError::TimedOut;
        }
        // Whoever was refused memory and then fell over, fell over that.
        if call.limiter.refused {
            return CallError::OutOfMemory;
        }
        // The type of this error is not public.
        if why.chain().any(|why| why.to_string().contains("fuel allocated for hostcalls")) {
            return CallError::OutputTooLarge;
        }
        let mut text = brief(&why.root_cause().to_string(), REASON);
        let frames = why.downcast_ref::<WasmBacktrace>().map(WasmBacktrace::frames).unwrap_or_default();
        let names: Vec<_> = frames.iter().filter_map(|frame| frame.func_name()).take(FRAMES).map(|name| brief(name, NAME)).collect();
        if !names.is_empty() {
            text = format!("{text} (in {})", names.join(" < "));
        }
        CallError::Trapped(text)
    }
}

fn fields() -> WasiHttpCtx {
    let mut http = WasiHttpCtx::new();
    http.set_field_size_limit(FIELDS);
    http
}

impl<T> Ended<Result<T, Failure>> {
    /// The answer, or why there is none. What the gate refused explains a failure better than the component can.
    pub(super) fn answered(self) -> Result<T, CallError> {
        match (self.result, self.refusal) {
            (Ok(Ok(answer)), _) => Ok(answer),
            (Ok(Err(_)), Some(refusal)) => Err(explained(&refusal)),
            (Ok(Err(failure)), None) => Err(CallError::Failed(with_fault(failure, self.fault.as_ref()))),
            (Err(why), _) => Err(why),
        }
    }
}

/// A failure with what the network said, of which the component knows no more than a code.
pub(super) fn with_fault(failure: Failure, fault: Option<&TransportError>) -> Failure {
    match (failure, fault) {
        (Failure::Unavailable(text), Some(fault)) => Failure::Unavailable(format!("{text} ({fault})")),
        (failure, _) => failure,
    }
}

/// What a refusal of the gate means for the source.
pub(super) fn explained(refusal: &Refusal) -> CallError {
    let text = refusal.to_string();
    match refusal {
        // The operator can change this.
        Refusal::NotGranted(_) | Refusal::NotHttps(_) => CallError::Failed(Failure::Invalid(text)),
        // A name may lead elsewhere tomorrow.
        Refusal::NotPublic(..) => CallError::Failed(Failure::Unavailable(text)),
        _ => CallError::Broken(text),
    }
}
