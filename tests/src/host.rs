//! A host as a process of its own, as a user runs it: started, watched, killed.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use anyhow::Context as _;

/// A running host. Dropping it kills it.
#[derive(Debug)]
pub struct Host {
    child: Child,
    log: PathBuf,
}

impl Host {
    /// `miro-source --config CONFIG ARGS…` with these environment variables, by the binary `demo`; its log goes to `log`.
    pub fn start(demo: &Path, config: &Path, args: &[&str], env: &[(&str, &str)], log: &Path) -> anyhow::Result<Self> {
        let file = File::options().create(true).append(true).open(log).with_context(|| format!("failed to open {}", log.display()))?;
        let child = Command::new(demo)
            .arg("host")
            .arg("--config")
            .arg(config)
            .args(args)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("failed to start {}", demo.display()))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to stop and waits for it.
    pub fn terminate(mut self) -> anyhow::Result<ExitStatus> {
        let asked = Command::new("kill").arg("-TERM").arg(self.pid().to_string()).status()?;
        anyhow::ensure!(asked.success(), "failed to signal process {}", self.pid());
        Ok(self.child.wait()?)
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(mut self) -> anyhow::Result<ExitStatus> {
        self.child.kill()?;
        Ok(self.child.wait()?)
    }

    /// Waits until it ends by itself.
    pub fn wait(mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Gone already, or killed now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
