//! `miro-source feeds import`

use std::path::{Path, PathBuf};

use crate::{
    cli::{Context, Ended, Exit, Result},
    config::Config,
    feeds::{Order, Shelf, catalogue::Gives, import, orders},
    model::Instant,
    neutral::{brief, visible},
};

/// Bring a file by hand, where nothing can be fetched: it is verified and put in place as a fetched one is.
///
/// A running host takes it within two minutes. The file may be gzip'd. MaxMind's databases are taken as well as DB-IP's.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file
    file: PathBuf,
    /// What it is: geo, city, asn, tor, vpn, abuse. May be left out for a database, and while one list is in use
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    say!("{}", visible(&bring(&args.file, args.name.as_deref(), &config, context.clock.now())?));
    Ok(Exit::Done)
}

/// Brings it. Returns what to tell.
pub(super) fn bring(file: &Path, name: Option<&str>, config: &Config, now: Instant) -> Result<String> {
    let all = orders(config);
    let lists = all.iter().filter(|order| is_list(order)).count();
    let fits = |order: &&Order| match name {
        Some(name) => order.publication.name == name || order.part.name == name,
        None => !is_list(order) || lists == 1,
    };
    let candidates: Vec<&Order> = all.iter().filter(fits).collect();
    let failed = |what: String| Err(Ended::new(Exit::Left, what).into());
    match (candidates.is_empty(), name) {
        (false, _) => {}
        (true, Some(name)) => {
            let name = brief(name, 60);
            return failed(format!(
                "the configuration asks for no feed {name}; `miro-source feeds add {name} --offline` does, without fetching it"
            ));
        }
        (true, None) => return failed("say what it is with `--as NAME`; `miro-source feeds list` shows what is in use".to_owned()),
    }
    let shelf = Shelf::beside(&config.store.path);
    let mut wrong = Vec::new();
    for order in candidates {
        match import(&shelf, order, file, now) {
            Ok(entries) => {
                return Ok(format!(
                    "{}: {} is in place, {entries} entries, as {}",
                    order.part.feed(),
                    file.display(),
                    shelf.path(order.part).display()
                ));
            }
            Err(why) => wrong.push(format!("as {}: {why}", order.part.feed())),
        }
    }
    failed(format!("{} is not used: {}; what was there serves on", file.display(), wrong.join("; ")))
}

fn is_list(order: &Order) -> bool {
    matches!(order.part.gives, Gives::Tag(_))
}
