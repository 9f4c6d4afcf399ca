//! Compiled code on disk, so that a start does not compile.
//!
//! One file a component: `<engine>-<digest>.cwasm`, sealed with the store's key for exactly this engine and this
//! component. A file that is missing, foreign or changed is compiled anew and replaced; a cache that cannot be
//! written costs time, never a call. The folder is private (0700), files too (0600), and a file appears whole or not.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::Sha256;
use wasmtime::{Engine, component::Component};

use super::{
    error::RuntimeError,
    limits::COMPONENT,
    native::{self, Trusted},
};
use crate::{
    disk::{create_private, private_folder},
    neutral::brief,
    store::seal::Key,
};

/// Where compiled code is kept, and the key it is sealed with.
#[derive(Clone)]
pub struct Cache {
    folder: Arc<Path>,
    key: Key,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// How a component came to be code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Compiled,
    Cached,
}

impl Cache {
    /// In `folder`, which is made when first needed. `key` must be the host's own.
    pub fn new(folder: impl Into<PathBuf>, key: Key) -> Self {
        Self { folder: folder.into().into(), key }
    }

    fn file(&self, engine: &str, digest: &str) -> PathBuf {
        self.folder.join(format!("{engine}-{digest}.cwasm"))
    }

    fn read(&self, engine: &Engine, digest: &str) -> Option<Component> {
        let hash = compatibility(engine);
        let path = self.file(&hash, digest);
        let bytes = fs::read(&path).ok()?;
        let Ok(code) = self.key.open(&purpose(&hash, digest), &bytes) else {
            tracing::warn!("{} was not written by this host, or changed since: compiling the component anew", path.display());
            return None;
        };
        match native::load(engine, &Trusted::vouched(&code)) {
            Ok(component) => Some(component),
            Err(why) => {
                tracing::info!("{} is of another engine, compiling the component anew: {why}", path.display());
                None
            }
        }
    }

    fn write(&self, engine: &Engine, digest: &str, code: &[u8]) -> io::Result<()> {
        static UNIQUE: AtomicU64 = AtomicU64::new(0);
        let hash = compatibility(engine);
        private_folder(&self.folder)?;
        let unique = UNIQUE.fetch_add(1, Ordering::Relaxed);
        let scratch = self.folder.join(format!(".{digest}.{}.{unique}", std::process::id()));
        let sealed = self.key.seal(&purpose(&hash, digest), code)?;
        let written = create_private(&scratch)
            .and_then(|mut file| file.write_all(&sealed))
            .and_then(|()| fs::rename(&scratch, self.file(&hash, digest)));
        if written.is_err() {
            // What is left of it is of no use; that it cannot be removed either changes nothing.
            let _ = fs::remove_file(&scratch);
        }
        written
    }
}

/// What a file is sealed for: another engine, component or layout does not open it.
fn purpose(engine: &str, digest: &str) -> Vec<u8> {
    format!("miro-source compiled component v1 {engine} {digest}").into_bytes()
}

/// Compiles a component, or takes its code from the cache.
pub(super) fn load(engine: &Engine, cache: Option<&Cache>, digest: &str, wasm: &[u8]) -> Result<(Component, Origin), RuntimeError> {
    if wasm.len() > COMPONENT {
        return Err(RuntimeError::TooLarge(wasm.len()));
    }
    if let Some(component) = cache.and_then(|cache| cache.read(engine, digest)) {
        return Ok((component, Origin::Cached));
    }
    let failed = |why: wasmtime::Error| RuntimeError::Compile(brief(&format!("{why:#}"), 300));
    if !is_component(wasm) {
        return Err(RuntimeError::Compile("this is not a WebAssembly component (a .wasm file, binary)".to_owned()));
    }
    let Some(cache) = cache else {
        return Component::from_binary(engine, wasm).map(|component| (component, Origin::Compiled)).map_err(failed);
    };
    let code = engine.precompile_component(wasm).map_err(failed)?;
    if let Err(why) = cache.write(engine, digest, &code) {
        tracing::warn!("failed to keep compiled code in {}, the next start compiles again: {why}", cache.folder.display());
    }
    native::load(engine, &Trusted::vouched(&code)).map(|component| (component, Origin::Compiled)).map_err(failed)
}

/// Whether these bytes say that they are a component: `\0asm`, version 13, layer 1.
fn is_component(wasm: &[u8]) -> bool {
    wasm.starts_with(b"\0asm\x0d\0\x01\0")
}

/// What must be equal for compiled code to fit: version, settings, target.
fn compatibility(engine: &Engine) -> String {
    /// A `Hasher` that is the same on every run and every build.
    struct Stable(Sha256);
    impl std::hash::Hasher for Stable {
        fn write(&mut self, bytes: &[u8]) {
            sha2::Digest::update(&mut self.0, bytes);
        }
        fn finish(&self) -> u64 {
            let digest = sha2::Digest::finalize(self.0.clone());
            digest.iter().take(8).fold(0, |all, byte| (all << 8) | u64::from(*byte))
        }
    }
    let mut hasher = Stable(sha2::Digest::new());
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hasher);
    format!("{:016x}", std::hash::Hasher::finish(&hasher))
}
