//! Forgetting what is old.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{chronicle, gone};
use crate::{
    clock::Clock,
    config::{Config, KeepingConfig, StoreConfig},
    model::{Instant, SourceName},
    privacy::Hold,
    store::{Judge, Old, Prune, Store, blocking},
};

/// How often old records are forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// Ids are remembered at least so long, whatever the retention of records: longer than any lateness a source may be
/// asked to revisit (60 days), plus its period, plus a day.
const IDS: Duration = Duration::from_secs(100 * 24 * 3600);

/// How long what is stored is kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    store: StoreConfig,
    sources: BTreeMap<SourceName, KeepingConfig>,
}

impl Kept {
    /// As the configuration says.
    pub(super) fn of(config: &Config) -> Self {
        let sources = config.sources.iter().map(|source| (source.name.clone(), source.keeping.clone()));
        Self { store: config.store.clone(), sources: sources.filter(|(_, keeping)| !keeping.is_usual()).collect() }
    }

    /// What stays whatever its age.
    pub(super) fn holds(config: &Config) -> Vec<(SourceName, Hold)> {
        let held = config.sources.iter().filter(|source| source.keeping.hold != Hold::Nothing);
        held.map(|source| (source.name.clone(), source.keeping.hold.clone())).collect()
    }

    /// The longest that records are kept.
    fn longest(&self) -> Duration {
        self.sources.values().map(|keeping| keeping.retention(&self.store)).fold(self.store.retention, Duration::max)
    }

    /// What is old by then.
    fn old(&self, now: Instant) -> Prune {
        let old = |keeping: &KeepingConfig| Old {
            records_before: now.minus(keeping.retention(&self.store)),
            behaviours_before: now.minus(keeping.behaviours_retention.unwrap_or(self.store.behaviours_retention)),
            alerts_before: now.minus(keeping.alerts_retention.unwrap_or(self.store.alerts_retention)),
            ids_before: now.minus(self.longest().max(IDS)),
            hold: keeping.hold.clone(),
        };
        Prune {
            usual: old(&KeepingConfig::default()),
            sources: self.sources.iter().map(|(source, keeping)| (source.clone(), old(keeping))).collect(),
        }
    }
}

/// Forgets what is old, every hour, until told to stop.
pub(super) async fn housekeep(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    judges: Vec<Judge>,
    kept: Kept,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let judges = Arc::new(judges);
    loop {
        let now: Instant = clock.now();
        let (configured, retention) = (Arc::clone(&judges), kept.longest());
        if let Err(why) = blocking(&store, move |store| gone::forget_judges(store, &configured, now, retention)).await {
            tracing::warn!("failed to forget detectors that are gone: {why}");
        }
        if let Err(why) = blocking(&store, move |store| chronicle::head(store, now)).await {
            tracing::warn!("failed to tell how far the governance log got: {why}");
        }
        let prune = kept.old(now);
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
