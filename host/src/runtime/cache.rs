//! Compiled code, kept between starts.
//!
//! Compiled code is native code: running what somebody else wrote there would be the end of the sandbox. So every file is
//! sealed with the store's key, for exactly this engine and this component: another key, another version of the engine,
//! another component or a changed byte, and it does not open. Then it is compiled again. The folder is the owner's alone.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::PathBuf,
};

use wasmtime::{Engine, component::Component as Compiled};

use crate::store::seal::Key;

/// A folder of sealed compiled code.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    key: Key,
}

impl Cache {
    /// In this folder, sealed with this key.
    pub fn new(folder: PathBuf, key: Key) -> Self {
        Self { folder, key }
    }

    /// The compiled component, where it is there and ours.
    pub(super) fn get(&self, engine: &Engine, digest: &str) -> Option<Compiled> {
        let (path, purpose) = self.place(engine, digest);
        let sealed = fs::read(&path).ok()?;
        match self.key.open(&purpose, &sealed) {
            Ok(code) => native::load(engine, &code),
            Err(_) => {
                tracing::warn!("{} is not what this host wrote; compiling again", path.display());
                None
            }
        }
    }

    /// Keeps a compiled component. A start without it is only slower, so a failure is a warning.
    pub(super) fn put(&self, engine: &Engine, digest: &str, compiled: &Compiled) {
        let (path, purpose) = self.place(engine, digest);
        if let Err(why) = self.write(&path, &purpose, compiled) {
            tracing::warn!("failed to keep compiled code in {}: {why}", path.display());
        }
    }

    fn write(&self, path: &std::path::Path, purpose: &[u8], compiled: &Compiled) -> std::io::Result<()> {
        let code = compiled.serialize().map_err(|why| std::io::Error::other(format!("{why:#}")))?;
        let sealed = self.key.seal(purpose, &code)?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    }

    fn place(&self, engine: &Engine, digest: &str) -> (PathBuf, Vec<u8>) {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let name = format!("{:016x}-{digest}", hasher.finish());
        (self.folder.join(format!("{name}.cwasm")), format!("compiled component {name}").into_bytes())
    }
}

/// The one place that trusts bytes to be native code.
mod native {
    use wasmtime::{Engine, component::Component as Compiled};

    /// Loads compiled code.
    ///
    /// Sound because the only caller hands in what opened under the store's key for this purpose: bytes that this program
    /// got from `Component::serialize` and sealed itself. Whoever can forge that has the key, and with it the credentials.
    /// Wasmtime refuses code of another version or configuration by itself.
    #[expect(unsafe_code, reason = "deserializing native code is unsafe by nature; see the proof above")]
    pub(super) fn load(engine: &Engine, code: &[u8]) -> Option<Compiled> {
        // SAFETY: see above.
        let loaded = unsafe { Compiled::deserialize(engine, code) };
        loaded.inspect_err(|why| tracing::debug!("cached code does not fit: {why:#}")).ok()
    }
}
