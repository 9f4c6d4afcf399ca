//! `miro-source run`

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Context, Exit, Result, check::daily};
use crate::{
    pipeline::{Edges, Pipeline},
    supervisor::Supervisor,
    web,
};

/// Collect and deliver until SIGTERM or SIGINT.
///
/// One task a source polls Miro at its interval, re-reads the windows where late events may appear, and stores every event
/// once; one task a sink delivers them. Ends cleanly on SIGTERM or SIGINT; after anything worse, the next start goes on
/// where the store says. With `listen` in `[web]` it serves `/metrics`, `/healthz` and `/readyz` meanwhile. Under systemd it says when
/// it has started, how it is doing, and keeps the watchdog quiet.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub async fn run(_: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let mut pipeline = Pipeline::assemble(&config, Edges::real(&config, Arc::clone(&context.clock))?).await?;
    // After the lock of the store: of two hosts, the later one hears of that.
    if let Some(address) = config.web.listen {
        pipeline = pipeline.shown_at(web::Listener::bind(address).await?);
    }
    if config.health.check {
        pipeline = pipeline.checked_by(daily(&config));
    }
    tracing::info!(
        sources = config.sources.len(),
        sinks = config.sinks.len(),
        store = %config.store.path.display(),
        "collecting; stop with Ctrl-C or SIGTERM"
    );
    pipeline.supervised_by(Supervisor::find()).run(on_signal()?).await?;
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// A token that is cancelled by SIGTERM or SIGINT. A second signal ends the process at once.
pub(super) fn on_signal() -> Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if first {
                tracing::info!("stopping: finishing what is under way; once more to stop at once");
                stop.cancel();
            } else {
                std::process::exit(Exit::Left as i32);
            }
        }
    });
    Ok(token)
}
