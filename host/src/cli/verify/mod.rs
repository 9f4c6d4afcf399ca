//! `miro-source verify`: the proof that nothing is missing, or of what is.
//!
//! Without a host this process owns the store and reads with a token that it may refresh; beside one it reads with the token that
//! the host keeps good, and asks the host for what is to be repaired. What is missing in the store is read again by a backfill of that
//! stretch; what is missing at a sink is sent to it again as a parked event is. Both survive a crash, and then it is looked again (`rounds`).

use std::{io::Write as _, path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use self::repair::Plan;
use super::{
    Context, Ended, Exit, Result,
    hold::Hold,
    source::{self, choose},
};
use crate::{
    clock::Clock,
    config::{Config, SinkConfig, SinkKind, SourceConfig, units},
    control::{Request, submit},
    egress::{self, Purpose},
    model::{Instant, SinkName, SourceName},
    runtime::Source,
    sink::{sieve, sumo::search::Search},
    verify::{Looked, Report, Walk, lines},
};

mod repair;
mod rounds;

/// How often, and how long in between, it is waited for the running host to refresh the token.
const WAITS: u32 = 60;
const WAIT: Duration = Duration::from_secs(1);

/// Prove that nothing is missing: at Miro, in the store, at Sumo Logic; send again what is.
///
/// Reads the stretch at Miro again and holds it against the store by id, and where a sink has an access key, against what a search at
/// Sumo Logic finds. Prints windows, counts, lateness, gaps and what is missing. Ends with 0 where nothing is, and with 1 where
/// something is. With --repair, what is missing is read and sent again, and looked at again. With --governance, checks the governance log instead.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// From when (inclusive): a date, an RFC 3339 time, or how long ago, like "30d"
    #[arg(long, value_name = "INSTANT", required_unless_present = "governance")]
    from: Option<String>,
    /// Until when (exclusive) [default: --lag ago]
    #[arg(long, value_name = "INSTANT")]
    to: Option<String>,
    /// The source; may be left out where there is only one
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Only this sink [default: all sinks of the source]
    #[arg(long, value_name = "NAME")]
    sink: Option<SinkName>,
    /// How long a sink may need until what it got is found there: what it took since is on its way, not missing
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    lag: String,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the report there too, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Read and send again what is missing
    #[arg(long)]
    repair: bool,
    /// Check the governance log: the store's own, or one that `respond log` wrote. Also called --log here
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["from", "to", "source", "sink", "lag", "report", "repair"])]
    governance: Option<Option<PathBuf>>,
}

/// What is looked at.
struct Aim {
    config: Config,
    configured: SourceConfig,
    sinks: Vec<SinkConfig>,
    from: Instant,
    to: Instant,
    clock: Arc<dyn Clock>,
    lag: Duration,
    quiet: bool,
    /// Held while a token may be refreshed: that is not cut short, since the new pair would be lost.
    refreshing: Mutex<()>,
}

/// Who looks and repairs, with the store as it is held meanwhile.
struct Hand<'a> {
    aim: &'a Aim,
    hold: Option<Hold>,
    stop: CancellationToken,
}

impl Hand<'_> {
    fn held(hold: Option<Hold>) -> Result<Hold> {
        hold.ok_or_else(|| anyhow::anyhow!("the store could not be taken again"))
    }
}

impl rounds::Bench for Hand<'_> {
    async fn look(&mut self) -> Result<Report> {
        let hold = Self::held(self.hold.take())?;
        let report = tokio::select! {
            report = self.aim.look(&hold) => report,
            () = self.aim.told_to_stop(&self.stop) => Err(rounds::stopped()),
        };
        self.hold = Some(hold);
        report
    }

    async fn carry_out(&mut self, plan: &Plan) -> Result<()> {
        self.hold = Some(plan.carry_out(self.aim, Self::held(self.hold.take())?, &self.stop).await?);
        Ok(())
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    if let Some(file) = &args.governance {
        return super::respond::check(file.as_deref(), args.json, context);
    }
    let aim = aim(&args, context)?;
    let hold = Hold::take(&aim.config)?;
    let report = match args.repair {
        true => {
            let stop = super::run::on_signal()?;
            let mut hand = Hand { aim: &aim, hold: Some(hold), stop: stop.clone() };
            rounds::repair(&mut hand, aim.clock.as_ref(), &stop, aim.lag).await?
        }
        false => aim.look(&hold).await?,
    };
    let text = crate::neutral::json(&serde_json::to_string(&report)?).into_owned();
    if let Some(path) = &args.report {
        write(path, &text)?;
    }
    if args.json {
        say!("{text}");
    } else {
        for line in lines(&report) {
            say!("{line}");
        }
    }
    Ok(if report.complete { Exit::Done } else { Exit::Left })
}

