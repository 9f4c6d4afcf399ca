//! What is not configured any more and still holds up retention: sinks, and detectors.

use std::time::Duration;

use crate::{
    config::{Config, SinkConfig},
    model::{Instant, SourceName},
    store::{Judge, Result, Store},
};

/// A sink that is configured no longer holds up retention. It is not forgotten by itself: its file may only be broken
/// today, and a forgotten sink gets everything again.
pub(super) fn warn_of_sinks(store: &dyn Store, sinks: &[SinkConfig]) -> Result<()> {
    for reader in store.readers()? {
        let configured = sinks.iter().any(|sink| sink.name == reader.sink && sink.sources.contains(&reader.source));
        if !configured {
            tracing::warn!(sink = %reader.sink, source = %reader.source, "is not configured here; records that it has not had are kept");
        }
    }
    Ok(())
}

/// The detectors of a configuration.
pub(super) fn judges(config: &Config) -> Vec<Judge> {
    let each = config
        .detectors
        .iter()
        .flat_map(|detector| detector.sources.iter().map(|source| Judge { source: source.clone(), detector: detector.name.clone() }));
    each.collect()
}

/// A detector that is configured no longer holds up retention too, and what it learned is of use to nobody else. It is forgotten
/// once it has been gone for as long as records are kept, which `retention` says of a source: its file may only be broken today. What
/// is of a source that is held stays.
pub(super) fn forget_judges(
    store: &dyn Store,
    configured: &[Judge],
    now: Instant,
    retention: impl Fn(&SourceName) -> Option<Duration>,
) -> Result<()> {
    for judge in store.judges()? {
        let Judge { source, detector } = &judge;
        let Some(retention) = retention(source) else { continue };
        let key = |what: &str| format!("detect/{source}/{detector}/{what}");
        let since = store.notes(&key("gone"))?.into_iter().find(|(noted, _)| *noted == key("gone")).and_then(|(_, at)| at.parse().ok());
        match (configured.contains(&judge), since.map(Instant)) {
            (true, None) => {}
            (true, Some(_)) => store.note(&key("gone"), "")?,
            (false, None) => {
                store.note(&key("gone"), &now.0.to_string())?;
                tracing::warn!(%detector, %source, "is not configured here; what it learned is kept until {}", now.plus(retention));
            }
            (false, Some(since)) if now.since(since) >= retention => {
                store.forget_judge(source, detector)?;
                // Should it come back, it looks for the first time.
                for what in ["gone", "joined", "rules"] {
                    store.note(&key(what), "")?;
                }
                tracing::info!(%detector, %source, "is not configured any more: what it learned is forgotten");
            }
            (false, Some(_)) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    };

    #[test]
    fn a_detector_that_is_gone_for_as_long_as_records_are_kept_is_forgotten_and_one_that_comes_back_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(Open::new(folder.path().join("store.db"), Key::new(&[1; 32]), Access::Owner)).unwrap();
        let judge = |detector: &str| Judge { source: "acme".parse().unwrap(), detector: detector.parse().unwrap() };
        let (stays, goes) = (judge("stays"), judge("goes"));
        for Judge { source, detector } in [&stays, &goes] {
            store.judged(source, detector).unwrap();
        }
        let (day, retention) = (Duration::from_secs(86_400), Duration::from_secs(2 * 86_400));
        let mut now = Instant(1_772_366_400_000);
        // Gone for a day, back, and gone for good.
        for configured in [vec![stays.clone()], vec![stays.clone(), goes.clone()], vec![stays.clone()], vec![stays.clone()]] {
            forget_judges(&store, &configured, now, |_| Some(retention)).unwrap();
            assert_eq!(store.judges().unwrap(), [goes.clone(), stays.clone()]);
            now = now.plus(day);
        }
        forget_judges(&store, std::slice::from_ref(&stays), now, |_| None).unwrap();
        assert_eq!(store.judges().unwrap().len(), 2, "what is held stays");
        forget_judges(&store, std::slice::from_ref(&stays), now, |_| Some(retention)).unwrap();
        assert_eq!(store.judges().unwrap(), [stays]);
    }
}
