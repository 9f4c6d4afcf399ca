//! `miro-source components`: those in use, and what makes one trusted.
//!
//! `list` is what the configuration runs. `keygen`, `sign` and `verify` read and write the files of
//! [minisign](https://jedisct1.github.io/minisign/), and so does minisign those of ours. What always holds: no key and no
//! password is printed, no file of a key overwritten, and a signature appears whole or not at all.

use super::{Context, Exit, Result};

mod keygen;
mod list;
mod password;
mod sign;
mod verify;

/// Show the components in use; make keys, sign components, verify them.
///
/// Without a subcommand: what `list` shows.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show name, version, digest, what each component imports, and what each source grants
    List,
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
        None | Some(Action::List) => list::run(context).await,
        Some(Action::Keygen(args)) => keygen::run(&args),
        Some(Action::Sign(args)) => sign::run(&args, context),
        Some(Action::Verify(args)) => verify::run(args, context),
    }
}