fn write(path: &std::path::Path, text: &str) -> Result<()> {
    let written = std::fs::File::create(path).and_then(|mut file| writeln!(file, "{text}"));
    written.map_err(|why| Ended::new(Exit::Left, format!("failed to write {}: {why}", path.display())).into())
}

fn aim(args: &Args, context: &Context) -> Result<Aim> {
    let (config, now) = (context.load()?, context.clock.now());
    let wrong = |message: String| Ended::new(Exit::Configuration, message);
    let configured = choose(&config, args.source.as_ref())?.clone();
    let mut sinks: Vec<SinkConfig> = config.sinks.iter().filter(|sink| sink.sources.contains(&configured.name)).cloned().collect();
    if let Some(name) = &args.sink {
        let names = sinks.iter().map(|each| each.name.as_str()).collect::<Vec<_>>().join(", ");
        sinks.retain(|each| each.name == *name);
        if sinks.is_empty() {
            return Err(wrong(format!("there is no sink `{name}` of source `{}`: name one of {names}", configured.name)).into());
        }
    }
    let read = |key: &str, text: &str| units::instant(text, now).map_err(|why| wrong(format!("--{key} `{text}` is not {why}")));
    let from = read("from", args.from.as_deref().unwrap_or_default())?;
    let lag = units::duration(&args.lag).map_err(|why| wrong(format!("--lag `{}` is not {why}", args.lag)))?;
    let to = args.to.as_deref().map_or(Ok(now.minus(lag)), |to| read("to", to))?.min(now);
    if from >= to {
        return Err(wrong(format!("there is nothing between --from {from} and --to {to}: --from must be the earlier")).into());
    }
    let (clock, refreshing) = (Arc::clone(&context.clock), Mutex::default());
    Ok(Aim { config, configured, sinks, from, to, lag, clock, quiet: args.json, refreshing })
}

impl Aim {
    /// One look at everything.
    async fn look(&self, hold: &Hold) -> Result<Report> {
        let reader = source::load(&self.config, &self.configured).await?;
        let mut sinks = Vec::with_capacity(self.sinks.len());
        for sink in &self.sinks {
            let search = match &sink.kind {
                SinkKind::Sumo(sumo) if sumo.search.is_some() => {
                    let client = egress::client::build(&self.config.network, Purpose::Sink)?;
                    Some(Search::open(sumo, sink.format, client, Arc::clone(&self.clock)).await?)
                }
                _ => None,
            };
            let sources = [(self.configured.name.clone(), reader.clone())].into();
            sinks.push(Looked { sink: sink.name.clone(), sieve: sieve(sink, &sources, &self.config.apps()), search });
        }
        let from_reader = reader.clone();
        let tokens = move || -> BoxFuture<'_, anyhow::Result<SecretString>> { Box::pin(self.token(hold, from_reader.clone())) };
        let mut walk = Walk {
            source: self.configured.name.clone(),
            reader,
            tokens: &tokens,
            hold: self.configured.keeping.hold.clone(),
            store: Arc::clone(hold.store()),
            clock: Arc::clone(&self.clock),
            lag: self.lag,
            sinks,
        };
        let told = |window: &crate::verify::Window| {
            if !self.quiet {
                eprintln!(
                    "looked at {} to {}: {} events, {} missing in the store",
                    window.start, window.end, window.vendor, window.missing
                );
            }
        };
        walk.through(self.from, self.to, told).await
    }

    /// Somebody wants it to end, and no token is being refreshed.
    async fn told_to_stop(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        drop(self.refreshing.lock().await);
    }

    /// A token that is good: beside a running host, once that has refreshed it.
    async fn token(&self, hold: &Hold, reader: Source) -> anyhow::Result<SecretString> {
        let mut asked = false;
        for _ in 0..WAITS {
            let token = {
                let _whole = self.refreshing.lock().await;
                source::token(&self.config, &self.configured, hold, &reader, self.clock.as_ref()).await
            };
            match token {
                Err(why) if why.is::<source::Due>() => {
                    if !asked {
                        // It polls, and before that it refreshes.
                        drop(submit(&self.config, Request::Nudge, self.clock.as_ref()).await?);
                        asked = true;
                    }
                    self.clock.sleep_until(self.clock.now().plus(WAIT)).await;
                }
                token => return token,
            }
        }
        Err(anyhow::anyhow!("the running host did not refresh the token: see `miro-source status`"))
    }
}
