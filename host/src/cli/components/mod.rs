//! `miro-source components`: those in use, and what makes one trusted.
//!
//! `list` is what runs and what ran before; `swap` replaces it. `keygen`, `sign` and `verify` read and write the files of
//! [minisign](https://jedisct1.github.io/minisign/), and so does minisign those of ours. What always holds: no key and no
//! password is printed, no file of a key overwritten, and a signature appears whole or not at all.

use super::{Context, Exit, Result};

mod keygen;
mod list;
mod password;
mod sign;
mod swap;
mod verify;

/// Show the components in use; replace them; make keys, sign components, verify them.
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
    /// Show each component's generations, what it imports, and what its sources grant
    List(list::Listing),
    /// Replace a component of the running host
    Swap(swap::Args),
    /// Make a key to sign components with
    Keygen(keygen::Args),
    /// Sign a component
    Sign(sign::Args),
    /// See whether a component may run, and who signed it
    Verify(verify::Args),
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    match args.action {
        None => list::run(args.list, context).await,
        Some(Action::List(args)) => list::run(args, context).await,
        Some(Action::Swap(args)) => swap::run(args, context).await,
        Some(Action::Keygen(args)) => keygen::run(&args),
        Some(Action::Sign(args)) => sign::run(&args, context),
        Some(Action::Verify(args)) => verify::run(args, context),
    }
}
