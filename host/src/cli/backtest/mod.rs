//! `miro-source backtest`

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;

use self::{
    difference::Difference,
    variant::{Place, Variant, is_component},
};
use super::{Context, Ended, Exit, Result, progress::Progress};
use crate::{
    config::{ComponentRef, Config, DetectorConfig, units},
    detect::{Backtest, Knowledge, Raised, Reel, Rulebook},
    egress::HttpTransport,
    model::{DetectorName, Instant, SourceName},
    neutral::json,
    pipeline::{self, Components},
    runtime::Runtime,
    store::{Store, blocking},
    trust::Trust,
};

mod difference;
#[cfg(test)]
mod tests;
mod text;
mod variant;

/// Show what the detectors would have raised over the stored history.
///
/// Runs them from empty profiles over every stored event, with the networks that were known when each was stored, as if all had
/// come in live. Nothing is stored, raised or sent; a running host is not disturbed. Events before --from only teach.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this source
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Only this detector
    #[arg(long, value_name = "NAME")]
    detector: Option<DetectorName>,
    /// Report from then on: `2026-03-01`, `2026-03-01T08:00:00Z`, or how long ago, like `30d` [default: everything]
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// Judge only what happened before then [default: now]
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,
    /// Only what the policies of this file raise, instead of what is configured
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    policy: Option<PathBuf>,
    /// With --policy: beside what is configured; a policy of the file takes the place of a configured one of its name
    #[arg(long, requires = "policy")]
    beside: bool,
    /// What two files lead to, and which alerts only one of them raises: policies, or the components of detectors (`*.wasm`), which run
    /// where they are trusted and judge no policies. One is configured as the detector that calls itself the same, else not at all
    #[arg(long, value_names = ["A", "B"], num_args = 2)]
    compare: Option<Vec<PathBuf>>,
    /// What is taken for known of an address: what was `stored` with each event, or what the feeds and ranges say `now`
    #[arg(long, value_enum, default_value_t = Feeds::Stored)]
    feeds: Feeds,
    /// Say why, of each alert
    #[arg(long)]
    details: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Feeds {
    /// What was known when each event was stored
    Stored,
    /// What is known today
    Now,
}

/// All that came of it.
#[derive(Debug, Default, Serialize)]
struct Report {
    events: u64,
    behaviours: u64,
    withheld: u64,
    raised: Vec<Raised>,
}

/// What is the same for every way to judge.
struct Ground<'a> {
    args: &'a Args,
    store: Arc<dyn Store>,
    runtime: Arc<Runtime>,
    trust: Trust,
    components: Components,
    knowledge: Knowledge,
    from: Instant,
    to: Instant,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let now = context.clock.now();
    let instant = |flag: &str, text: Option<&str>| {
        text.map(|text| units::instant(text, now)).transpose().map_err(|why| Ended::new(Exit::Left, format!("`{flag}` is not {why}")))
    };
    let from = instant("--from", args.from.as_deref())?.unwrap_or(Instant::EPOCH);
    let to = instant("--to", args.to.as_deref())?.unwrap_or(Instant::FAR);
    let store = pipeline::look(&config)?;
    let runtime = pipeline::runtime(&config, Arc::new(HttpTransport::new(&config.network)?))?;
    let trust = Trust::new(&config.components);
    let components = Components::new(Arc::clone(&runtime), trust.clone());
    let knowledge = match args.feeds {
        Feeds::Stored => Knowledge::Stored,
        Feeds::Now => Knowledge::Today(pipeline::enricher(&config, now).await?),
    };
    let mut ground = Ground { args: &args, store, runtime, trust, components, knowledge, from, to };
    if let Some([a, b]) = args.compare.as_deref() {
        let (a, b) = (ground.variant(&config, a).await?, ground.variant(&config, b).await?);
        let ours = ground.judge(&a).await?;
        let theirs = ground.judge(&b).await?;
        let difference = Difference::between((a.name, ours.raised), (b.name, theirs.raised));
        match args.json {
            true => say!("{}", json(&serde_json::to_string(&difference)?)),
            false => say!("{}", text::difference(&difference, args.details)),
        }
        return Ok(Exit::Done);
    }
    let place = if args.beside { Place::Beside } else { Place::Alone };
    let variant = match &args.policy {
        Some(file) => Variant::policies(config, file, place)?,
        None => Variant::configured(config),
    };
    let report = ground.judge(&variant).await?;
    match args.json {
        true => say!("{}", json(&serde_json::to_string(&report)?)),
        false => say!("{}", text::report(&report, args.details)),
    }
    Ok(Exit::Done)
}

