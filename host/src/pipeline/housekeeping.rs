//! Forgetting what is old.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{chronicle, gone, keeping::Kept};
use crate::{
    clock::Clock,
    model::Instant,
    store::{Judge, Prune, Store, blocking},
};

/// How often old records are forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// How often old ids are: there are more of them than of anything else, and all are looked at.
const IDS: Duration = Duration::from_secs(24 * 3600);

/// Forgets what is old, every hour, until told to stop.
pub(super) async fn housekeep(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    judges: Vec<Judge>,
    kept: Kept,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let judges = Arc::new(judges);
    let mut ids: Option<Instant> = None;
    loop {
        let now = clock.now();
        let (configured, keeping) = (Arc::clone(&judges), kept.clone());
        if let Err(why) =
            blocking(&store, move |store| gone::forget_judges(store, &configured, now, |source| keeping.outlasts(source))).await
        {
            tracing::warn!("failed to forget detectors that are gone: {why}");
        }
        if let Err(why) = blocking(&store, move |store| chronicle::head(store, now)).await {
            tracing::warn!("failed to tell how far the governance log got: {why}");
        }
        let prune = Prune { stop: shutdown.clone(), ..kept.old(now) };
        let are_due = ids.is_none_or(|looked| now.since(looked) >= IDS);
        let prune = if are_due { prune } else { prune.sparing_ids() };
        match blocking(&store, move |store| store.prune(&prune)).await {
            Ok(gone) => {
                if are_due {
                    ids = Some(now);
                }
                if gone > 0 {
                    tracing::info!(records = gone, "forgot delivered records past their retention");
                }
            }
            Err(why) => tracing::warn!("failed to forget old records: {why}"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = clock.sleep_until(now.plus(HOUSEKEEPING)) => {}
        }
    }
}
