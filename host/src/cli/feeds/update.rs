//! `miro-source feeds update`

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::published;
use crate::{
    cli::{Context, Ended, Exit, Result},
    feeds::{Came, orders},
    neutral::visible,
    pipeline::{Edges, keeper},
};

/// Fetch now, due or not. A running host takes what is new within two minutes.
///
/// Exit codes: 0 everything is the latest; 1 something failed, or came and is not believed yet: what was there serves on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Runs the command.
pub(super) async fn run(args: &Args, context: &Context) -> Result<Exit> {
    for name in &args.names {
        published(name)?;
    }
    let config = context.load()?;
    let chosen: Vec<_> = orders(&config)
        .into_iter()
        .filter(|order| args.names.is_empty() || args.names.iter().any(|name| name == order.publication.name))
        .collect();
    if let Some(name) = args.names.iter().find(|name| !chosen.iter().any(|order| order.publication.name == **name)) {
        return Err(
            Ended::new(Exit::Left, format!("the configuration does not ask for \"{name}\"; `miro-source feeds add {name}` does")).into()
        );
    }
    if chosen.is_empty() {
        say!("the configuration asks for no feed; `miro-source feeds list` shows what there is");
        return Ok(Exit::Done);
    }
    let keeper = keeper(&config, &Edges::real(&config, Arc::clone(&context.clock))?)?;
    let (stop, mut exit) = (CancellationToken::new(), Exit::Done);
    for order in &chosen {
        let feed = order.part.feed();
        if !order.fetch {
            say!("{feed}: not fetched (`fetch = false`); `miro-source feeds import FILE` brings it");
            continue;
        }
        match keeper.fetch(order, &stop).await {
            Came::Unchanged => say!("{feed}: unchanged"),
            Came::New(entries) => say!("{feed}: new, {entries} entries"),
            Came::Doubtful(why) => {
                say!("{feed}: not taken yet: {}", visible(&why));
                exit = Exit::Left;
            }
            Came::Failed(why) => {
                say!("{feed}: failed: {}", visible(&why));
                exit = Exit::Left;
            }
            Came::Nothing => {
                say!("{feed}: not tried: another process fetches right now, or nothing can be written beside the store");
                exit = Exit::Left;
            }
        }
    }
    Ok(exit)
}
