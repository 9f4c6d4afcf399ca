//! One version of a component, compiled and ready.

use audit_pipeline::HttpSourcePre;
use wasmtime::{Engine, component::Component as Compiled, component::Linker};

use super::{RuntimeError, call::State, component};
use crate::model::Instant;

/// A compiled component that keeps the contract as far as can be seen from outside.
pub struct Generation {
    digest: String,
    imports: Vec<String>,
    born: Instant,
    pub(super) pre: HttpSourcePre<State>,
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation").field("digest", &self.digest).field("born", &self.born).finish_non_exhaustive()
    }
}

impl Generation {
    pub(super) fn new(engine: &Engine, linker: &Linker<State>, compiled: &Compiled, digest: String) -> Result<Self, RuntimeError> {
        let imports = component::imports(engine, compiled)?;
        let world = |why: wasmtime::Error| RuntimeError::World(format!("{why:#}"));
        let pre = HttpSourcePre::new(linker.instantiate_pre(compiled).map_err(world)?).map_err(world)?;
        Ok(Self { digest, imports, born: Instant::system(), pre })
    }

    /// SHA-256 of its bytes, in hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What it imports.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// When it was loaded.
    pub fn born(&self) -> Instant {
        self.born
    }
}