impl Ground<'_> {
    /// What a file to be compared is.
    async fn variant(&self, config: &Config, file: &Path) -> Result<Variant> {
        if !is_component(file) {
            return Variant::policies(config.clone(), file, Place::Alone);
        }
        let name = self.name(config, &ComponentRef::Path(file.to_owned())).await?;
        let mut called = Vec::with_capacity(config.detectors.len());
        for detector in &config.detectors {
            called.push(self.name(config, &detector.component).await?);
        }
        Ok(Variant::component(config.clone(), file, &name, &called))
    }

    /// What the component of a detector calls itself.
    async fn name(&self, config: &Config, component: &ComponentRef) -> Result<String> {
        let sources = config.sources.iter().take(1).map(|source| source.name.clone()).collect();
        let alone = DetectorConfig::built_in(sources).map(|alone| DetectorConfig { component: component.clone(), ..alone });
        let mut name = String::new();
        for detector in alone.iter() {
            for (_, loaded) in pipeline::detectors(&self.runtime, &self.trust, config, detector).await? {
                name = loaded.describe().await.map_err(|why| anyhow::anyhow!("failed to ask component {component}: {why}"))?.name;
            }
        }
        Ok(name)
    }

    /// Judges the whole log one way.
    async fn judge(&mut self, variant: &Variant) -> Result<Report> {
        let Variant { config, only, .. } = variant;
        let wanted = |name: &DetectorName| self.args.detector.as_ref().is_none_or(|only| only == name);
        let detectors: Vec<_> = config.detectors.iter().filter(|detector| wanted(&detector.name)).collect();
        if detectors.is_empty() {
            return Err(Ended::new(Exit::Left, no_detector(config)).into());
        }
        let progress = Progress::to(blocking(&self.store, |store| store.head()).await?, self.args.json);
        let mut report = Report::default();
        for detector in detectors {
            for (name, loaded) in pipeline::detectors(&self.runtime, &self.trust, config, detector).await? {
                let source = config.sources.iter().find(|source| source.name == name);
                let Some(source) = source.filter(|_| self.args.source.as_ref().is_none_or(|only| *only == name)) else { continue };
                let maker = self.components.source(source).await?;
                let rulebook = Rulebook::new(config, detector, &name);
                let mut backtest = Backtest::new(name.clone(), loaded, maker, rulebook, self.from).knowing(self.knowledge.clone());
                if let Some(only) = only {
                    backtest = backtest.only(only.clone());
                }
                self.replay(name, &mut backtest, &progress).await?;
                report.events = report.events.saturating_add(backtest.judged);
                report.behaviours = report.behaviours.saturating_add(backtest.behaviours);
                report.withheld = report.withheld.saturating_add(backtest.withheld);
                report.raised.extend(backtest.raised());
            }
        }
        progress.done();
        if report.events == 0 {
            return Err(Ended::new(Exit::Left, nothing(config)).into());
        }
        Ok(report)
    }

    async fn replay(&self, source: SourceName, backtest: &mut Backtest, progress: &Progress) -> Result<()> {
        let mut reel = Reel::new(&self.store, source.clone());
        loop {
            let mut events = reel.next().await?;
            let Some(last) = events.last() else { return Ok(()) };
            let through = last.seq;
            events.retain(|event| event.time < self.to);
            let judged = backtest.judge(&events).await;
            judged.map_err(|why| anyhow::anyhow!("failed to judge the events of {source} up to {}: {why}", through.0))?;
            progress.at(through);
        }
    }
}

fn no_detector(config: &Config) -> String {
    let names: Vec<&str> = config.detectors.iter().map(|detector| detector.name.as_str()).collect();
    match names.is_empty() {
        true => "no detector is configured: write `detect = true`, or name policies with --policy FILE".to_owned(),
        false => format!("there is no detector of that name: there is {}", names.join(", ")),
    }
}

fn nothing(config: &Config) -> String {
    let sources: Vec<&str> = config.sources.iter().map(|source| source.name.as_str()).collect();
    format!(
        "there is no stored event to judge: collect first (`miro-source run`), or read the past in (`miro-source backfill --from 30d --source {}`)",
        sources.first().copied().unwrap_or("NAME")
    )
}
