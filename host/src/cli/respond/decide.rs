//! `miro-source respond approve` and `reject`

use super::{
    order::{confirm, earnest, enabled, tell, unfit},
    show, text,
};
use crate::{
    cli::{Context, Ended, Exit, Result, alerts::am_i},
    config::Config,
    control::{Reply, Request, submit},
    pipeline,
    respond::{Move, Response, ResponseId},
};

/// Which response.
#[derive(Debug, clap::Args)]
pub(super) struct ApproveArgs {
    /// Its number, as `list` prints it
    id: i64,
    /// Do it, even though `dry_run` of [respond] is true
    #[arg(long)]
    really: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print the response as one JSON object
    #[arg(long)]
    json: bool,
}

/// Which response, and why not.
#[derive(Debug, clap::Args)]
pub(super) struct RejectArgs {
    /// Its number, as `list` prints it
    id: i64,
    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Print the response as one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs `approve`. What is approved is what was shown: a response that changed since is not.
pub(super) async fn approve(args: ApproveArgs, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    enabled(&config)?;
    earnest(&config, args.really)?;
    let seen = show::find(pipeline::look(&config)?.as_ref(), ResponseId(args.id))?;
    confirm(&text::proposal(&seen), args.yes)?;
    let moved = change(&config, &seen, Move::Approve, context).await?;
    tell(&config, &moved, args.json)
}

/// Runs `reject`.
pub(super) async fn reject(args: RejectArgs, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    if args.why.trim().is_empty() {
        return Err(Ended::new(Exit::Left, "`--why` is empty: say why, in your own words").into());
    }
    let seen = show::find(pipeline::look(&config)?.as_ref(), ResponseId(args.id))?;
    let moved = change(&config, &seen, Move::Reject(args.why), context).await?;
    tell(&config, &moved, args.json)
}

async fn change(config: &Config, seen: &Response, next: Move, context: &Context) -> Result<Response> {
    let request = Request::MoveResponse { id: seen.id, revision: Some(seen.revision), next: Box::new(next), who: am_i() };
    match submit(config, request, context.clock.as_ref()).await? {
        Reply::Response(response) => Ok(*response),
        _ => Err(unfit()),
    }
}
