//! Builds the guests and puts each as a component beside the host's own code; how is said in `guest/build`.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Each guest by the name that the host knows it under, and its package.
const GUESTS: &[(&str, &str)] = &[("miro", "guest-miro"), ("detect", "guest-detect"), ("entra", "guest-entra")];

fn main() {
    if let Err(why) = build() {
        println!("cargo::error={}", why.trim_end().replace('\n', "\ncargo::error="));
        std::process::exit(1);
    }
}

fn build() -> Result<(), String> {
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("..");
    for watched in [
        "guest/build",
        "guest/detect",
        "guest/entra",
        "guest/http",
        "guest/miro",
        "guest/policy",
        "guest/source",
        "wit",
        "Cargo.lock",
        "Cargo.toml",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    let out = PathBuf::from(variable("OUT_DIR")?);
    component_build::ensure_target(|said| println!("cargo::warning={said}"))?;
    for (name, package) in GUESTS {
        let component = component_build::component(&root, &component_build::target_dir(&out), package)?;
        fs::write(out.join(format!("{name}.wasm")), component).map_err(|why| format!("failed to write {name}.wasm: {why}"))?;
    }
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: run this through cargo"))
}
