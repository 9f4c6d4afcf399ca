//! One loaded version of a component.

use audit_pipeline::HttpSourcePre;
use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, component::Linker};

use super::{
    cache::{self, Cache, Origin},
    call::Call,
    error::RuntimeError,
    imports,
};
use crate::model::Instant;

/// One loaded version of a component: compiled, its imports checked, linked.
pub struct Generation {
    digest: String,
    imports: Vec<String>,
    born: Instant,
    origin: Origin,
    pub(super) pre: HttpSourcePre<Call>,
}

impl Generation {
    pub(super) fn load(engine: &Engine, linker: &Linker<Call>, cache: Option<&Cache>, wasm: &[u8]) -> Result<Self, RuntimeError> {
        let digest = hex::encode(Sha256::digest(wasm));
        let (component, origin) = cache::load(engine, cache, &digest, wasm)?;
        let imports = imports::check(engine, &component)?;
        let pre = imports::link(linker, &component)?;
        tracing::debug!(digest, ?origin, "loaded a component");
        Ok(Self { digest, imports, born: Instant::system(), origin, pre })
    }

    /// SHA-256 of the component, in hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The interfaces it imports, in order.
    pub fn imports(&self) -> &[String] {
        &self.imports
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

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation").field("digest", &self.digest).field("imports", &self.imports).finish_non_exhaustive()
    }
}
