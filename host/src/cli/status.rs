//! `miro-source status`

mod conditions;
mod detections;
mod privacy;
mod responders;
mod sinks;

use std::time::Duration;

use serde::Serialize;

use self::{
    detections::{Detections, Unresolved},
    privacy::Kept,
    responders::Acting,
    sinks::SinkReport,
};

use super::{Context, Exit, Result, check::facts, feeds::told};
use crate::{
    condition::{Kind, Known},
    config::Config,
    enrich::FeedStatus,
    feeds::{Standing, Upkeep, upkeep},
    model::{Instant, SourceName},
    neutral::visible,
    notify, pipeline,
    schedule::Status,
    store::{History, Lateness, Parked, Store, StoredGap, lock::StoreLock},
};

/// How far back lateness is measured.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// Show what is wrong and since when, sources, sinks, lateness, gaps, what is waiting, what responders do, what detections are fed with, and how many alerts are unresolved.
///
/// Reads beside a running host. Ends with 1 where something needs a person.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    now: Instant,
    /// Which process collects, if one does.
    owner: Option<u32>,
    /// What is so, ends, and somebody should know meanwhile.
    conditions: Vec<Known>,
    sources: Vec<SourceReport>,
    sinks: Vec<SinkReport>,
    channels: Vec<ChannelReport>,
    /// What is known of addresses and users, as the latest host read it.
    feeds: Vec<FeedStatus>,
    /// Those of them that the host keeps up to date by itself, as they stand.
    upkeep: Vec<Upkeep>,
    /// What the rules of each detector are fed with.
    detections: Vec<Detections>,
    /// How many alerts nobody has closed.
    alerts: Vec<Unresolved>,
    /// What is done to accounts, and by whom.
    acting: Acting,
    /// Who is kept out, and what is held.
    privacy: Kept,
    gaps: Vec<StoredGap>,
    backfills: Vec<History>,
    parked: Vec<Parked>,
}

#[derive(Serialize)]
struct SourceReport {
    #[serde(flatten)]
    status: Status,
    /// Over the last seven days, in milliseconds.
    lateness: Lateness,
}

#[derive(Serialize)]
struct ChannelReport {
    name: String,
    /// As its teller last noted it.
    status: Option<notify::Status>,
    account: notify::Account,
}

impl ChannelReport {
    fn needs_a_person(&self) -> bool {
        self.status.as_ref().is_some_and(|status| matches!(status.state, notify::State::Paused { .. })) || self.account.refused > 0
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let store = pipeline::look(&config)?;
    let now = context.clock.now();
    let report = report(&config, store.as_ref(), now)?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
    }
    // Names that nothing is known of cost nothing but a closer look.
    let well = config.broken.is_empty()
        && report.conditions.iter().all(|known| known.condition.kind == Kind::Names)
        && report.sources.iter().all(|source| source.status.problem.is_none() && source.status.backfills.is_empty())
        && !report.sinks.iter().any(SinkReport::needs_a_person)
        && !report.channels.iter().any(ChannelReport::needs_a_person)
        && report.feeds.iter().all(|feed| feed.problem.is_none())
        && report.upkeep.iter().all(|each| each.standing == Standing::Fresh)
        && !report.acting.needs_a_person()
        && report.parked.is_empty()
        && !report.gaps.iter().any(|gap| gap.is_open(now.minus(retention(&config, &gap.source))));
    Ok(if well { Exit::Done } else { Exit::Left })
}

/// How long records of a source stay.
fn retention(config: &Config, source: &SourceName) -> Duration {
    let configured = config.sources.iter().find(|each| each.name == *source);
    configured.map_or(config.store.retention, |each| each.keeping.retention(&config.store))
}

fn report(config: &Config, store: &dyn Store, now: Instant) -> Result<Report> {
    let mut sources = Vec::new();
    for source in &config.sources {
        let noted = store.notes(&Status::note_key(&source.name))?;
        let status = noted
            .into_iter()
            .find(|(key, _)| *key == Status::note_key(&source.name))
            .and_then(|(_, text)| serde_json::from_str(&text).ok())
            .unwrap_or_else(|| Status::new(source.name.clone(), now));
        sources.push(SourceReport { status, lateness: store.lateness(&source.name, now.minus(WEEK))? });
    }
    let mut channels = Vec::new();
    for channel in &config.channels {
        let key = notify::Status::note_key(&channel.name);
        let status = store.notes(&key)?.into_iter().find(|(found, _)| *found == key).and_then(|(_, text)| serde_json::from_str(&text).ok());
        channels.push(ChannelReport { name: channel.name.to_string(), status, account: store.channel(&channel.name, now)? });
    }
    let mut feeds = Vec::new();
    for name in config.enrich.feeds() {
        let key = FeedStatus::note_key(&name);
        let noted = store.notes(&key)?.into_iter().find(|(found, _)| *found == key);
        feeds.extend(noted.and_then(|(_, text)| serde_json::from_str::<FeedStatus>(&text).ok()));
    }
    Ok(Report {
        now,
        owner: StoreLock::holder(&config.store.path).map(|holder| holder.pid),
        conditions: store.conditions()?.into_iter().filter(Known::is_open).collect(),
        sources,
        sinks: config.sinks.iter().map(|sink| SinkReport::find(sink, store)).collect::<Result<_>>()?,
        detections: detections::detections(config, store, &feeds, now)?,
        alerts: detections::unresolved(store)?,
        acting: Acting::find(config, store, now)?,
        privacy: Kept::find(config, store)?,
        channels,
        feeds,
        upkeep: upkeep(config, now),
        gaps: store.gaps()?,
        backfills: store.histories()?,
        parked: store.parked()?,
    })
}

