//! Writes what others need of this workspace's components: the components themselves, the contract, and digests.
//!
//! | file | what |
//! |---|---|
//! | `miro-source.wasm` | `guest/miro`: the bare source, for a host |
//! | `miro-source-command.wasm` | the same composed with `guest/command`: for a stock runtime |
//! | `miro-source-entra.wasm` | `guest/entra`: the bare responder and directory, for a host |
//! | `audit-pipeline.wasm` | the contract as a binary WIT package, dependencies included |
//! | `wit/` | the contract as text |
//! | `SHA256SUMS` | of all files above; `sha256sum -c SHA256SUMS` |
//!
//! The same commit and compiler give the same bytes. Each component says its name, version, licence and revision.

mod compose;
mod contract;
mod revision;

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, anyhow};
use component_build::Stamp;
use sha2::{Digest as _, Sha256};

pub use compose::compose;
pub use revision::Revision;

/// The list of digests.
pub const SUMS: &str = "SHA256SUMS";

/// One file.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    /// Its name in the folder.
    pub name: String,
    /// In bytes.
    pub size: usize,
    /// SHA-256, in hex.
    pub digest: String,
}

/// Builds all of it from the workspace at `root`, guests in `builds`, and writes it to the folder `to`.
pub fn write(root: &Path, builds: &Path, to: &Path, revision: &Revision) -> Result<Vec<Written>> {
    let files = contents(root, builds, revision)?;
    let wit = to.join(contract::FOLDER);
    if wit.exists() {
        // What the contract no longer holds must not stay.
        fs::remove_dir_all(&wit).with_context(|| format!("failed to empty {}", wit.display()))?;
    }
    let mut written = Vec::new();
    let mut sums = String::new();
    for (name, bytes) in &files {
        let digest = hex::encode(Sha256::digest(bytes));
        sums.push_str(&format!("{digest}  {name}\n"));
        put(&to.join(name), bytes)?;
        written.push(Written { name: name.clone(), size: bytes.len(), digest });
    }
    put(&to.join(SUMS), sums.as_bytes())?;
    Ok(written)
}

/// The files by name.
fn contents(root: &Path, builds: &Path, revision: &Revision) -> Result<BTreeMap<String, Vec<u8>>> {
    let build = |package: &str| component_build::component(root, builds, package).map_err(|why| anyhow!(why));
    let stamped = |bytes: &[u8], package: &str, name: &str| {
        let own = Stamp::of_package(root, package).map_err(|why| anyhow!(why))?;
        let stamp = Stamp { name: Some(name.to_owned()), revision: revision.text(), ..own };
        stamp.onto(bytes).map_err(|why| anyhow!(why))
    };
    let source = stamped(&build("guest-miro")?, "guest-miro", "miro-source")?;
    // The very file, byte for byte.
    let composed = compose(&build("guest-command")?, &source)?;
    let mut files = contract::files(root)?;
    files.insert("miro-source.wasm".into(), source);
    files.insert("miro-source-command.wasm".into(), stamped(&composed, "guest-command", "miro-source-command")?);
    files.insert("miro-source-entra.wasm".into(), stamped(&build("guest-entra")?, "guest-entra", "miro-source-entra")?);
    let contract = Stamp {
        name: Some("audit:pipeline".into()),
        description: Some("The contract between a host that collects audit logs and the components that know a vendor".into()),
        version: None,
        license: Stamp::of_package(root, "guest-miro").map_err(|why| anyhow!(why))?.license,
        revision: revision.text(),
    };
    let bytes = contract::binary(root)?;
    files.insert("audit-pipeline.wasm".into(), contract.onto(&bytes).map_err(|why| anyhow!(why))?);
    Ok(files)
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    fs::create_dir_all(&folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
    fs::write(path, bytes).with_context(|| format!("failed to write {}", path.display()))
}
