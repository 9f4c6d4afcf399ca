//! The bare component, called as a library by the drivers in `node/` and `python/`.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use tokio::process::Command;

use crate::{
    play::Component,
    runtime::{Errand, Runtime, here, says},
};

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Arc<dyn Runtime>> {
    [Arc::new(Node) as Arc<dyn Runtime>, Arc::new(Python)].into_iter()
}

/// `node/collect.js`, with what jco makes of the component.
struct Node;

/// Node and jco, or what installs it.
pub(crate) fn node_and_jco() -> Result<String, String> {
    let node = says("node", &["--version"]).map_err(|_| "there is no `node` (20 or newer) on the PATH".to_owned())?;
    let major = node.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        return Err(format!("node {node} is too old: 20 or newer is needed"));
    }
    let package = here().join("node/node_modules/@bytecodealliance/jco/package.json");
    let text = std::fs::read_to_string(package).map_err(|_| "jco is not installed: run tests/runtimes/install".to_owned())?;
    let package: serde_json::Value = serde_json::from_str(&text).map_err(|why| format!("jco's package.json: {why}"))?;
    Ok(format!("node {}, jco {}", node.trim_start_matches('v'), package.get("version").and_then(|v| v.as_str()).unwrap_or("?")))
}

/// `jco transpile` of a component into a folder.
pub(crate) fn transpile(component: &std::path::Path, name: &str, into: &std::path::Path, args: &[&str]) -> anyhow::Result<()> {
    let jco = here().join("node/node_modules/.bin/jco");
    let (component, into) = (component.to_string_lossy(), into.to_string_lossy());
    let mut all = vec!["transpile", &component, "--name", name, "-o", &into, "--no-typescript", "--quiet"];
    all.extend(args);
    says(jco, &all).map(drop).context("failed to transpile")
}

impl Runtime for Node {
    fn name(&self) -> &'static str {
        "node"
    }

    fn title(&self) -> &'static str {
        "Node, the component as a library"
    }

    fn version(&self) -> Result<String, String> {
        node_and_jco()
    }

    fn prepare(&self, component: &Component, errand: &Errand) -> anyhow::Result<()> {
        transpile(&component.source, "source", &errand.folder.join("transpiled"), &["--instantiation", "sync"])
    }

    fn visit(&self, _: &Component, errand: &Errand) -> Command {
        let mut command = errand.command("node");
        command.arg(here().join("node/collect.js")).arg(errand.folder.join("transpiled")).arg(errand.folder.join("place"));
        command.envs(errand.to_driver());
        command
    }
}

/// `python/collect.py`, with wasmtime-py.
struct Python;

impl Python {
    fn interpreter() -> PathBuf {
        here().join("python/.venv/bin/python")
    }
}

impl Runtime for Python {
    fn name(&self) -> &'static str {
        "python"
    }

    fn title(&self) -> &'static str {
        "Python, the component as a library"
    }

    fn version(&self) -> Result<String, String> {
        let asked =
            "import platform, importlib.metadata as m; print('python', platform.python_version() + ', wasmtime', m.version('wasmtime'))";
        let interpreter = Self::interpreter();
        if !interpreter.exists() {
            return Err("wasmtime-py is not installed: run tests/runtimes/install".to_owned());
        }
        says(interpreter, &["-c", asked]).map_err(|why| format!("{why:#}"))
    }

    fn visit(&self, component: &Component, errand: &Errand) -> Command {
        let mut command = errand.command(Self::interpreter());
        command.arg("-B").arg(here().join("python/collect.py")).arg(&component.source).arg(errand.folder.join("place"));
        command.envs(errand.to_driver());
        command
    }
}
