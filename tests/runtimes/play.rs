//! One runtime through the story.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use component_package::Revision;
use sha2::{Digest as _, Sha256};
use simulator::{Account, Endpoint, Fault, Rule};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    runtime::{Errand, Runtime},
    story::{Scene, Story, VISITS},
};

/// What never ends fails instead of holding everything up.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often a visit that ends with 1 (something is left) is repeated, as cron would.
const TRIES: usize = 3;
/// Before this visit comes one whose standard output takes nothing.
const FULL: usize = 1;

/// The one component file that everybody runs.
pub(crate) struct Component {
    /// The bare component: exports `source`.
    pub(crate) source: PathBuf,
    /// The same composed with `guest/command`: exports `wasi:cli/run`.
    pub(crate) command: PathBuf,
    /// Of the bare component, hexadecimal.
    pub(crate) digest: String,
    /// Its size.
    pub(crate) bytes: usize,
    /// Holds the files.
    _folder: TempDir,
}

impl Component {
    /// As `cargo components` writes them.
    pub(crate) fn write() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("miro-source-component-").tempdir()?;
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let builds = component_build::target_dir(&std::env::current_exe()?);
        component_build::ensure_target(|said| eprintln!("{said}")).map_err(anyhow::Error::msg)?;
        component_package::write(root, &builds, folder.path(), &Revision::of(root))?;
        let (source, command) = (folder.path().join("miro-source.wasm"), folder.path().join("miro-source-command.wasm"));
        let (bytes, composed) = (std::fs::read(&source)?, std::fs::read(&command)?);
        ensure!(composed.windows(bytes.len()).any(|window| window == bytes), "the composed command does not hold the component as it is");
        Ok(Self { source, command, digest: hex(&bytes), bytes: bytes.len(), _folder: folder })
    }

    /// Fails where somebody changed the file.
    pub(crate) fn unchanged(&self) -> anyhow::Result<()> {
        let digest = hex(&std::fs::read(&self.source)?);
        ensure!(digest == self.digest, "the component file has changed: sha256:{digest}");
        Ok(())
    }
}

/// What a runtime printed, and what its vendor says of it.
#[derive(Debug)]
pub(crate) struct Play {
    /// Standard output of each visit.
    pub(crate) output: Vec<Vec<u8>>,
    /// The vendor's books at the end.
    pub(crate) account: Account,
}

impl Play {
    /// Plays the story with that runtime in a world of its own.
    pub(crate) fn of(runtime: &dyn Runtime, component: &Component, story: &Story) -> anyhow::Result<Self> {
        let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        tokio.block_on(Self::through(runtime, component, *story))
    }

    async fn through(runtime: &dyn Runtime, component: &Component, story: Story) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("miro-source-").tempdir()?;
        let scene = story.scene().await?;
        let errand = Errand::to(&scene, folder.path().to_owned());
        runtime.prepare(component, &errand)?;
        runtime.configure(component, &errand)?;
        let mut output = Vec::new();
        for visit in 0..VISITS {
            scene.before(visit);
            if visit == FULL && runtime.ends_on_full_disk() {
                into_the_void(runtime.visit(component, &errand)).await?;
            }
            let printed = visited(runtime, component, &errand).await.with_context(|| format!("visit {} of {VISITS}", visit + 1))?;
            let mended = printed.strip_prefix(b"\n").filter(|_| visit == FULL && runtime.mends_torn_line());
            output.push(mended.map_or(printed.clone(), <[u8]>::to_vec));
        }
        let account = scene.world.account(scene.now());
        well_behaved(&account, &scene)?;
        ends_badly(runtime, component, &errand, &scene).await?;
        component.unchanged()?;
        Ok(Self { output, account })
    }

    /// Every line that was printed, in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.output.iter().flat_map(|visit| visit.split_inclusive(|byte| *byte == b'\n'))
    }

    /// Of everything that was printed, hexadecimal.
    pub(crate) fn digest(&self) -> String {
        hex(&self.output.concat())
    }
}

/// What one visit printed. One that leaves something is repeated.
async fn visited(runtime: &dyn Runtime, component: &Component, errand: &Errand) -> anyhow::Result<Vec<u8>> {
    let (mut printed, mut said) = (Vec::new(), String::new());
    for _ in 0..TRIES {
        let ran = ended(runtime.visit(component, errand)).await?;
        printed.extend_from_slice(&ran.stdout);
        writeln!(said, "{}\n{}", ran.status, String::from_utf8_lossy(&ran.stderr))?;
        match ran.status.code() {
            Some(0) => return Ok(printed),
            Some(1) => {}
            _ => break,
        }
    }
    bail!("it ended badly:\n{said}")
}

/// A visit whose standard output is a full disk: it fails, and what it could not print must come with the next.
async fn into_the_void(mut command: Command) -> anyhow::Result<()> {
    let full = std::path::Path::new("/dev/full");
    if full.exists() {
        command.stdout(std::fs::File::options().write(true).open(full)?);
        let ran = ended(command).await?;
        let said = String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.code() == Some(1), "onto a full disk it ended with {}, not with 1:\n{said}", ran.status);
    }
    Ok(())
}

/// The same exit codes for the same causes: 2 for a configuration that cannot work, 3 where a person must authorize.
async fn ends_badly(runtime: &dyn Runtime, component: &Component, errand: &Errand, scene: &Scene) -> anyhow::Result<()> {
    let wrong = Errand { config: errand.config.replace("api_url", "api_urll"), ..errand.clone() };
    for (exit, errand) in [(2, &wrong), (3, errand)] {
        runtime.configure(component, errand)?;
        scene.world.add_rule(Rule::new(Endpoint::Audit, Fault::RevokeToken).once());
        let ran = ended(runtime.visit(component, errand)).await?;
        let said = String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.code() == Some(exit), "it ended with {}, not with {exit}:\n{said}", ran.status);
        ensure!(ran.stdout.is_empty(), "it printed something: {}", String::from_utf8_lossy(&ran.stdout));
        for (name, secret) in &errand.secrets {
            ensure!(!said.contains(secret.as_str()), "it shows {name}");
        }
    }
    Ok(())
}

async fn ended(mut command: Command) -> anyhow::Result<Output> {
    // Not `output()`, which would take standard output away from where it was sent.
    let running = command.spawn().context("it does not start")?.wait_with_output();
    Ok(tokio::time::timeout(PATIENCE, running).await.context("it does not end")??)
}

/// Rotated as often as the story wants it, with the newest pair each time, and nothing asked that nobody should ask.
fn well_behaved(account: &Account, scene: &Scene) -> anyhow::Result<()> {
    ensure!(account.violations.is_empty(), "the vendor complains: {:?}", account.violations);
    ensure!((account.rotations, account.stale_refreshes) == (2, 0), "rotations, and those with an old token: {account:?}");
    ensure!(!scene.world.revoke(&scene.pair.access) && !scene.world.revoke(&scene.pair.refresh), "the first pair still lives");
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
