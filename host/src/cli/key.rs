//! `miro-source key`: another key for the store.
//!
//! The new key is on disk before anything is sealed with it, and takes the old one's place after: whatever is cut short, the key that
//! fits is there, and the same command goes on.

use std::path::{Path, PathBuf};

use super::{Context, Ended, Exit, Result};
use crate::{
    config::{Config, SecretRef, secret},
    control::{self, Request, submit},
    disk, pipeline,
    store::{
        seal::Key,
        sqlite::{self, examine_key},
    },
};

/// Give the store another key.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Seal everything with a new key, while the host runs
    ///
    /// Where `[store] key` is a file, a new key is made in its place; the one before stays beside it, for backups that were sealed with
    /// it. Where it is not, say with --new where the new key is, and configure that before the next start.
    Rotate {
        /// The new key: 32 random bytes, raw, hex or base64, in a file with mode 0600
        #[arg(long, value_name = "FILE")]
        new: Option<PathBuf>,
    },
    /// The key is lost: let go of what it sealed, and go on with the one that is configured now
    ///
    /// No host may run. Stored tokens and kept components are gone: sources whose token rotates are authorized again. Everything else
    /// stays.
    Lost {
        /// Yes, the key is lost
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    match (args.action, &config.store.key) {
        (Action::Rotate { new: Some(new) }, _) => {
            seal(&config, &new, context).await?;
            say!("everything is sealed with the key in {}: name it in `[store] key` before the host starts again", new.display());
        }
        (Action::Rotate { new: None }, SecretRef::File(file)) => {
            let kept = rotate(&config, file, context).await?;
            say!("everything is sealed with a new key, in {}", file.display());
            say!("the one before is {}: older backups need it, nothing else does", kept.display());
        }
        (Action::Rotate { new: None }, place) => {
            let text = format!(
                "the key comes from {}, where no new one can be put: write one to a file (`openssl rand -hex 32`, mode 0600) and name it with --new",
                secret::place(place)
            );
            return Err(Ended::new(Exit::Configuration, text).into());
        }
        (Action::Lost { yes }, place) => lost(&config, place, yes, context).await?,
    }
    Ok(Exit::Done)
}

/// A new key in the place of the one in `file`. Gives where that is now.
async fn rotate(config: &Config, file: &Path, context: &Context) -> Result<PathBuf> {
    let new = disk::with_ending(file, ".new");
    if !new.exists() {
        let made = Key::generate().and_then(|key| disk::private_file(&new, format!("{}\n", key.as_str()).as_bytes()));
        made.map_err(|why| Ended::new(Exit::Left, format!("failed to write {}: {why}", new.display())))?;
    }
    // One that was cut short: everything is sealed with it already.
    if !fits(config, &new).await? {
        seal(config, &new, context).await?;
    }
    let kept = disk::with_ending(file, &format!(".before-{}", context.clock.now().compact()));
    let put = std::fs::hard_link(file, &kept).and_then(|()| disk::put(&new, file));
    put.map_err(|why| {
        let text = format!("everything is sealed with the key in {}, which cannot be put in its place: {why}", new.display());
        Ended::new(Exit::Left, format!("{text}; mend that and run this command again"))
    })?;
    Ok(kept)
}

async fn seal(config: &Config, new: &Path, context: &Context) -> Result<()> {
    // Refused here rather than by the host: it is this command's file.
    pipeline::key_at(&SecretRef::File(new.to_owned()))?;
    let new = std::path::absolute(new)?;
    submit(config, Request::Rekey(new), context.clock.as_ref()).await.map(drop)
}

/// Whether the store is sealed with the key in a file.
async fn fits(config: &Config, file: &Path) -> Result<bool> {
    let (key, path) = (pipeline::key_at(&SecretRef::File(file.to_owned()))?, config.store.path.clone());
    Ok(path.exists() && tokio::task::spawn_blocking(move || examine_key(&path, &key)).await?)
}

async fn lost(config: &Config, place: &SecretRef, yes: bool, context: &Context) -> Result<()> {
    let key = pipeline::store_key(config)?;
    let (path, with) = (config.store.path.clone(), key.clone());
    if tokio::task::spawn_blocking(move || examine_key(&path, &with)).await? {
        let text =
            format!("the key from {} fits the store: nothing is lost; `miro-source key rotate` gives it another", secret::place(place));
        return Err(Ended::new(Exit::Left, text).into());
    }
    if !yes {
        let text = "stored tokens would be gone, and sources whose token rotates be authorized again: where the key is lost for good, say --yes; \
                    where it is not, put it back";
        return Err(Ended::new(Exit::Left, text).into());
    }
    let path = config.store.path.clone();
    tokio::task::spawn_blocking(move || sqlite::forget_sealed(&path, &key)).await??;
    control::remember(config, "the key was lost: let go of what it sealed".to_owned(), None, context.clock.as_ref()).await?;
    say!("the store opens with the key from {} now; sources whose token rotates: `miro-source auth SOURCE`", secret::place(place));
    say!("people who were erased are kept out no longer: `miro-source privacy erase --user WHO` for each of them");
    Ok(())
}
