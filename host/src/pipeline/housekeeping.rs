//! Forgetting what is old.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{chronicle, gone};
use crate::{
    clock::Clock,
    config::StoreConfig,
    model::Instant,
    store::{Judge, Prune, Store, blocking},
};

/// How often old records are forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// Ids are remembered at least so long, whatever the retention of records: longer than any lateness a source may be
/// asked to revisit (60 days), plus its period, plus a day.
const IDS: Duration = Duration::from_secs(100 * 24 * 3600);

/// What is old by then, as the configuration says.
fn old(kept: &StoreConfig, now: Instant) -> Prune {
    Prune {
        records_before: now.minus(kept.retention),
        ids_before: now.minus(kept.retention.max(IDS)),
        behaviours_before: now.minus(kept.behaviours_retention),
        alerts_before: now.minus(kept.alerts_retention),
    }
}

/// Forgets what is old, every hour, until told to stop.
pub(super) async fn housekeep(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    judges: Vec<Judge>,
    kept: StoreConfig,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let judges = Arc::new(judges);
    loop {
        let now: Instant = clock.now();
        let (configured, retention) = (Arc::clone(&judges), kept.retention);
        if let Err(why) = blocking(&store, move |store| gone::forget_judges(store, &configured, now, retention)).await {
            tracing::warn!("failed to forget detectors that are gone: {why}");
        }
        if let Err(why) = blocking(&store, move |store| chronicle::head(store, now)).await {
            tracing::warn!("failed to tell how far the governance log got: {why}");
        }
        let prune = old(&kept, now);
        match blocking(&store, move |store| store.prune(&prune)).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(records = gone, "forgot delivered records past their retention"),
            Err(why) => tracing::warn!("failed to forget old records: {why}"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = clock.sleep_until(now.plus(HOUSEKEEPING)) => {}
        }
    }
}
