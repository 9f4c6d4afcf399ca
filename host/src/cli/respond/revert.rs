//! `miro-source respond revert`

use super::{
    order::{confirm, doer, earnest, enabled, submit_order},
    show, text,
};
use crate::{
    alert::Who,
    cli::{Context, Ended, Exit, Result, alerts::am_i},
    pipeline,
    respond::{Order, Response, ResponseId},
};

/// Which response to take back, and why.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Its number, as `list` prints it
    id: i64,
    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Do it, even though `dry_run` of [respond] is true
    #[arg(long)]
    really: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print the new response as one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    enabled(&config)?;
    earnest(&config, args.really)?;
    if args.why.trim().is_empty() {
        return Err(Ended::new(Exit::Left, "`--why` is empty: say why, in your own words").into());
    }
    let done = show::find(pipeline::look(&config)?.as_ref(), ResponseId(args.id))?;
    let order = undo(&done, am_i(), args.why)?;
    doer(&config, &order.source, Some(&order.responder), order.action)?;
    confirm(&format!("{} {} with {}, taking response {} back", order.action, text::whom(&done), order.responder, done.id), args.yes)?;
    submit_order(&config, order, args.json, context).await
}

/// The order that takes a response back, on the very account that it was done to.
pub(super) fn undo(done: &Response, who: String, why: String) -> Result<Order> {
    let Some(action) = done.action.undo() else {
        let what = format!("response {} did {}, which nothing takes back", done.id, done.action);
        return Err(Ended::new(Exit::Left, what).into());
    };
    let target = match &done.account {
        Some(account) => Who { id: Some(account.id.clone()), email: None, name: account.name.clone() },
        None => done.target.clone(),
    };
    Ok(Order {
        source: done.source.clone(),
        responder: done.responder.clone(),
        action,
        target,
        alert: done.cause.alert(),
        who,
        why,
        mail: None,
        dry_run: false,
        four_eyes: false,
        reverts: Some(done.id),
    })
}
