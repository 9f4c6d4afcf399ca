//! `miro-source alerts`: what somebody should look at, and what came of it.
//!
//! Reading goes beside a running host; every change goes to whoever owns the store, and carries the name of the person at
//! this terminal. What is printed was partly written by attackers and is made harmless first.

use super::{Context, Exit, Result};

mod change;
mod list;
mod show;
mod suppressions;
#[cfg(test)]
mod tests;

pub(in crate::cli) use crate::control::am_i;
pub(in crate::cli) use list::{lines, severity};
pub(in crate::cli) use show::{Shown, state, story};

/// List, show, take, close and reopen alerts; list and lift suppressions.
///
/// Without a subcommand: what `list` shows. An alert is open, then in progress where somebody takes it, then closed as true
/// positive, benign or false positive. Closing as benign or false positive keeps its policy quiet about its user for 30 days;
/// what is found meanwhile stays in `miro-source behaviours`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: list::Listing,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List alerts, the last seen first
    List(list::Listing),
    /// Show everything about one alert, with its history
    Show(show::Args),
    /// Take an alert: it is in progress, in your name
    Take(change::Args),
    /// Close an alert, and say what it was
    Close(change::CloseArgs),
    /// Reopen a closed alert; lifts the suppression that closing it began
    Reopen(change::Args),
    /// List what is kept quiet and until when, or lift a suppression
    Suppressions(suppressions::Args),
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    match args.action {
        None => list::run(args.list, context),
        Some(Action::List(args)) => list::run(args, context),
        Some(Action::Show(args)) => show::run(&args, context),
        Some(Action::Take(args)) => change::take(&args, context).await,
        Some(Action::Close(args)) => change::close(args, context).await,
        Some(Action::Reopen(args)) => change::reopen(&args, context).await,
        Some(Action::Suppressions(args)) => suppressions::run(args, context).await,
    }
}
