//! The native host: the measure.

use std::fmt::Write as _;

use miro_source_tests::stage::Stage;
use tokio::process::Command;

use crate::{
    play::Component,
    runtime::{Errand, Runtime},
};

/// `miro-source once` with the same component file and a sink of type `stdout`.
pub(crate) struct Native;

impl Runtime for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn title(&self) -> &'static str {
        "miro-source, the native host"
    }

    fn version(&self) -> Result<String, String> {
        Ok(env!("CARGO_PKG_VERSION").to_owned())
    }

    fn configure(&self, component: &Component, errand: &Errand) -> anyhow::Result<()> {
        let key = errand.folder.join("key");
        std::fs::write(&key, "7d".repeat(32))?;
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        let config: toml::Value = serde_json::from_str(&errand.config)?;
        let (source, store) = (&component.source, errand.folder.join("miro-source.db"));
        let mut text = format!("[store]\npath = {store:?}\nkey = {{ file = {key:?} }}\n");
        writeln!(text, "[[source]]\nname = \"acme\"\ncomponent = {source:?}\nallow = [{:?}]\nconfig = {config}", errand.allow)?;
        text.push_str("[source.secrets]\n");
        for (variable, _) in &errand.secrets {
            writeln!(text, "{} = {{ env = \"{variable}\" }}", variable.trim_start_matches("MIRO_SOURCE_SECRET_").to_lowercase())?;
        }
        text.push_str(&trust(component));
        text.push_str("[[sink]]\nname = \"out\"\ntype = \"stdout\"\n");
        std::fs::write(errand.folder.join("miro-source.toml"), text)?;
        Ok(())
    }

    fn ends_on_full_disk(&self) -> bool {
        false
    }

    fn visit(&self, _: &Component, errand: &Errand) -> Command {
        let mut command = errand.command(Stage::demo_binary());
        command.args(["host", "--config"]).arg(errand.folder.join("miro-source.toml")).arg("once");
        command.envs(errand.to_host());
        command
    }
}

/// What lets the host run a component that is not built in: its digest, pinned.
fn trust(component: &Component) -> String {
    format!("[components]\ndigests = [\"sha256:{}\"]\n", component.digest)
}
