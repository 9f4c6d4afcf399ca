//! `miro-source restore`: a copy of the store in its place.

use std::path::PathBuf;

use super::{Context, Exit, Result};
use crate::{
    control, pipeline,
    store::sqlite::{self, Put},
};

/// Put a copy of the store in its place.
///
/// No host may run. The copy is checked first; the store that is there stays, under another name. Afterwards nothing goes on by
/// itself that a newer store may have done already: sources whose tokens rotate wait for `auth` or `auth confirm`, what was to be done
/// to accounts waits for approval, and where nothing acts (`respond stop`) nothing does until `respond resume`. What Miro still keeps since the copy was made is read again and delivered again.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What `miro-source backup` wrote
    file: PathBuf,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let key = pipeline::store_key(&config)?;
    let (from, path) = (args.file.clone(), config.store.path.clone());
    let aside = format!(".replaced-{}", context.clock.now().compact());
    let Put { kept, erased, stopped } = tokio::task::spawn_blocking(move || sqlite::put_in_place(&from, &path, &key, &aside)).await??;
    control::remember(&config, format!("put the copy {} in the place of the store", args.file.display()), None, context.clock.as_ref())
        .await?;
    say!("{} is the store now, at {}", args.file.display(), config.store.path.display());
    if let Some(kept) = kept {
        say!("the store that was there is {}", kept.display());
    }
    say!("sources whose tokens rotate wait: `miro-source auth SOURCE`, or `miro-source auth confirm SOURCE` where none was issued since");
    if let Some(stopped) = stopped {
        say!("{}", super::respond::thrown(&stopped));
    }
    match erased {
        Ok(0) => say!("people who were erased since the copy was made may be in it again: `miro-source privacy erase --user WHO` for each"),
        Ok(_) => say!("people who were erased since the copy was made are kept out, and in it again: `miro-source privacy erase --again`"),
        Err(why) => {
            say!(
                "people who were erased since the copy was made may be in it again ({why}): `miro-source privacy erase --user WHO` for each"
            )
        }
    }
    Ok(Exit::Done)
}