fn print(report: &Report) {
    match report.owner {
        Some(pid) => say!("collecting: process {pid}"),
        None => say!("collecting: no process; start one with `miro-source run`"),
    }
    conditions::print(&report.conditions);
    for source in &report.sources {
        let status = &source.status;
        say!("\nsource {}: {:?} since {}", status.source, status.state, status.since);
        if let Some(problem) = &status.problem {
            say!("  problem    {:?} since {}: {}", problem.kind, problem.since, visible(&problem.message));
        }
        for problem in status.backfills.values() {
            say!("  held up    {:?} since {}: {}", problem.kind, problem.since, visible(&problem.message));
        }
        if let Some(watermark) = status.watermark {
            say!("  watermark  {watermark} ({} ago)", short(report.now.since(watermark)));
        }
        say!("  read       {} events in {} pages and {} polls; {} seen again", status.events, status.pages, status.polls, status.known);
        let late = source.lateness;
        if late.events > 0 {
            say!(
                "  late       {} events in 7 days: median {}, 99 % within {}, latest {}",
                late.events,
                ms(late.median),
                ms(late.p99),
                ms(late.max)
            );
        }
        match (status.token.obtained, status.token.expires) {
            (Some(obtained), Some(expires)) => {
                say!("  token      pair {} obtained {} ago, expires {expires}", status.token.version, short(report.now.since(obtained)));
            }
            (Some(obtained), None) => {
                say!("  token      pair {} obtained {} ago", status.token.version, short(report.now.since(obtained)))
            }
            _ => say!("  token      {:?}", status.token.kind),
        }
        if let Some(offset) = status.clock_offset {
            say!(
                "  clock      vendor minus here: {:.1} s",
                Duration::from_millis(offset.unsigned_abs()).as_secs_f64() * if offset < 0 { -1.0 } else { 1.0 }
            );
        }
    }
    for sink in &report.sinks {
        sink.print(report.now);
    }
    for channel in &report.channels {
        print_channel(channel, report.now);
    }
    responders::print(&report.acting);
    if !report.feeds.is_empty() {
        say!("");
    }
    for feed in &report.feeds {
        say!("feed {}: {}", feed.feed, visible(&facts(feed, report.now)));
        for problem in feed.problem.iter().chain(&feed.concern) {
            say!("  problem    {}", visible(problem));
        }
    }
    for each in &report.upkeep {
        say!("fetched {}: {}", each.feed, visible(&told(each, report.now)));
        if let Some(problem) = &each.problem {
            say!("  problem    {}", visible(problem));
        }
    }
    detections::print(&report.detections, &report.alerts);
    privacy::print(&report.privacy);
    for gap in report.gaps.iter().filter(|gap| !gap.filled) {
        say!("\ngap {} of {}: {} to {}: {}", gap.id, gap.source, gap.start, gap.end, visible(&gap.cause));
    }
    for history in report.backfills.iter().filter(|history| !history.finished) {
        say!(
            "\nbackfill {} of {}: {} to {}, read to {}, {} events",
            history.id,
            history.source,
            history.start,
            history.end,
            history.through,
            history.events
        );
    }
    if !report.parked.is_empty() {
        let what = if report.parked.len() == 1 { "1 event".to_owned() } else { format!("{} events", report.parked.len()) };
        say!("\nparked: {what}; see `miro-source parked list`");
    }
}

fn print_channel(channel: &ChannelReport, now: Instant) {
    let state = match channel.status.as_ref().map(|status| &status.state) {
        None => "not started",
        Some(notify::State::Idle) => "idle",
        Some(notify::State::Retrying { .. }) => "retrying",
        Some(notify::State::Paused { .. }) => "paused",
    };
    say!("\nchannel {}: {state}", channel.name);
    if let Some((since, reason)) = channel.status.as_ref().and_then(notify::Status::trouble) {
        say!("  problem    since {since}: {}", visible(reason));
    }
    let notify::Account { ledger, waiting, held, refused } = &channel.account;
    let latest = ledger.last.map(|last| format!(", the latest {} ago", short(now.since(last)))).unwrap_or_default();
    let said = channel.status.as_ref().and_then(|status| status.said.as_deref()).map(|said| format!("; {said}")).unwrap_or_default();
    say!("  told       {} messages{latest}{}", ledger.told, visible(&said));
    say!("  waiting    {waiting} alerts; {held} held back");
    if ledger.missed > 0 {
        say!("  not told   {} messages: over its limit, or too late", ledger.missed);
    }
    if *refused > 0 {
        say!("  refused    {refused} alerts, by themselves");
    }
}

/// A length of time with its largest unit.
pub(super) fn short(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        s @ 1..120 => format!("{s} s"),
        s @ 120..7200 => format!("{} min", s / 60),
        s @ 7200..172_800 => format!("{} h", s / 3600),
        s => format!("{} d", s / 86400),
    }
}

fn ms(milliseconds: u64) -> String {
    short(Duration::from_millis(milliseconds))
}
