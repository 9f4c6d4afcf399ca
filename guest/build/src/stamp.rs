//! What a component says about itself, in the sections that registries read
//! (<https://github.com/bytecodealliance/wasm-tools/tree/main/crates/wasm-metadata>).

use std::path::Path;

use serde::Deserialize;
use wasm_metadata::{AddMetadata, AddMetadataField, Description, Licenses, Revision, Version};

use crate::guest::cargo;

/// What is written into a component. What it says nothing about stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Stamp {
    /// What it is called.
    pub name: Option<String>,
    /// By semver.org.
    pub version: Option<String>,
    /// An SPDX expression.
    pub license: Option<String>,
    /// One sentence.
    pub description: Option<String>,
    /// The commit it was built from. No build writes this by itself: it would change the bytes with every commit.
    #[serde(skip)]
    pub revision: Option<String>,
}

#[derive(Deserialize)]
struct Workspace {
    packages: Vec<Stamp>,
}

impl Stamp {
    /// What the manifest of a package in the workspace at `root` says.
    pub fn of_package(root: &Path, package: &str) -> Result<Self, String> {
        let output = cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]).output();
        let output = output.map_err(|why| format!("failed to start cargo for the description of {package}: {why}"))?;
        if !output.status.success() {
            return Err(format!("failed to read the description of {package}:\n{}", String::from_utf8_lossy(&output.stderr)));
        }
        let all: Workspace =
            serde_json::from_slice(&output.stdout).map_err(|why| format!("`cargo metadata` said something unexpected: {why}"))?;
        let found = all.packages.into_iter().find(|stamp| stamp.name.as_deref() == Some(package));
        found.ok_or_else(|| format!("the workspace at {} has no package {package}", root.display()))
    }

    /// The component with this written into it; the same bytes for the same stamp.
    pub fn onto(&self, component: &[u8]) -> Result<Vec<u8>, String> {
        let mut add = AddMetadata::default();
        if let Some(name) = &self.name {
            add.name = AddMetadataField::Set(name.clone());
        }
        if let Some(version) = &self.version {
            add.version = AddMetadataField::Set(Version::new(version.clone()));
        }
        if let Some(license) = &self.license {
            let parsed = Licenses::new(license).map_err(|why| format!("the licence {license:?} is no SPDX expression: {why}"))?;
            add.licenses = AddMetadataField::Set(parsed);
        }
        if let Some(description) = &self.description {
            add.description = AddMetadataField::Set(Description::new(description.clone()));
        }
        if let Some(revision) = &self.revision {
            add.revision = AddMetadataField::Set(Revision::new(revision.clone()));
        }
        add.to_wasm(component).map_err(|why| format!("failed to write the metadata: {why:?}"))
    }
}
