//! `miro-source feeds`: what is known of addresses, fetched and kept up to date by the host.
//!
//! What always holds: nothing is fetched whose terms nobody agreed to, and what else stands in the configuration stays as it is.

use super::{Context, Ended, Exit, Result};
use crate::{feeds::catalogue::Publication, neutral::brief};

mod add;
mod edit;
mod import;
mod list;
mod remove;
#[cfg(test)]
mod tests;
mod update;

pub(super) use list::told;

/// List the feeds that the host can keep up to date by itself, add and remove them, fetch them now, bring them by hand.
///
/// Without a subcommand: what `list` shows.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: list::Listing,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List what there is, under which terms, and how those in use stand
    List(list::Listing),
    /// Add feeds to the configuration
    Add(add::Args),
    /// Take a feed out of the configuration
    Remove(remove::Args),
    /// Fetch now, due or not
    Update(update::Args),
    /// Bring a file by hand, where nothing can be fetched
    Import(import::Args),
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    match args.action {
        None => list::run(&args.list, context),
        Some(Action::List(args)) => list::run(&args, context),
        Some(Action::Add(args)) => add::run(&args, context),
        Some(Action::Remove(args)) => remove::run(&args, context),
        Some(Action::Update(args)) => update::run(&args, context).await,
        Some(Action::Import(args)) => import::run(&args, context),
    }
}

/// The one of that name.
fn published(name: &str) -> Result<&'static Publication> {
    let unknown = || {
        let what = format!("there is no feed {}; there is {}", brief(name, 60), Publication::names().join(", "));
        Ended::new(Exit::Left, what)
    };
    Ok(Publication::of(name).ok_or_else(unknown)?)
}

/// Prints what a part of the command has to say.
fn print(lines: &[String]) {
    for line in lines {
        say!("{line}");
    }
}
