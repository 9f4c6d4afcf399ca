//! `miro-source backfill`: reading a stretch of the past, or the recorded gaps.
//!
//! `plan` decides what is asked for and what of it is under way already → `estimate` says what it costs, from a few real
//! pages → a person agrees → the stretches are stored → `follow` shows how they are read. A running host reads them;
//! without one, this process is the host until they are delivered. Stopped half-way, nothing is lost: the checkpoints are in
//! the store, and the same command, or the next `run`, goes on.

use std::{io::IsTerminal as _, sync::Arc};

use tokio_util::sync::CancellationToken;

use self::{
    estimate::Estimate,
    follow::{Ending, Follow},
    plan::{Asked, Plan},
};
use super::{
    Context, Ended, Exit, Result,
    hold::Hold,
    source::{self, choose},
};
use crate::{
    clock::Clock,
    config::{Config, SourceConfig, units},
    control::{self, Reply, Request, submit},
    model::{Instant, SinkName, SourceName},
    pipeline::{Edges, Pipeline},
    store::{Purpose, Store, blocking, lock::StoreLock},
};

mod estimate;
mod follow;
mod plan;
mod probe;
mod progress;

#[cfg(test)]
mod tests;

/// Read a stretch of the past, or the recorded gaps.
///
/// Says beforehand how many pages, gigabytes, minutes and credits it takes. A running host does the reading; without one,
/// this command collects and delivers until it is done. Stopped half-way, the same command goes on where it was. Without
/// --from and --gaps it goes on with whatever is unfinished. With --learn, detectors learn from it and no sink gets it; read
/// again without, it is delivered.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// From when (inclusive): a date, an RFC 3339 time, or how long ago, like "30d"
    #[arg(long, value_name = "INSTANT", conflicts_with = "gaps")]
    from: Option<String>,
    /// Until when (exclusive) [default: now]
    #[arg(long, value_name = "INSTANT", requires = "from")]
    to: Option<String>,
    /// The source; may be left out where there is only one, and with --gaps
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Deliver only to this sink [default: all sinks of the source]
    #[arg(long, value_name = "NAME")]
    sink: Option<SinkName>,
    /// Only to learn from it: detectors judge it, no sink gets it
    #[arg(long, requires = "from", conflicts_with = "sink")]
    learn: bool,
    /// Fill every recorded gap that is not filled yet
    #[arg(long)]
    gaps: bool,
    /// Begin without asking
    #[arg(long, short)]
    yes: bool,
    /// Only say what it would take
    #[arg(long, conflicts_with = "yes")]
    estimate_only: bool,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let config = context.load()?;
    let now = context.clock.now();
    let asked = asked(&args, &config, now)?;
    let hold = Hold::take(&config)?;
    let (histories, gaps) = blocking(hold.store(), |store| Ok((store.histories()?, store.gaps()?))).await?;
    let plan = plan::plan(&asked, &histories, &gaps);
    if plan.is_empty() {
        say!("{}", asked.nothing());
        return Ok(Exit::Done);
    }
    // An estimate is the result where nothing else is asked for; otherwise a sink may own standard output.
    let say = |line: &str| if args.estimate_only { say!("{line}") } else { eprintln!("{line}") };
    for line in plan.lines() {
        say(&line);
    }
    let mut pages = None;
    for name in plan.sources() {
        let configured = choose(&config, Some(name))?;
        let spans = plan.spans(name);
        let estimate = appraise(&config, configured, &hold, &spans, context.clock.as_ref()).await;
        match estimate {
            Ok(estimate) => {
                for line in estimate.lines() {
                    say(&format!("{name}: {line}"));
                }
                pages = estimate.pages().map(|more| more + pages.unwrap_or(0));
            }
            Err(why) => say(&format!("{name}: how much there is to read is not known: {why:#}")),
        }
    }
    if args.estimate_only {
        return Ok(Exit::Done);
    }
    if !args.yes && !agreed()? {
        eprintln!("nothing was begun");
        return Ok(Exit::Done);
    }
    let stop = super::run::on_signal()?;
    match hold {
        Hold::Owner(store) => own(&config, &plan, store, pages, context, stop).await,
        Hold::Reader(store) => ride(&config, &plan, store, pages, context, stop).await,
    }
}

fn asked(args: &Args, config: &Config, now: Instant) -> Result<Asked> {
    let wrong = |message: String| Ended::new(Exit::Configuration, message);
    if let Some(sink) = &args.sink {
        let known = config.sinks.iter().find(|each| each.name == *sink);
        let names = || config.sinks.iter().map(|each| each.name.as_str()).collect::<Vec<_>>().join(", ");
        let known = known.ok_or_else(|| wrong(format!("there is no sink `{sink}`: name one of {}", names())))?;
        if let Some(source) = args.source.as_ref().filter(|source| !known.sources.contains(source)) {
            return Err(wrong(format!("sink `{sink}` gets no events of source `{source}`: see `sources` of that sink")).into());
        }
    }
    let purpose = match &args.sink {
        Some(sink) => Purpose::Sink(sink.clone()),
        None if args.learn => Purpose::Learning,
        None => Purpose::Delivery,
    };
    let Some(from) = &args.from else {
        let source = args.source.as_ref().map(|name| choose(config, Some(name))).transpose()?.map(|each| each.name.clone());
        return Ok(if args.gaps { Asked::Gaps { source, purpose } } else { Asked::Unfinished { source } });
    };
    let source = choose(config, args.source.as_ref())?.name.clone();
    let read = |key: &str, text: &str| units::instant(text, now).map_err(|why| wrong(format!("--{key} `{text}` is not {why}")));
    let start = read("from", from)?;
    let end = args.to.as_deref().map_or(Ok(now), |to| read("to", to))?;
    if end > now {
        eprintln!("--to lies in the future: reading up to now");
    }
    let end = end.min(now);
    if start >= end {
        return Err(wrong(format!("there is nothing between --from {start} and --to {end}: --from must be the earlier")).into());
    }
    Ok(Asked::Span { source, purpose, start, end })
}

