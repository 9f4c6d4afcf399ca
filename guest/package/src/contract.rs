//! The contract, as text and as a binary WIT package.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};
use wit_parser::Resolve;

/// Where the text is, here and in what is written.
pub(crate) const FOLDER: &str = "wit";

/// The `.wit` files by name.
pub(crate) fn files(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for folder in [FOLDER.to_owned(), format!("{FOLDER}/deps")] {
        let path = root.join(&folder);
        let failed = || format!("failed to read {}", path.display());
        for entry in fs::read_dir(&path).with_context(failed)? {
            let entry = entry.with_context(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".wit") {
                files.insert(format!("{folder}/{name}"), fs::read(entry.path()).with_context(failed)?);
            }
        }
    }
    Ok(files)
}

/// The package as tools for WIT exchange it, dependencies included.
pub(crate) fn binary(root: &Path) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(root.join(FOLDER)).context("failed to read the contract")?;
    wit_component::encode(&resolve, package, false).context("failed to write the contract")
}
