//! The component composed with `guest/command`, run by stock runtimes as it is.

use std::{path::PathBuf, sync::Arc};

use tokio::process::Command;

use crate::{
    library::{node_and_jco, transpile},
    play::Component,
    runtime::{Errand, Runtime, here, says},
};

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Arc<dyn Runtime>> {
    [Arc::new(Wasmtime) as Arc<dyn Runtime>, Arc::new(Node)].into_iter()
}

/// `wasmtime/command`, with the wasmtime CLI.
struct Wasmtime;

impl Wasmtime {
    /// The version of the host's runtime, which is the one that is promised.
    const VERSION: &str = "wasmtime 48.";

    /// Where it is, and which it is.
    fn find() -> Result<(PathBuf, String), String> {
        let places = [
            std::env::var_os("MIRO_SOURCE_WASMTIME").map(PathBuf::from),
            Some(here().join("wasmtime/.installed/bin/wasmtime")),
            Some("wasmtime".into()),
        ];
        let mut found = Vec::new();
        for place in places.into_iter().flatten() {
            match says(&place, &["--version"]) {
                Ok(version) if version.starts_with(Self::VERSION) => return Ok((place, version)),
                Ok(version) => found.push(format!("{} is {version}", place.display())),
                Err(_) => {}
            }
        }
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        Err(format!("no wasmtime CLI of version 48 (found: {found}): run tests/runtimes/install-wasmtime-cli, or set MIRO_SOURCE_WASMTIME"))
    }
}

impl Runtime for Wasmtime {
    fn name(&self) -> &'static str {
        "wasmtime-command"
    }

    fn title(&self) -> &'static str {
        "wasmtime CLI, the composed command"
    }

    fn version(&self) -> Result<String, String> {
        // `wasmtime 48.0.8 (abcdef 2026-11-01)`
        Self::find().map(|(_, version)| version.split(" (").next().unwrap_or(&version).to_owned())
    }

    fn prepare(&self, _: &Component, errand: &Errand) -> anyhow::Result<()> {
        Ok(std::fs::create_dir(errand.folder.join("state"))?)
    }

    fn mends_torn_line(&self) -> bool {
        true
    }

    fn visit(&self, component: &Component, errand: &Errand) -> Command {
        let mut command = errand.command(here().join("wasmtime/command"));
        command.arg(&component.command).arg(errand.folder.join("state")).envs(errand.to_command());
        if let Ok((wasmtime, _)) = Self::find() {
            command.env("WASMTIME", wasmtime);
        }
        command
    }
}

/// `node/command.js`, with what jco makes of the command.
struct Node;

impl Runtime for Node {
    fn name(&self) -> &'static str {
        "node-command"
    }

    fn title(&self) -> &'static str {
        "Node, the composed command"
    }

    fn version(&self) -> Result<String, String> {
        node_and_jco()
    }

    fn prepare(&self, component: &Component, errand: &Errand) -> anyhow::Result<()> {
        std::fs::create_dir(errand.folder.join("state"))?;
        transpile(&component.command, "command", &errand.folder.join("transpiled"), &["--instantiation", "sync"])
    }

    fn mends_torn_line(&self) -> bool {
        true
    }

    fn visit(&self, _: &Component, errand: &Errand) -> Command {
        let mut command = errand.command("node");
        command.arg(here().join("node/command.js")).arg(errand.folder.join("transpiled")).arg(errand.folder.join("state"));
        command.envs(errand.to_command());
        command
    }
}
