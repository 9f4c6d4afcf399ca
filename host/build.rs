//! Builds the guests for `wasm32-unknown-unknown` and turns each into a component beside the host's own code.
//!
//! A guest is its own build: another target, another profile, its own target folder (cargo holds a lock on ours while
//! this runs), and an environment without what was meant for the host.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use wit_component::ComponentEncoder;

const TARGET: &str = "wasm32-unknown-unknown";
/// Each guest by the name it is built in under, and its package.
const GUESTS: &[(&str, &str)] = &[("miro", "guest-miro")];
/// Set for the host's build or by its linter, wrong for a guest.
const FOREIGN: &[&str] = &[
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];

type Result<T> = std::result::Result<T, String>;

fn main() {
    if let Err(why) = build() {
        println!("cargo::error={}", why.trim_end().replace('\n', "\ncargo::error="));
        std::process::exit(1);
    }
}

fn build() -> Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..");
    for watched in ["guest", "wit", "Cargo.lock", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    let out = PathBuf::from(variable("OUT_DIR")?);
    ensure_target()?;
    for (name, package) in GUESTS {
        let core = core_module(&root, &out.join("guests"), package)?;
        fs::write(out.join(format!("{name}.wasm")), component(package, &core)?)
            .map_err(|why| format!("failed to write {name}.wasm: {why}"))?;
    }
    Ok(())
}

/// Compiles one guest; its core module.
fn core_module(root: &Path, target: &Path, package: &str) -> Result<Vec<u8>> {
    let mut cargo = Command::new(variable("CARGO")?);
    cargo
        .current_dir(root)
        .args(["build", "--locked", "--profile", "guest", "--package", package, "--target", TARGET, "--target-dir"])
        .arg(target);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let of_a_profile = ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_FEATURE_", "CARGO_CFG_"].iter().any(|prefix| text.starts_with(prefix));
        if of_a_profile || FOREIGN.contains(&text.as_ref()) {
            cargo.env_remove(&name);
        }
    }
    let output = cargo.output().map_err(|why| format!("failed to start cargo for {package}: {why}"))?;
    if !output.status.success() {
        return Err(format!("failed to build {package} for {TARGET}:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let file = target.join(TARGET).join("guest").join(format!("{}.wasm", package.replace('-', "_")));
    fs::read(&file).map_err(|why| format!("failed to read {}: {why}", file.display()))
}

fn component(package: &str, core: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ComponentEncoder::default();
    encoder
        .validate(true)
        .module(core)
        .and_then(|encoder| encoder.encode())
        .map_err(|why| format!("{package} is no component of its world (does it `export!` it?): {why:?}"))
}

/// The standard library of the target, installed where it is missing and rustup is there.
fn ensure_target() -> Result<()> {
    let rustc = variable("RUSTC")?;
    let asked = Command::new(&rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    let asked = asked.map_err(|why| format!("failed to start {rustc}: {why}"))?;
    let folder = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    let there = || fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    if there() {
        return Ok(());
    }
    println!("cargo::warning=installing the standard library for {TARGET}: rustup target add {TARGET}");
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    if let Ok(toolchain) = env::var("RUSTUP_TOOLCHAIN") {
        rustup.args(["--toolchain", &toolchain]);
    }
    let added = rustup.output();
    match added {
        Ok(output) if output.status.success() && there() => Ok(()),
        Ok(output) => Err(format!(
            "the standard library for {TARGET} is missing and rustup could not add it; run `rustup target add {TARGET}` yourself:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(_) => Err(format!(
            "the standard library for {TARGET} is missing and there is no rustup to add it: install it from your \
             distribution (package `rust-std-{TARGET}` or the like), or install Rust from https://rustup.rs"
        )),
    }
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set: run this through cargo"))
}
