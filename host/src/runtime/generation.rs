//! One loaded version of a component.

use std::sync::Arc;

use audit_pipeline::{HttpDirectoryPre, HttpResponderPre, HttpSourcePre, PureDetectorPre};
use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, component::Linker};

use super::{
    cache::{self, Cache, Origin},
    call::Call,
    error::RuntimeError,
    imports::{self, Linked},
    kind::Kind,
    tally::Tally,
};
use crate::model::Instant;

/// One loaded version of a component: compiled, its imports checked, linked.
pub struct Generation {
    digest: String,
    imports: Vec<String>,
    born: Instant,
    origin: Origin,
    pub(super) kind: Kind,
    pub(super) linked: Linked,
    pub(super) tally: Arc<Tally>,
}

impl Generation {
    pub(super) fn load(
        engine: &Engine,
        linker: &Linker<Call>,
        cache: Option<&Cache>,
        kind: Kind,
        wasm: &[u8],
        tally: Arc<Tally>,
    ) -> Result<Self, RuntimeError> {
        let digest = digest(wasm);
        let (component, origin) = cache::load(engine, cache, &digest, wasm)?;
        let imports = imports::check(engine, &component, kind)?;
        let linked = imports::link(linker, &component, kind)?;
        tracing::debug!(digest, %kind, ?origin, "loaded a component");
        Ok(Self { digest, imports, born: Instant::system(), origin, kind, linked, tally })
    }

    /// SHA-256 of the component, in hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The interfaces it imports, in order.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// As a source, which is what sources are made of.
    pub(super) fn source(&self) -> wasmtime::Result<&HttpSourcePre<Call>> {
        let Linked::Source(source) = &self.linked else { return Err(self.unlike(Kind::Source)) };
        Ok(source)
    }

    /// As a detector.
    pub(super) fn detector(&self) -> wasmtime::Result<&PureDetectorPre<Call>> {
        let Linked::Detector(detector) = &self.linked else { return Err(self.unlike(Kind::Detector)) };
        Ok(detector)
    }

    /// As a responder.
    pub(super) fn responder(&self) -> wasmtime::Result<&HttpResponderPre<Call>> {
        let Linked::Responder(responder) = &self.linked else { return Err(self.unlike(Kind::Responder)) };
        Ok(responder)
    }

    /// As a directory.
    pub(super) fn directory(&self) -> wasmtime::Result<&HttpDirectoryPre<Call>> {
        let Linked::Directory(directory) = &self.linked else { return Err(self.unlike(Kind::Directory)) };
        Ok(directory)
    }

    fn unlike(&self, wanted: Kind) -> wasmtime::Error {
        wasmtime::Error::msg(format!("this component is a {}, not a {wanted}", self.kind))
    }

    /// When it was loaded.
    pub fn born(&self) -> Instant {
        self.born
    }

    /// Whether its code came from the cache.
    pub fn was_cached(&self) -> bool {
        self.origin == Origin::Cached
    }
}

/// SHA-256 of a component, in hex.
pub fn digest(wasm: &[u8]) -> String {
    hex::encode(Sha256::digest(wasm))
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation").field("digest", &self.digest).field("imports", &self.imports).finish_non_exhaustive()
    }
}
