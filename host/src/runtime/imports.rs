//! What a component may import: single interfaces, named here, and nothing beside them.

use audit_pipeline::HttpSourcePre;
use wasmtime::{
    Engine,
    component::{Component, InstancePre, Linker, types::ComponentItem},
};
use wasmtime_wasi::{clocks::WasiClocks, p2::bindings as wasi};
use wasmtime_wasi_http::{WasiHttp, WasiHttpView as _, p2::bindings::http};

use super::{call::Call, error::RuntimeError};

/// The interfaces whose functions and resources a component may import, whatever their patch version.
pub(super) const ALLOWED: [&str; 6] = [
    "wasi:http/types",
    "wasi:http/outgoing-handler",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    // Timers for its own patience. It can read how much time passed, not what time it is.
    "wasi:clocks/monotonic-clock",
];

/// Marks the resource table as what `wasi:io` works on.
struct Table;

impl wasmtime::component::HasData for Table {
    type Data<'a> = &'a mut wasmtime::component::ResourceTable;
}

/// Offers exactly the interfaces of [`ALLOWED`].
pub(super) fn linker(engine: &Engine) -> Result<Linker<Call>, RuntimeError> {
    let mut linker = Linker::new(engine);
    offer(&mut linker).map_err(|why| RuntimeError::Engine(format!("{why:#}")))?;
    Ok(linker)
}

fn offer(linker: &mut Linker<Call>) -> wasmtime::Result<()> {
    wasi::io::error::add_to_linker::<Call, Table>(linker, |call| &mut call.table)?;
    wasi::io::poll::add_to_linker::<Call, Table>(linker, |call| &mut call.table)?;
    wasi::io::streams::add_to_linker::<Call, Table>(linker, |call| &mut call.table)?;
    wasi::clocks::monotonic_clock::add_to_linker::<Call, WasiClocks>(linker, Call::clocks)?;
    let options = http::types::LinkOptions::default();
    http::types::add_to_linker::<Call, WasiHttp>(linker, &options, Call::http)?;
    http::outgoing_handler::add_to_linker::<Call, WasiHttp>(linker, Call::http)
}

/// What a component imports, by name, where all of it is allowed.
pub(super) fn check(engine: &Engine, component: &Component) -> Result<Vec<String>, RuntimeError> {
    let mut names = Vec::new();
    for (name, import) in component.component_type().imports(engine) {
        let interface = name.split('@').next().unwrap_or(name);
        let harmless = match &import.ty {
            // Types ask nothing of a host.
            ComponentItem::ComponentInstance(instance) => {
                instance.exports(engine).all(|(_, export)| matches!(export.ty, ComponentItem::Type(_)))
            }
            ComponentItem::Type(_) => true,
            _ => false,
        };
        if !harmless && !ALLOWED.contains(&interface) {
            return Err(RuntimeError::Import { import: name.to_owned(), allowed: ALLOWED.join(", ") });
        }
        names.push(name.to_owned());
    }
    names.sort();
    Ok(names)
}

/// Links a component, so that instantiating it can no longer fail for what it is.
pub(super) fn link(linker: &Linker<Call>, component: &Component) -> Result<HttpSourcePre<Call>, RuntimeError> {
    let unfit = |why: wasmtime::Error| RuntimeError::World(format!("{why:#}"));
    let pre: InstancePre<Call> = linker.instantiate_pre(component).map_err(unfit)?;
    HttpSourcePre::new(pre).map_err(unfit)
}
