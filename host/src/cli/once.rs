//! `miro-source once`

use std::sync::Arc;

use super::{Context, Exit, Result, check::daily, run::on_signal};
use crate::{
    neutral::visible,
    pipeline::{Edges, Pipeline},
    schedule::Remedy,
};

/// Poll until caught up, deliver everything, and end.
///
/// For cron and for containers that are started by a scheduler. Exit codes: 0 everything collected was accepted by every
/// sink; 1 something is left or parked (it says what); 2 the configuration cannot work; 3 a person must authorize again;
/// 4 another process owns the store.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub async fn run(_: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let mut pipeline = Pipeline::assemble(&config, Edges::real(&config, Arc::clone(&context.clock))?).await?;
    if config.health.check {
        pipeline = pipeline.checked_by(daily(&config));
    }
    let left = pipeline.once(on_signal()?).await?;
    let mut exit = if config.broken.is_empty() { Exit::Done } else { Exit::Configuration };
    for each in &left {
        eprintln!("left: {}", visible(&each.message));
        exit = exit.max(match each.remedy {
            Remedy::Wait => Exit::Left,
            Remedy::Configure => Exit::Configuration,
            Remedy::Authorize => Exit::Authorize,
        });
    }
    Ok(exit)
}
