//! `miro-source check`: whether configuration, store, components, the vendor, the sinks and the channels work; a line each.
//!
//! What always holds: nothing is stored, nothing refreshed, nothing delivered, no secret printed. One question and one page
//! go to the vendor for each source, one empty request to each sink, and one look at each place that anything goes to.

use std::sync::Arc;

use self::report::{Level, Report};
use super::{Context, Exit, Result, source::choose};
use crate::{
    config::{self, Config},
    egress::{self, HttpTransport, Purpose},
    model::{Instant, SourceName},
    pipeline,
    runtime::{Limits, Runtime, RuntimeOptions},
    telemetry,
    trust::Trust,
};

mod channel;
mod daily;
mod detector;
mod feeds;
mod network;
mod proof;
mod report;
mod responder;
mod sink;
mod source;
mod store;
mod traces;

pub(super) use daily::daily;
pub(super) use feeds::facts;

/// See whether configuration, component, Miro, the sinks and the way to each of them work; one line each.
///
/// Stores nothing, delivers nothing and refreshes no token, so it may run beside a host. Exit codes: 0 all is well; 1 a
/// vendor or a sink does not answer as it should, which may heal; 2 the configuration cannot work; 3 a person must
/// authorize, or change plan, role or scope at the vendor.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Only this source, and the sinks that it feeds
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Reach nothing: neither the vendor nor Sumo Logic nor anybody else
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> Result<Exit> {
    let mut report = Report::default();
    let Some(config) = configuration(context, &mut report)? else { return Ok(report.exit()) };
    if let Some(name) = &args.source {
        choose(&config, Some(name))?;
    }
    examine(&config, &args, context.clock.now(), &mut report).await;
    say!("{}", report.summary());
    Ok(report.exit())
}

/// Checks all that a configuration that can be read names.
async fn examine(config: &Config, args: &Args, now: Instant, report: &mut Report) {
    let picked = |name: &SourceName| args.source.as_ref().is_none_or(|only| only == name);
    let opened = store::check(config, report).await;
    feeds::check(config, now, report).await;
    match runtime(config) {
        Ok(runtime) => {
            for each in &config.detectors {
                detector::check(each, config, &runtime, &picked, report).await;
            }
            for each in config.responders.iter().filter(|each| each.sources.iter().any(picked)) {
                responder::check(each, config, &runtime, now, report).await;
            }
            let mut components = pipeline::Components::new(runtime, Trust::new(&config.components));
            for each in config.sources.iter().filter(|each| picked(&each.name)) {
                source::Examination::new(each, now, report).run(&mut components, opened.as_ref(), args.offline).await;
            }
        }
        Err(why) => report.fail(Exit::Configuration, "components", &format!("the runtime does not start: {why:#}"), None),
    }
    match egress::client::build(&config.network, Purpose::Sink) {
        Ok(client) => {
            for each in config.sinks.iter().filter(|each| each.sources.iter().any(picked)) {
                sink::check(each, &client, args.offline, report).await;
                sink::sieve(each, opened.as_ref(), report);
            }
            for each in config.channels.iter().filter(|each| each.sources.iter().any(picked)) {
                channel::check(each, &config.network, &client, report).await;
            }
            if let Some(telemetry) = &config.telemetry {
                traces::check(telemetry, &client, args.offline, report).await;
            }
        }
        Err(why) => {
            report.fail(Exit::Configuration, "network", &format!("the HTTP client cannot be built: {why}"), Some("check `[network]`"))
        }
    }
    if !args.offline {
        network::check(config, &picked, now, report).await;
    }
}

/// Reads the configuration, without what [`Context::load`] logs: here it becomes lines.
fn configuration(context: &Context, report: &mut Report) -> Result<Option<Config>> {
    let read = config::locate(context.path()).map_err(anyhow::Error::from).and_then(|path| Ok(config::load(&path)?));
    let config = match read {
        Ok(config) => config,
        Err(why) => {
            report.fail(Exit::Configuration, "configuration", &format!("{why:#}"), None);
            return Ok(None);
        }
    };
    let filter = context.log.as_deref().unwrap_or("error");
    telemetry::begin(config.log.format, filter).map_err(|why| super::Ended::new(Exit::Configuration, why))?;
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let text = format!("{}: {}, {}", config.path.display(), count(config.sources.len(), "source"), count(config.sinks.len(), "sink"));
    if config.sources.is_empty() && config.broken.is_empty() {
        report.fail(Exit::Configuration, "configuration", &text, Some("add a [[source]], or let `miro-source init` write one"));
    } else {
        report.line(Level::Ok, "configuration", &text, None);
    }
    for warning in &config.warnings {
        report.line(Level::Warn, "configuration", warning, None);
    }
    for broken in &config.broken {
        let text = format!("{} is not used: {}", broken.path.display(), broken.message);
        report.fail(Exit::Configuration, "configuration", &text, Some("mend the file; everything else runs meanwhile"));
    }
    Ok(Some(config))
}

/// The runtime, without its cache where the store's key cannot be read: that is another line's business.
fn runtime(config: &Config) -> Result<Arc<Runtime>> {
    let transport = Arc::new(HttpTransport::new(&config.network)?);
    if let Ok(runtime) = pipeline::runtime(config, transport.clone()) {
        return Ok(runtime);
    }
    Ok(Runtime::new(RuntimeOptions { cache: None, transport, limits: Limits::default() })?)
}
