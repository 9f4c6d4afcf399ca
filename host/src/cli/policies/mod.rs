//! `miro-source policies`: rules of the operator's own, before and after they are in the configuration.
//!
//! What always holds: nothing is reached, no store is opened, and no file that is there is overwritten.

use super::{Context, Exit, Result};

mod add;
mod check;
mod list;
mod templates;
#[cfg(test)]
mod tests;

/// List and check activity policies; begin with a template.
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
    /// List the policies of the configuration
    List(list::Listing),
    /// Say what each policy means, or everything that is wrong
    Check(check::Args),
    /// List the templates, or print one
    Templates(templates::Args),
    /// Write a template into a file of its own, beside the configuration
    Add(add::Args),
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<Exit> {
    match args.action {
        None => list::run(&args.list, context),
        Some(Action::List(args)) => list::run(&args, context),
        Some(Action::Check(args)) => check::run(&args, context),
        Some(Action::Templates(args)) => templates::run(&args),
        Some(Action::Add(args)) => add::run(&args, context),
    }
}

/// Prints what a part of the command has to say.
fn print(lines: &[String]) {
    for line in lines {
        say!("{line}");
    }
}
