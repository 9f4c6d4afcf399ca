//! `miro-source events`

use super::{Context, Exit, Result};
use crate::{
    neutral::{json, visible},
    pipeline,
};

/// List every event name seen: how often, since when, and what it means to a detection.
///
/// Miro documents only four of its event names, so look here for `unmapped` ones and map them in the configuration, without
/// a rebuild: `config = { traits = { board_link_made = ["shared"] } }`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only those the component knows no meaning for
    #[arg(long)]
    unmapped: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let store = pipeline::look(&config)?;
    let mut seen = store.actions()?;
    seen.retain(|action| !args.unmapped || action.traits.iter().any(|each| each == "unmapped"));
    seen.sort_by(|a, b| (&a.source, std::cmp::Reverse(a.count)).cmp(&(&b.source, std::cmp::Reverse(b.count))));
    if args.json {
        for action in &seen {
            say!("{}", json(&serde_json::to_string(action)?));
        }
        return Ok(Exit::Done);
    }
    say!("{:<16} {:>10}  {:<24}  {:<40} traits", "source", "count", "first seen", "event");
    for action in &seen {
        say!(
            "{:<16} {:>10}  {:<24}  {:<40} {}",
            action.source.as_str(),
            action.count,
            action.first.to_string(),
            visible(&action.action),
            visible(&action.traits.join(", "))
        );
    }
    Ok(Exit::Done)
}
