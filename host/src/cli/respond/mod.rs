//! `miro-source respond`: what is done to accounts, why, and the log of it.
//!
//! Reading goes beside a running host; every order and decision goes to whoever owns the store, and carries the name of the
//! person at this terminal. Nothing acts here: what is ordered is a response, which the host takes up. What is printed was partly
//! written by attackers and is made harmless first.

use super::{Context, Exit, Result};

mod decide;
mod list;
mod log;
mod mail;
mod order;
mod revert;
mod show;
mod stop;
#[cfg(test)]
mod tests;
mod text;
mod verify;

pub(super) use verify::check;

pub(in crate::cli) use order::confirm;
pub(in crate::cli) use stop::thrown;
pub(in crate::cli) use text::lines;

/// Show what is done to accounts; order, approve and take back; stop it all; check the log of it.
///
/// Without a subcommand: what `list` shows. A response waits for a person where the configuration or a guard wants one, is pending,
/// runs, and then has succeeded, failed or been skipped; what succeeded may be taken back.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: list::Listing,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List responses, the last changed first
    List(list::Listing),
    /// Show everything about one response, with its history
    Show(show::Args),
    /// Send the owner of an account a message
    Notify(order::NotifyArgs),
    /// End the sessions of an account: whoever is signed in has to sign in again
    SignOut(order::Args),
    /// Let nobody in with an account
    Suspend(order::Args),
    /// Let the owner of a suspended account in again
    Restore(order::Args),
    /// Tell the vendor that an account is in wrong hands; its own policies do the rest
    ConfirmCompromised(order::Args),
    /// Say that a response that waits, or was skipped, is to be done
    Approve(decide::ApproveArgs),
    /// Say that a response that waits or is pending is not to be done
    Reject(decide::RejectArgs),
    /// Take back what a response did
    Revert(revert::Args),
    /// Stop everything: nothing acts until `resume`
    Stop(stop::StopArgs),
    /// Let things act again after `stop`
    Resume(stop::ResumeArgs),
    /// Export the governance log, a line of JSON a record
    Log(log::Args),
    /// Check that the governance log, or an exported one, is whole and as it was written
    Verify(verify::Args),
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    use crate::respond::Action as Do;
    match args.action {
        None => list::run(args.list, context),
        Some(Action::List(args)) => list::run(args, context),
        Some(Action::Show(args)) => show::run(&args, context),
        Some(Action::Notify(args)) => order::notify(args, context).await,
        Some(Action::SignOut(args)) => order::run(Do::SignOut, args, context).await,
        Some(Action::Suspend(args)) => order::run(Do::Suspend, args, context).await,
        Some(Action::Restore(args)) => order::run(Do::Restore, args, context).await,
        Some(Action::ConfirmCompromised(args)) => order::run(Do::ConfirmCompromised, args, context).await,
        Some(Action::Approve(args)) => decide::approve(args, context).await,
        Some(Action::Reject(args)) => decide::reject(args, context).await,
        Some(Action::Revert(args)) => revert::run(args, context).await,
        Some(Action::Stop(args)) => stop::stop(args, context).await,
        Some(Action::Resume(args)) => stop::resume(args, context).await,
        Some(Action::Log(args)) => log::run(&args, context),
        Some(Action::Verify(args)) => verify::run(&args, context),
    }
}
