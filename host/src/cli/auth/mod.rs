//! `miro-source auth`: having a person authorize a source with OAuth, and looking after the tokens that come of it.
//!
//! `authorize` is the flow: a random `state` → the vendor's consent page in a browser → the redirect, caught by `listener`
//! on loopback or pasted → judged by `callback` → exchanged by the component → stored through [`crate::control`], by
//! whoever owns the store. `stored` confirms or revokes what is there.
//!
//! What always holds: a redirect without the `state` of this very flow changes nothing; codes and tokens are never
//! printed or logged; a code is exchanged once.

use super::{Context, Exit, Result};
use crate::model::SourceName;

mod authorize;
mod callback;
mod listener;
mod page;
mod redirect;
mod stored;

#[cfg(test)]
mod tests;

/// Authorize a source with OAuth, or confirm or revoke its stored tokens.
///
/// `miro-source auth acme` opens the vendor's consent page and stores the tokens, sealed. The redirect address must be
/// written in the app's settings at Miro ("Redirect URI for OAuth2.0") exactly as it is here; unless told otherwise it is
/// http://127.0.0.1:8976/callback. On a machine without a browser use --paste. A source named like a subcommand is reached
/// by `miro-source auth run NAME`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Authorize a source (what `miro-source auth SOURCE` does)
    Run(RunArgs),
    /// Say that the stored tokens are the latest, although the database was restored from a backup
    Confirm(OneArgs),
    /// End the tokens of a source at the vendor
    Revoke(OneArgs),
}

/// Of `auth` and `auth run`.
#[derive(Debug, clap::Args)]
struct RunArgs {
    /// The source; may be left out where there is only one
    source: Option<SourceName>,
    /// Read the address that the browser was sent to from standard input, instead of listening for it
    #[arg(long)]
    paste: bool,
    /// The redirect address as written in the app's settings [default: http://127.0.0.1:PORT/callback]
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<url::Url>,
    /// Listen on this port of 127.0.0.1; 0 takes any [default: that of the redirect address, else 8976]
    #[arg(long, value_name = "N", conflicts_with = "paste")]
    port: Option<u16>,
    /// Only print the address, open no browser
    #[arg(long)]
    no_browser: bool,
}

/// Of `auth confirm` and `auth revoke`.
#[derive(Debug, clap::Args)]
struct OneArgs {
    /// The source; may be left out where there is only one
    source: Option<SourceName>,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    match args.action {
        None => authorize::run(args.run, context).await,
        Some(Action::Run(args)) => authorize::run(args, context).await,
        Some(Action::Confirm(args)) => stored::confirm(args.source.as_ref(), context).await,
        Some(Action::Revoke(args)) => stored::revoke(args.source.as_ref(), context).await,
    }
}