async fn appraise(
    config: &Config,
    configured: &SourceConfig,
    hold: &Hold,
    spans: &[(Instant, Instant)],
    clock: &dyn Clock,
) -> Result<Estimate> {
    let source = source::load(config, configured).await?;
    let allowance = source.metering().await.map_err(|why| source::failed("ask the component what a page costs", &why))?;
    let share = estimate::Share::of(&configured.config);
    let sampled = match source::token(config, configured, hold, &source, clock).await {
        Ok(token) => probe::sample(&source, &token, spans, clock.now()).await,
        Err(why) => probe::Sampled { probes: Vec::new(), trouble: Some(why.to_string()) },
    };
    Ok(Estimate::new(&allowance, share, spans, &sampled))
}

/// Asks on a terminal. Without one, `--yes` says it.
fn agreed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(Ended::new(Exit::Configuration, "nobody is here to agree: add --yes, or --estimate-only").into());
    }
    eprint!("Begin? [y/N] ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// No host runs: this process is one until everything is delivered.
async fn own(
    config: &Config,
    plan: &Plan,
    store: Arc<dyn Store>,
    pages: Option<u64>,
    context: &Context,
    stop: CancellationToken,
) -> Result<Exit> {
    let (begin, now) = (Request::AddHistories(plan.begin.clone()), context.clock.now());
    let numbers = numbers(blocking(&store, move |store| Ok(control::carry_out(store, &control::am_i(), &begin, now))).await?)?;
    let only = plan.sources().into_iter().cloned().collect();
    // Its own way takes the store anew.
    drop(store);
    let pipeline = Pipeline::assemble_part(config, &only, Edges::real(config, Arc::clone(&context.clock))?).await?;
    let store = pipeline.store();
    let ended = CancellationToken::new();
    let host = tokio::spawn(pipeline.run(ended.clone()));
    let follow = Follow::new(store, plan.follow(numbers), deliveries(config, plan), pages);
    let ending = tokio::select! {
        ending = follow.delivered(now) => ending,
        () = stop.cancelled() => Ok(Ending::Stopped),
        // It ended by itself: why is in its result.
        () = ended.cancelled() => Ok(Ending::Stopped),
    };
    ended.cancel();
    host.await??;
    Ok(match ending? {
        Ending::Done => Exit::Done,
        Ending::Parked => Exit::Left,
        Ending::Person(exit, why) => return Err(Ended::new(exit, why).into()),
        Ending::Abandoned | Ending::Stopped => {
            eprintln!(
                "stopped; nothing is lost: `miro-source backfill` without --from goes on where it was, and so does `miro-source run`"
            );
            Exit::Left
        }
    })
}

/// A host runs: it reads, we watch.
async fn ride(
    config: &Config,
    plan: &Plan,
    store: Arc<dyn Store>,
    pages: Option<u64>,
    context: &Context,
    stop: CancellationToken,
) -> Result<Exit> {
    let numbers = match plan.begin.as_slice() {
        [] => Vec::new(),
        begin => numbers(submit(config, Request::AddHistories(begin.to_vec()), context.clock.as_ref()).await?)?,
    };
    let path = config.store.path.clone();
    let follow = Follow::new(store, plan.follow(numbers), deliveries(config, plan), pages);
    let ending = tokio::select! {
        ending = follow.read(move || StoreLock::holder(&path).is_some()) => ending?,
        () = stop.cancelled() => Ending::Stopped,
    };
    Ok(match ending {
        Ending::Done => Exit::Done,
        Ending::Parked => Exit::Left,
        Ending::Person(exit, why) => return Err(Ended::new(exit, why).into()),
        Ending::Stopped => {
            eprintln!("no longer watching; the running host goes on with it: see `miro-source status`");
            Exit::Left
        }
        Ending::Abandoned => {
            eprintln!("the host has stopped; `miro-source backfill` without --from, or `miro-source run`, goes on where it was");
            Exit::Left
        }
    })
}

fn numbers(reply: Reply) -> Result<Vec<i64>> {
    match reply {
        Reply::Numbers(numbers) => Ok(numbers),
        Reply::Failed(why) => Err(anyhow::anyhow!("failed to begin: {why}")),
        _ => Err(anyhow::anyhow!("failed to begin: the running host answered something else; is it of another version?")),
    }
}

/// Which sinks the events of the plan go to.
fn deliveries(config: &Config, plan: &Plan) -> Vec<(SinkName, SourceName)> {
    let mut pairs = Vec::new();
    for sink in &config.sinks {
        for source in sink.sources.iter().filter(|name| plan.sources().contains(name)) {
            pairs.push((sink.name.clone(), source.clone()));
        }
    }
    pairs
}
