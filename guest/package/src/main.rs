//! `cargo components [FOLDER]`: writes the components, their contract and their digests.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, bail};
use component_package::{Revision, SUMS, write};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("the workspace is gone")?;
    let builds = component_build::target_dir(&env::current_exe().context("failed to find the builds")?);
    let to = match arguments.as_slice() {
        [] => builds.with_file_name("components"),
        [folder] if !folder.starts_with('-') => PathBuf::from(folder),
        _ => bail!("usage: cargo components [FOLDER]   (default: {})", builds.with_file_name("components").display()),
    };
    component_build::ensure_target(|said| eprintln!("{said}")).map_err(|why| anyhow!(why))?;
    let revision = Revision::of(root);
    match &revision {
        Revision::Clean(_) => {}
        Revision::Dirty(_) => eprintln!("the sources differ from the last commit: the revision ends with -dirty"),
        Revision::Unknown(why) => eprintln!("no revision is written: {why}"),
    }
    for file in write(root, &builds, &to, &revision)? {
        println!("{}  {:>9}  {}", file.digest, file.size, file.name);
    }
    println!("in {}; verify with: sha256sum -c {SUMS}", to.display());
    Ok(())
}
