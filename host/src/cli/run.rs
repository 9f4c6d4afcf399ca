//! `miro-source run`

use std::sync::Arc;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use super::{Context, Exit, Result, check::daily};
use crate::{
    pipeline::{Edges, Reload, Succession},
    supervisor::Supervisor,
};

/// Collect and deliver until SIGTERM or SIGINT.
///
/// One task a source polls Miro at its interval, re-reads the windows where late events may appear, and stores every event
/// once; one task a sink delivers them. Ends cleanly on SIGTERM or SIGINT; after anything worse, the next start goes on
/// where the store says. With `listen` in `[web]` it serves `/metrics`, `/healthz` and `/readyz` meanwhile. Under systemd it says when
/// it has started, how it is doing, and keeps the watchdog quiet. On SIGHUP it reads its configuration again, as `miro-source reload` has
/// it do.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub async fn run(_: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    tracing::info!(
        sources = config.sources.len(),
        sinks = config.sinks.len(),
        store = %config.store.path.display(),
        "collecting; stop with Ctrl-C or SIGTERM"
    );
    let stop = on_signal()?;
    let reloads = mpsc::channel(1);
    on_hangup(reloads.0.clone())?;
    let host = Succession {
        read: || context.read_again(&config.path),
        edges: |config: &_| Edges::real(config, Arc::clone(&context.clock)),
        check: daily,
        supervisor: Supervisor::find(),
    };
    host.run(config.clone(), reloads, stop).await?;
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// Has the configuration read again at each SIGHUP.
fn on_hangup(reloads: mpsc::Sender<Reload>) -> Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            if reloads.send(Reload::default()).await.is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// A token that is cancelled by SIGTERM or SIGINT. A second signal ends the process at once.
pub(super) fn on_signal() -> Result<CancellationToken> {
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
