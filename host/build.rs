//! Builds the guests and turns them into components that the host carries inside.
//!
//! A guest is compiled for `wasm32-unknown-unknown` by a cargo of its own, into a target folder of its own, and encoded as
//! a component that imports what its world declares and nothing else.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use wit_component::ComponentEncoder;

const TARGET: &str = "wasm32-unknown-unknown";

/// Package, file of the core module, file of the component.
const GUESTS: [(&str, &str, &str); 1] = [("guest-miro", "guest_miro.wasm", "miro.wasm")];

/// Settings of the outer build that must not reach the inner one.
const FOREIGN: [&str; 9] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CLIPPY_ARGS",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_MAKEFLAGS",
];

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    for watched in ["guest", "wit", "Cargo.lock", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", workspace.join(watched).display());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let target = out.join("guests");
    install_target()?;
    for (package, module, component) in GUESTS {
        let mut cargo = Command::new(env::var("CARGO")?);
        cargo.current_dir(&workspace).args(["build", "--locked", "--profile", "guest", "--package", package, "--target", TARGET]);
        cargo.arg("--target-dir").arg(&target);
        for name in FOREIGN {
            cargo.env_remove(name);
        }
        let status = cargo.status()?;
        if !status.success() {
            return Err(format!("failed to build {package} for {TARGET}: {status}").into());
        }
        let core = fs::read(target.join(TARGET).join("guest").join(module))?;
        let encoded = ComponentEncoder::default().validate(true).module(&core)?.encode()?;
        fs::write(out.join(component), encoded)?;
    }
    Ok(())
}

/// Makes sure that the guests' target is there; a toolchain file alone installs nothing where rustup is told not to.
fn install_target() -> Result<(), Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = Command::new(&rustc).args(["--print", "sysroot"]).output()?;
    let sysroot = String::from_utf8(sysroot.stdout)?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    println!("cargo::warning=installing the standard library for {TARGET}: rustup target add {TARGET}");
    let added = Command::new("rustup").args(["target", "add", TARGET]).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("failed to run `rustup target add {TARGET}` ({status}); run it by hand and build again").into()),
        Err(why) => {
            Err(format!("the standard library for {TARGET} is missing and rustup is not there ({why}); install it and build again").into())
        }
    }
}
