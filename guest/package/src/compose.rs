//! A source and `guest/command` in one component.

use anyhow::{Context as _, Result};
use wac_graph::{CompositionGraph, EncodeOptions, plug, types::Package};

/// `command` with its import `audit:pipeline/source` filled by `source`. What both import from WASI is imported once.
pub fn compose(command: &[u8], source: &[u8]) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut register = |name: &str, bytes: &[u8]| {
        let package = Package::from_bytes(name, None, bytes.to_vec(), graph.types_mut())?;
        graph.register_package(package).map_err(anyhow::Error::from)
    };
    let socket = register("audit:command", command).context("failed to read the command as a component")?;
    let filling = register("audit:source", source).context("failed to read the source as a component")?;
    plug(&mut graph, vec![filling], socket).context("the source does not export what the command imports")?;
    graph.encode(EncodeOptions::default()).context("failed to write the composed component")
}
