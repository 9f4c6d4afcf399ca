//! `miro-source backtest`

use std::{collections::BTreeMap, io::IsTerminal as _, sync::Arc};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::{Context, Ended, Exit, Result};
use crate::{
    config::{Config, units},
    detect::{Backtest, Raised, Rulebook},
    egress::HttpTransport,
    model::{DetectorName, Instant, Seq, SourceName},
    neutral::{brief, json, visible},
    pipeline::{self, Components},
    store::{Store, blocking},
    trust::Trust,
};

/// Events judged in one call, and the most bytes of them.
const BATCH: usize = 2000;
const BYTES: usize = 8 << 20;
/// The widest bar of the plot.
const WIDEST: usize = 40;

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
    /// Say why, of each alert
    #[arg(long)]
    details: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// All that came of it.
#[derive(Debug, Default, Serialize)]
struct Report {
    events: u64,
    behaviours: u64,
    withheld: u64,
    raised: Vec<Raised>,
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
    let mut components = Components::new(Arc::clone(&runtime), trust.clone());
    let head = blocking(&store, |store| store.head()).await?;
    let progress = progress(head, args.json);
    let mut report = Report::default();
    for detector in config.detectors.iter().filter(|detector| args.detector.as_ref().is_none_or(|name| *name == detector.name)) {
        for (name, loaded) in pipeline::detectors(&runtime, &trust, &config, detector).await? {
            let source = config.sources.iter().find(|source| source.name == name);
            let Some(source) = source.filter(|_| args.source.as_ref().is_none_or(|only| *only == name)) else { continue };
            let maker = components.source(source).await?;
            let rulebook = Rulebook::new(&config, detector, &name);
            let mut backtest = Backtest::new(name.clone(), loaded, maker, rulebook, from);
            replay(&store, &name, to, &mut backtest, &progress).await?;
            report.events = report.events.saturating_add(backtest.judged);
            report.behaviours = report.behaviours.saturating_add(backtest.behaviours);
            report.withheld = report.withheld.saturating_add(backtest.withheld);
            report.raised.extend(backtest.raised());
        }
    }
    progress.finish_and_clear();
    if report.events == 0 {
        return Err(Ended::new(Exit::Left, nothing(&config)).into());
    }
    if args.json {
        say!("{}", json(&serde_json::to_string(&report)?));
    } else {
        show(&report, args.details);
    }
    Ok(Exit::Done)
}

async fn replay(store: &Arc<dyn Store>, source: &SourceName, to: Instant, backtest: &mut Backtest, progress: &ProgressBar) -> Result<()> {
    let mut after = Seq(0);
    loop {
        let name = source.clone();
        let mut events = blocking(store, move |store| store.read_all(&name, after, BATCH, BYTES)).await?;
        let Some(last) = events.last() else { return Ok(()) };
        after = last.seq;
        events.retain(|event| event.time < to);
        backtest.judge(&events).await.map_err(|why| anyhow::anyhow!("failed to judge the events of {source} up to {}: {why}", after.0))?;
        progress.set_position(u64::try_from(after.0).unwrap_or_default());
    }
}

fn progress(head: Seq, quiet: bool) -> ProgressBar {
    let shown = !quiet && std::io::stderr().is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(u64::try_from(head.0).unwrap_or_default()), target);
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} events, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn nothing(config: &Config) -> String {
    let sources: Vec<&str> = config.sources.iter().map(|source| source.name.as_str()).collect();
    format!(
        "there is no stored event to judge: collect first (`miro-source run`), or read the past in (`miro-source backfill --from 30d --source {}`)",
        sources.first().copied().unwrap_or("NAME")
    )
}

fn show(report: &Report, details: bool) {
    let mut policies: BTreeMap<&str, u64> = BTreeMap::new();
    let mut days: BTreeMap<String, u64> = BTreeMap::new();
    for raised in &report.raised {
        *policies.entry(&raised.policy).or_default() += 1;
        let day: String = raised.end.to_string().chars().take(10).collect();
        *days.entry(day).or_default() += 1;
    }
    say!("{} events judged; {} alerts would have been raised", report.events, report.raised.len());
    if report.withheld > 0 {
        say!("{} more were past a policy's daily limit", report.withheld);
    }
    if report.behaviours > 0 {
        say!("{} findings of rules that raise no alert", report.behaviours);
    }
    if report.raised.is_empty() {
        return;
    }
    say!("");
    let widest = policies.keys().map(|policy| policy.chars().count()).max().unwrap_or_default();
    for (policy, count) in &policies {
        say!("{:<widest$}  {count:>6}", visible(policy));
    }
    say!("");
    let most = days.values().copied().max().unwrap_or(1).max(1);
    for (day, count) in &days {
        let bar = usize::try_from(*count).unwrap_or_default().saturating_mul(WIDEST).div_ceil(usize::try_from(most).unwrap_or(1));
        say!("{day}  {count:>5}  {}", "#".repeat(bar));
    }
    if details {
        say!("");
        for raised in &report.raised {
            let Raised { source, policy, severity, user, end, reasons, count, .. } = raised;
            say!("{end}  {:<6}  {}  {source}  {}", severity.as_str(), visible(policy), visible(&brief(user, 80)));
            reasons.iter().for_each(|reason| say!("    {}", visible(reason)));
            if *count > 1 {
                say!("    {count} findings");
            }
        }
    }
}
