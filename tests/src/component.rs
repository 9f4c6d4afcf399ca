//! Components that are not built in: built from this workspace, put into a folder, trusted by their digest.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

/// A component of this workspace by the name of its package.
pub fn build(package: &str) -> anyhow::Result<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let said = |said: &str| tracing::info!("{said}");
    component_build::ensure_target(said).map_err(anyhow::Error::msg)?;
    let target = component_build::target_dir(&std::env::current_exe()?);
    component_build::component(&root, &target, package).map_err(anyhow::Error::msg)
}

/// Writes a component to `folder/NAME.wasm` and adds what makes a host trust it to a configuration.
pub fn install(folder: &Path, name: &str, wasm: &[u8], config: &mut String) -> anyhow::Result<PathBuf> {
    let path = folder.join(format!("{name}.wasm"));
    std::fs::write(&path, wasm).with_context(|| format!("failed to write {}", path.display()))?;
    writeln!(config, "[components]\ndigests = [\"sha256:{:x}\"]\n", Sha256::digest(wasm))?;
    Ok(path)
}
