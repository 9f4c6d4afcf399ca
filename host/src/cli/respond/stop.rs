//! `miro-source respond stop` and `resume`: the kill switch. Both are records of the governance log.

use crate::{
    cli::{Context, Ended, Exit, Result, alerts::am_i},
    control::{Reply, Request, submit},
    neutral::visible,
    respond::Stopped,
};

/// Why everything stops.
#[derive(Debug, clap::Args)]
pub(super) struct StopArgs {
    /// Why, for whoever finds it stopped
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Let things act again.
#[derive(Debug, clap::Args)]
pub(super) struct ResumeArgs {
    /// Why, for whoever reads the governance log
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs `stop`. A call that is under way comes to its end; none is begun after it.
pub(super) async fn stop(args: StopArgs, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    if args.why.trim().is_empty() {
        return Err(Ended::new(Exit::Left, "`--why` is empty: say why, for whoever finds it stopped").into());
    }
    let stopped = Stopped { who: am_i(), at: context.clock.now(), why: args.why };
    let request = Request::Stop { who: stopped.who.clone(), why: stopped.why.clone() };
    let Reply::Done(_) = submit(&config, request, context.clock.as_ref()).await? else { return Err(super::order::unfit()) };
    match args.json {
        true => say!("{}", crate::neutral::json(&serde_json::json!({ "stopped": stopped }).to_string())),
        false => say!("{}", thrown(&stopped)),
    }
    Ok(Exit::Done)
}

/// Runs `resume`.
pub(super) async fn resume(args: ResumeArgs, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let request = Request::Resume { who: am_i(), why: args.why.filter(|why| !why.trim().is_empty()) };
    let Reply::Done(count) = submit(&config, request, context.clock.as_ref()).await? else { return Err(super::order::unfit()) };
    match (args.json, count) {
        (true, _) => say!("{}", serde_json::json!({ "stopped": null })),
        (false, 0) => say!("nothing was stopped"),
        (false, _) => say!("what is pending is done again; `miro-source respond list --state pending` shows it"),
    }
    Ok(Exit::Done)
}

/// That it is thrown, by whom and why.
pub(in crate::cli) fn thrown(stopped: &Stopped) -> String {
    let Stopped { who, at, why } = stopped;
    format!("stopped: nothing acts since {at}, by {}: {}; `miro-source respond resume` lets it act again", visible(who), visible(why))
}
