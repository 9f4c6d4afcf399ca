//! What a runtime must tell of itself, and what it is told.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::Context as _;
use tokio::process::Command;

use crate::{play::Component, story::Scene};

/// Something that runs the component.
pub(crate) trait Runtime: Send + Sync {
    /// In `MIRO_SOURCE_RUNTIMES` and on the harness's command line.
    fn name(&self) -> &'static str;

    /// In the table.
    fn title(&self) -> &'static str;

    /// What would run, or why it is not here and what installs it.
    fn version(&self) -> Result<String, String>;

    /// Whatever comes before the first visit.
    fn prepare(&self, component: &Component, errand: &Errand) -> anyhow::Result<()> {
        let _ = (component, errand);
        Ok(())
    }

    /// Whatever must be written down of an errand.
    fn configure(&self, component: &Component, errand: &Errand) -> anyhow::Result<()> {
        let _ = (component, errand);
        Ok(())
    }

    /// Whether it gives up where standard output takes nothing, rather than wait until it does.
    fn ends_on_full_disk(&self) -> bool {
        true
    }

    /// Whether it ends what may be half a line with an empty one, after printing failed.
    fn mends_torn_line(&self) -> bool {
        false
    }

    /// One visit: prints what is new as NDJSON on standard output and ends.
    fn visit(&self, component: &Component, errand: &Errand) -> Command;
}

/// What every runtime is told, in the same words.
#[derive(Clone)]
pub(crate) struct Errand {
    /// Where it may keep what it must.
    pub(crate) folder: PathBuf,
    /// The origin it may reach.
    pub(crate) allow: String,
    /// The component's `config`.
    pub(crate) config: String,
    /// The configured tokens.
    pub(crate) secrets: [(&'static str, String); 3],
}

impl Errand {
    /// To that scene.
    pub(crate) fn to(scene: &Scene, folder: PathBuf) -> Self {
        let config = serde_json::json!({
            "api_url": scene.server.miro_url, "client_id": scene.world.client_id(), "since": "2h", "revisit": ["1h"],
        });
        let secrets = [
            ("MIRO_SOURCE_SECRET_ACCESS_TOKEN", scene.pair.access.clone()),
            ("MIRO_SOURCE_SECRET_REFRESH_TOKEN", scene.pair.refresh.clone()),
            ("MIRO_SOURCE_SECRET_CLIENT_SECRET", scene.world.client_secret()),
        ];
        Self { folder, allow: scene.server.miro_url.clone(), config: config.to_string(), secrets }
    }

    /// A program that knows nothing but the errand, and where programs are.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(["PATH", "HOME"].iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// As environment variables for a driver, which must be told what to allow.
    pub(crate) fn to_driver(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.to_command().chain([("MIRO_SOURCE_ALLOW", self.allow.as_str())])
    }

    /// As environment variables for the composed command.
    pub(crate) fn to_command(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.to_host().chain([("MIRO_SOURCE_CONFIG", self.config.as_str())])
    }

    /// As environment variables for the native host, which has a file for all that is no secret.
    pub(crate) fn to_host(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.secrets.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// The folder of this test in the sources, where drivers and their tools are.
pub(crate) fn here() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/runtimes"))
}

/// What a program says to these arguments, on one line.
pub(crate) fn says(program: impl AsRef<Path>, args: &[&str]) -> anyhow::Result<String> {
    let program = program.as_ref();
    let output = std::process::Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("failed to start {}", program.display()))?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    anyhow::ensure!(output.status.success(), "{} {}: {} {err}", program.display(), args.join(" "), output.status);
    Ok(out.trim().to_owned())
}
