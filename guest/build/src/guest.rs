//! One guest: core module by cargo, component by wit-component, stamped with what its package says.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use wit_component::ComponentEncoder;

use crate::{Stamp, TARGET};

/// Set for the caller's build or by its linter, wrong for a guest.
const FOREIGN: &[&str] = &[
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_TARGET_DIR",
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];
const FOREIGN_PREFIXES: &[&str] = &["CARGO_BUILD_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PROFILE_"];

/// Builds `package` of the workspace at `root` in `target_dir` (see [`target_dir`](crate::target_dir)); the component,
/// stamped with name, version, licence and description of the package. Needs the target: see
/// [`ensure_target`](crate::ensure_target). Fast where nothing changed.
pub fn component(root: &Path, target_dir: &Path, package: &str) -> Result<Vec<u8>, String> {
    let core = core_module(root, target_dir, package)?;
    let mut encoder = ComponentEncoder::default();
    let bytes = encoder
        .validate(true)
        .module(&core)
        .and_then(|encoder| encoder.encode())
        .map_err(|why| format!("{package} is no component of its world (does it `export!` it?): {why:?}"))?;
    Stamp::of_package(root, package)?.onto(&bytes)
}

fn core_module(root: &Path, target_dir: &Path, package: &str) -> Result<Vec<u8>, String> {
    let mut cargo = cargo(root);
    cargo
        .args(["build", "--locked", "--profile", "guest", "--package", package, "--target", TARGET, "--target-dir"])
        .arg(target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", flags());
    let output = cargo.output().map_err(|why| format!("failed to start cargo for {package}: {why}"))?;
    if !output.status.success() {
        return Err(format!("failed to build {package} for {TARGET}:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let file = target_dir.join(TARGET).join("guest").join(format!("{}.wasm", package.replace('-', "_")));
    fs::read(&file).map_err(|why| format!("failed to read {}: {why}", file.display()))
}

/// Cargo in the workspace, without what belongs to the build that calls.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if FOREIGN.contains(&text.as_ref()) || FOREIGN_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Panics name the file they are in, so the folder of this machine's crates would make other bytes on every machine.
fn flags() -> String {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    home.map(|home| format!("--remap-path-prefix={}=/cargo", home.display())).unwrap_or_default()
}
