//! A component by what it may import, and the one that a source refers to.

use std::sync::Arc;

use arc_swap::ArcSwap;
use wasmtime::{Engine, component::Component as Compiled, component::Linker, component::types::ComponentItem};
use wasmtime_wasi::{
    clocks::{WasiClocks, WasiClocksView as _},
    p2::bindings::{clocks, io},
};
use wasmtime_wasi_http::{
    WasiHttp, WasiHttpView as _,
    p2::bindings::{LinkOptions, http},
};

use super::{
    RuntimeError,
    call::{State, Table},
    generation::Generation,
};

/// What a source may import functions or resources from, without the version.
const ALLOWED: [&str; 6] =
    ["wasi:clocks/monotonic-clock", "wasi:http/outgoing-handler", "wasi:http/types", "wasi:io/error", "wasi:io/poll", "wasi:io/streams"];

/// What a source refers to: the current generation of a component.
#[derive(Debug)]
pub struct Component {
    current: ArcSwap<Generation>,
}

impl Component {
    /// With its first generation.
    pub fn new(generation: Arc<Generation>) -> Self {
        Self { current: ArcSwap::new(generation) }
    }

    /// The generation that the next call uses.
    pub fn current(&self) -> Arc<Generation> {
        self.current.load_full()
    }

    /// Puts another generation in place. Calls under way finish on theirs. Returns the one before.
    pub fn swap(&self, generation: Arc<Generation>) -> Arc<Generation> {
        self.current.swap(generation)
    }
}

/// Exactly the interfaces that a source may import. A component that imports more does not even load.
pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    let options = LinkOptions::default();
    io::error::add_to_linker::<State, Table>(&mut linker, State::table)?;
    io::poll::add_to_linker::<State, Table>(&mut linker, State::table)?;
    io::streams::add_to_linker::<State, Table>(&mut linker, State::table)?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(&mut linker, State::clocks)?;
    http::types::add_to_linker::<State, WasiHttp>(&mut linker, &options.into(), State::http)?;
    http::outgoing_handler::add_to_linker::<State, WasiHttp>(&mut linker, State::http)?;
    Ok(linker)
}

/// The imports of a component, sorted; an error for one that no source is given.
pub(super) fn imports(engine: &Engine, compiled: &Compiled) -> Result<Vec<String>, RuntimeError> {
    let mut imports = Vec::new();
    for (name, item) in compiled.component_type().imports(engine) {
        let plain = name.split('@').next().unwrap_or(name);
        let harmless = matches!(&item.ty, ComponentItem::ComponentInstance(instance) if instance.exports(engine).all(|(_, item)| matches!(item.ty, ComponentItem::Type(_))));
        if !ALLOWED.contains(&plain) && !harmless {
            return Err(RuntimeError::Import(name.to_owned()));
        }
        imports.push(name.to_owned());
    }
    imports.sort();
    Ok(imports)
}
