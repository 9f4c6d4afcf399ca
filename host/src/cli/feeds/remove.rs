//! `miro-source feeds remove`

use std::path::Path;

use super::{edit, print, published};
use crate::{
    cli::{Context, Ended, Exit, Result},
    config,
    feeds::Shelf,
};

/// Take a feed out of the configuration. Nothing else in it changes, and the files stay.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which
    name: String,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    print(&remove(&args.name, &config::locate(context.path())?)?);
    Ok(Exit::Done)
}

/// Takes it out. Returns what to tell.
pub(super) fn remove(name: &str, path: &Path) -> Result<Vec<String>> {
    let publication = published(name)?;
    let config = config::load(path)?;
    if !config.fetched.iter().any(|each| each.publication.name == publication.name) {
        return Err(
            Ended::new(Exit::Left, format!("{} does not ask for \"{}\"; nothing was written", path.display(), publication.name)).into()
        );
    }
    edit::cut(path, publication)?;
    let shelf = Shelf::beside(&config.store.path);
    let files = publication.parts.iter().map(|part| shelf.path(part)).filter(|file| file.exists());
    let files: Vec<String> = files.map(|file| file.display().to_string()).collect();
    let mut told =
        vec![format!("took [[feed]] \"{}\" out of {}; a running host takes that when it starts again", publication.name, path.display())];
    if !files.is_empty() {
        told.push(format!("nothing reads {} then; delete it as you like", files.join(", ")));
    }
    Ok(told)
}
