//! A delivery as the configuration wants it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use audit_pipeline::types::Failure;

use super::{
    AlertDelivery, Delivery, Lines, Mask, Normalize, Parts, Sieve, Sink, SinkError, Turns,
    file::FileSink,
    stdout::StdoutSink,
    sumo::{SumoSecrets, SumoSink},
};
use crate::{
    clock::Clock,
    config::{Format, SecretRef, SinkConfig, SinkKind, SumoConfig, secret},
    model::SourceName,
    runtime::{CallError, Source},
    store::Store,
};

/// Builds the sink of `config` and its worker. `sources` are all the sources there are: for `format = "ocsf"` each
/// converts its own records. `apps` are what filters call them by. `turns` are those of everybody who delivers to it.
pub fn assemble(
    config: &SinkConfig,
    sources: &BTreeMap<SourceName, Source>,
    apps: &BTreeMap<SourceName, String>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    turns: &Turns,
) -> Result<Delivery, SinkError> {
    let lines = match config.format {
        Format::Record => Lines::Record,
        Format::Ocsf => converted(sources.clone()),
    };
    let sink = turns.taking(build(config, client)?);
    let mask = mask(config, sources, &store);
    let delivery = Delivery::new(Parts { name: config.name.clone(), sources: config.sources.clone(), store, clock, sink, lines });
    let delivery = delivery.within(turns.allowance()).masked_by(mask);
    Ok(match sieve(config, sources, apps) {
        None => delivery,
        Some(sieve) => delivery.sifted_by(sieve),
    })
}

/// Which events of these sources a sink gets, where that is not all.
pub fn sieve(config: &SinkConfig, sources: &BTreeMap<SourceName, Source>, apps: &BTreeMap<SourceName, String>) -> Option<Sieve> {
    (!config.sieve.is_open()).then(|| Sieve::new(config.sieve.clone(), normalizing(sources.clone())).over(apps.clone()))
}

/// What a sink of these sources gets as pseudonyms, where that is anything.
fn mask(config: &SinkConfig, sources: &BTreeMap<SourceName, Source>, store: &Arc<dyn Store>) -> Option<Mask> {
    (!config.mask.is_empty()).then(|| Mask::new(&config.mask, Arc::clone(store), normalizing(sources.clone())))
}

/// Whether a sink gets lines about alerts or health.
pub fn takes_alerts(config: &SinkConfig) -> bool {
    config.alerts.is_some() || config.health
}

/// Builds what brings the alerts and health events of its sources to the sink of `config`, where it is to get any: another sink of the same
/// kind, whose alerts lie apart from the events.
pub fn assemble_alerts(
    config: &SinkConfig,
    sources: &BTreeMap<SourceName, Source>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    turns: &Turns,
) -> Result<Option<AlertDelivery>, SinkError> {
    if !takes_alerts(config) {
        return Ok(None);
    }
    let kind = match &config.kind {
        SinkKind::Sumo(sumo) => {
            let usual = || format!("{}/alerts", sumo.category.as_deref().unwrap_or("miro-source"));
            let category = sumo.alert_category.clone().unwrap_or_else(usual);
            SinkKind::Sumo(SumoConfig { category: Some(category), ..sumo.clone() })
        }
        SinkKind::File { path } => SinkKind::File { path: beside(path) },
        SinkKind::Stdout => SinkKind::Stdout,
    };
    let sink = turns.taking(build(&SinkConfig { kind, ..config.clone() }, client)?);
    let mask = mask(config, sources, &store);
    Ok(Some(AlertDelivery::new(config.name.clone(), store, clock, sink).counted_in(turns.allowance()).masked_by(mask)))
}

/// `events.alerts.ndjson` for `events.ndjson`: two that append to one file would tear each other's lines.
fn beside(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match path.extension() {
        Some(extension) => path.with_file_name(format!("{stem}.alerts.{}", extension.to_string_lossy())),
        None => path.with_file_name(format!("{stem}.alerts")),
    }
}

/// Builds the sink alone.
pub fn build(config: &SinkConfig, client: reqwest::Client) -> Result<Box<dyn Sink>, SinkError> {
    Ok(match &config.kind {
        SinkKind::Sumo(sumo) => {
            let secrets = SumoSecrets { url: source_of(&sumo.url), token: sumo.token.as_ref().map(source_of) };
            Box::new(SumoSink::new(client, sumo, secrets)?)
        }
        SinkKind::File { path } => Box::new(FileSink::new(path.clone())),
        SinkKind::Stdout => Box::new(StdoutSink::default()),
    })
}

fn source_of(reference: &SecretRef) -> super::SecretSource {
    let reference = reference.clone();
    Arc::new(move || secret::resolve(&reference).map_err(|why| why.to_string()))
}

fn normalizing(sources: BTreeMap<SourceName, Source>) -> Normalize {
    let sources = Arc::new(sources);
    Arc::new(move |name, records| {
        let sources = Arc::clone(&sources);
        Box::pin(async move {
            let source = sources.get(&name).ok_or_else(|| format!("source `{name}` does not run, or is not configured any more"))?;
            source.normalize(records).await.map_err(|why| format!("failed to read records of `{name}`: {why}"))
        })
    })
}

fn converted(sources: BTreeMap<SourceName, Source>) -> Lines {
    let sources = Arc::new(sources);
    Lines::Converted(Arc::new(move |name, records| {
        let sources = Arc::clone(&sources);
        Box::pin(async move {
            let source = sources.get(&name).ok_or_else(|| format!("source `{name}` does not run, or is not configured any more"))?;
            source.ocsf(records).await.map_err(|why| match why {
                CallError::Failed(Failure::Invalid(text)) => text,
                why => format!("failed to convert records of `{name}` to OCSF: {why}"),
            })
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_lie_in_a_file_beside_the_events() {
        for (events, alerts) in
            [("/log/events.ndjson", "/log/events.alerts.ndjson"), ("miro", "miro.alerts"), ("a.b.log", "a.b.alerts.log")]
        {
            assert_eq!(beside(Path::new(events)), Path::new(alerts));
        }
    }
}
