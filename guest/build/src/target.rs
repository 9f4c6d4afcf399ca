//! The target that guests are built for, and its standard library.

use std::{env, fs, process::Command};

/// What guests are built for: it brings no import of its own, unlike `wasm32-wasip2`, whose standard library asks for
/// files, environment and clocks.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Installs the standard library of the target where it is missing and rustup is there. `say` gets one line before that:
/// it downloads.
pub fn ensure_target(say: impl FnOnce(&str)) -> Result<(), String> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let asked = Command::new(&rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    let asked = asked.map_err(|why| format!("failed to start {rustc}: {why}"))?;
    let folder = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    let there = || fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    if there() {
        return Ok(());
    }
    say(&format!("installing the standard library for {TARGET}: rustup target add {TARGET}"));
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
