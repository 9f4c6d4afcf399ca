//! `miro-source backup`: a copy of the store, while the host runs.

use std::path::{Path, PathBuf};

use super::{Context, Ended, Exit, Result};
use crate::{control, disk, pipeline, store::sqlite};

/// Write a copy of the store, while the host runs.
///
/// The copy is one state of everything: events, cursors, alerts, the governance log, sealed tokens. The key is not in it; keep it
/// elsewhere. `miro-source restore FILE` puts it back.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to; no file may be there
    file: PathBuf,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let key = pipeline::store_key(&config)?;
    let (from, to) = (config.store.path.clone(), args.file.clone());
    free(&to)?;
    control::remember(&config, format!("copy the store to {}", args.file.display()), None, context.clock.as_ref()).await?;
    let bytes = tokio::task::spawn_blocking(move || {
        // It holds what only the owner of the store may read.
        let new = disk::beside(&to);
        disk::create_private(&new).map_err(|why| unwritten(&to, &why))?;
        let written = sqlite::copy(&from, &key, &new)
            .map_err(anyhow::Error::from)
            .and_then(|()| disk::put(&new, &to).map_err(|why| unwritten(&to, &why).into()));
        if written.is_err() {
            // The first error is the one to tell.
            let _ = std::fs::remove_file(&new);
        }
        written?;
        anyhow::Ok(std::fs::metadata(&to)?.len())
    });
    let bytes = bytes.await??;
    say!("{}: {bytes} bytes, read back and whole; the key is not in it", args.file.display());
    Ok(Exit::Done)
}

fn free(to: &Path) -> Result<()> {
    match to.try_exists() {
        Ok(false) => Ok(()),
        Ok(true) => Err(Ended::new(Exit::Configuration, format!("there is a file {}: name another", to.display())).into()),
        Err(why) => Err(unwritten(to, &why).into()),
    }
}

fn unwritten(to: &Path, why: &std::io::Error) -> Ended {
    Ended::new(
        Exit::Left,
        format!("failed to write {}: {why}: is its folder there, with room, and may this user write in it?", to.display()),
    )
}
