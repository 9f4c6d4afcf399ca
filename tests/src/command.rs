//! A command of the host, run to its end as a person runs it.

use std::{
    path::Path,
    process::{Output, Stdio},
};

use tokio::{io::AsyncWriteExt as _, process::Command};

use crate::stage::Stage;

/// Who calls commands: a person by way of `sudo`, since tests may run as root, who is nobody in particular.
const PERSON: &str = "ann";

/// What a command came to.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// `miro-source --config CONFIG ARGS…` by the binary `demo`, with nothing to read.
    pub async fn of(config: &Path, args: &[&str]) -> anyhow::Result<Self> {
        Self::reading(config, args, "").await
    }

    /// The same, with `input` to read.
    pub async fn reading(config: &Path, args: &[&str], input: &str) -> anyhow::Result<Self> {
        let mut child = Self::command(config, args).stdin(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that ended without reading did not want it.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        Ok(Self::from(child.wait_with_output().await?))
    }

    /// The command itself, for those who talk to it while it runs.
    pub fn command(config: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(Stage::demo_binary());
        command.arg("host").arg("--config").arg(config).args(args);
        command
            .env_remove("MIRO_SOURCE_LOG")
            .env_remove("MIRO_SOURCE_CONFIG")
            .env_remove("MIRO_SOURCE_KEY_PASSWORD")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("SUDO_UID")
            .env("SUDO_USER", PERSON);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Everything it said.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }
}
