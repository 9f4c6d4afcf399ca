//! What a component may import: single interfaces, named here, and nothing beside them.

use audit_pipeline::{HttpDirectoryPre, HttpResponderPre, HttpSourcePre, PureDetectorPre};
use wasmtime::{
    Engine, StoreContextMut,
    component::{Component, InstancePre, Linker, Resource, types::ComponentItem},
};
use wasmtime_wasi::{clocks::WasiClocks, p2::bindings as wasi};
use wasmtime_wasi_http::{
    WasiHttp, WasiHttpView as _,
    p2::{
        bindings::http::{
            self,
            types::{HostOutgoingRequest as _, Method},
        },
        types::HostOutgoingRequest,
    },
};

use super::{
    call::Call,
    error::RuntimeError,
    kind::Kind,
    limits::{AUTHORITY, METHOD},
};
use crate::neutral::brief;

/// How much of a name, or of what the engine says, is told: a component chose its names.
const TOLD: usize = 300;

/// A component ready to be instantiated.
pub(super) enum Linked {
    Source(HttpSourcePre<Call>),
    Detector(PureDetectorPre<Call>),
    Responder(HttpResponderPre<Call>),
    Directory(HttpDirectoryPre<Call>),
}

impl Linked {
    pub(super) fn pre(&self) -> &InstancePre<Call> {
        match self {
            Self::Source(source) => source.instance_pre(),
            Self::Detector(detector) => detector.instance_pre(),
            Self::Responder(responder) => responder.instance_pre(),
            Self::Directory(directory) => directory.instance_pre(),
        }
    }
}

/// Marks the resource table as what `wasi:io` works on.
struct Table;

impl wasmtime::component::HasData for Table {
    type Data<'a> = &'a mut wasmtime::component::ResourceTable;
}

/// Offers exactly what some kind of component may import.
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
    http::outgoing_handler::add_to_linker::<Call, WasiHttp>(linker, Call::http)?;
    bound(linker)
}

/// What `wasi:http` keeps at any length: each request that a component opens would hold megabytes of the host for it.
/// Longer ones are not valid, which the interface has an answer for.
fn bound(linker: &mut Linker<Call>) -> wasmtime::Result<()> {
    type Request = Resource<HostOutgoingRequest>;
    linker.allow_shadowing(true);
    let mut types = linker.instance("wasi:http/types@0.2.12")?;
    types.func_wrap(
        "[method]outgoing-request.set-method",
        |mut store: StoreContextMut<'_, Call>, (request, method): (Request, Method)| {
            let fits = !matches!(&method, Method::Other(name) if name.len() > METHOD);
            Ok((if fits { store.data_mut().http().set_method(request, method)? } else { Err(()) },))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut store: StoreContextMut<'_, Call>, (request, authority): (Request, Option<String>)| {
            let fits = authority.as_ref().is_none_or(|authority| authority.len() <= AUTHORITY);
            Ok((if fits { store.data_mut().http().set_authority(request, authority)? } else { Err(()) },))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What a component imports, by name, where all of it is allowed to its kind.
pub(super) fn check(engine: &Engine, component: &Component, kind: Kind) -> Result<Vec<String>, RuntimeError> {
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
        if !harmless && !kind.allowed().contains(&interface) {
            return Err(RuntimeError::Import { import: brief(name, TOLD), kind });
        }
        names.push(name.to_owned());
    }
    names.sort();
    Ok(names)
}

/// Links a component, so that instantiating it can no longer fail for what it is.
pub(super) fn link(linker: &Linker<Call>, component: &Component, kind: Kind) -> Result<Linked, RuntimeError> {
    let unfit = |why: wasmtime::Error| RuntimeError::World { kind, why: brief(&format!("{why:#}"), TOLD) };
    let pre: InstancePre<Call> = linker.instantiate_pre(component).map_err(unfit)?;
    let interface = kind.interface();
    if component.get_export_index(None, interface).is_none() {
        return Err(RuntimeError::World { kind, why: format!("it does not export {interface}") });
    }
    Ok(match kind {
        Kind::Source => Linked::Source(HttpSourcePre::new(pre).map_err(unfit)?),
        Kind::Detector => Linked::Detector(PureDetectorPre::new(pre).map_err(unfit)?),
        Kind::Responder => Linked::Responder(HttpResponderPre::new(pre).map_err(unfit)?),
        Kind::Directory => Linked::Directory(HttpDirectoryPre::new(pre).map_err(unfit)?),
    })
}
