//! What a person types: one file a command, each `run(args, &Context) -> Result<Exit>`.
//!
//! Results go to standard output, the log and errors to standard error. Every error says what was tried, what was wrong
//! and what to do.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};

use crate::{
    clock::{Clock, SystemClock},
    config::{self, Config},
    telemetry,
};

/// `println!` for results: a reader that has gone away (`… | head`) ends the command in peace.
macro_rules! say {
    ($($text:tt)*) => { crate::cli::exit::say(format_args!($($text)*)) };
}

pub mod alerts;
pub mod auth;
pub mod backfill;
pub mod backtest;
pub mod backup;
pub mod behaviours;
pub mod check;
pub mod components;
pub mod dashboard;
pub mod events;
mod exit;
pub mod feeds;
mod hold;
pub mod init;
pub mod investigate;
pub mod key;
pub mod manual;
pub mod notify;
pub mod once;
pub mod parked;
pub mod policies;
pub mod privacy;
mod progress;
pub mod reload;
pub mod respond;
pub mod restore;
pub mod run;
mod source;
pub mod status;
pub mod tail;
pub mod verify;

pub use exit::{Ended, Exit};

/// Result of a command.
pub type Result<T> = anyhow::Result<T>;

/// Collects Miro audit logs, losing none, and delivers them to Sumo Logic.
#[derive(Debug, Parser)]
#[command(name = "miro-source", version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// The configuration; without it `./miro-source.toml`, then `$XDG_CONFIG_HOME/miro-source/miro-source.toml`
    #[arg(long, global = true, value_name = "FILE", env = "MIRO_SOURCE_CONFIG")]
    config: Option<PathBuf>,

    /// What to log, as `level` or `module=level,…`; overrides `[log] level`
    #[arg(long, global = true, value_name = "FILTER", env = "MIRO_SOURCE_LOG")]
    log: Option<String>,

    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Begin:    miro-source init      write a configuration, step by step
          miro-source check     see whether Miro and Sumo Logic accept it
          miro-source run       collect and deliver until stopped
From cron: miro-source once
Exit codes: 0 done, 1 something is left, 2 the configuration cannot work, 3 a person must authorize, 4 another process owns the store";

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented configuration; on a terminal, ask for what it needs
    Init(init::Args),
    /// See whether configuration, component, Miro and the sinks work; one line each
    Check(check::Args),
    /// Authorize a source with OAuth, or confirm its stored tokens after a restore
    Auth(auth::Args),
    /// Collect and deliver until SIGTERM or SIGINT
    Run(run::Args),
    /// Have the running host read its configuration again
    Reload(reload::Args),
    /// Poll until caught up, deliver everything, and end
    Once(once::Args),
    /// Read a stretch of the past, or the recorded gaps
    Backfill(backfill::Args),
    /// Prove that nothing is missing: at Miro, in the store, at Sumo Logic; send again what is
    Verify(verify::Args),
    /// Show sources, sinks, lateness, gaps and what is waiting
    Status(status::Args),
    /// Follow the events as they are stored
    Tail(tail::Args),
    /// List every event name seen, with what it means
    Events(events::Args),
    /// List, show or retry events that a sink refused
    Parked(parked::Args),
    /// List, show, take, close and reopen alerts; list and lift suppressions
    Alerts(alerts::Args),
    /// Show what is done to accounts; order, approve and take back; stop it all; check the log of it
    Respond(respond::Args),
    /// Try the channels by which people are told of alerts
    Notify(notify::Args),
    /// List everything that detectors found, alerts or not
    Behaviours(behaviours::Args),
    /// Show what is known about an alert, a user or an address
    Investigate(investigate::Args),
    /// Show what the detectors would have raised over the stored history
    Backtest(backtest::Args),
    /// List and check activity policies; begin with a template
    Policies(policies::Args),
    /// List, add, fetch and bring what is known of addresses
    Feeds(feeds::Args),
    /// Hand out or erase what is kept of a person
    Privacy(privacy::Args),
    /// Write a copy of the store, while the host runs
    Backup(backup::Args),
    /// Put a copy of the store in its place
    Restore(restore::Args),
    /// Give the store another key
    Key(key::Args),
    /// Show the components in use; make keys, sign components, verify them
    Components(components::Args),
    /// Write a dashboard for Grafana, or alerts for Prometheus
    Dashboard(dashboard::Args),
    /// Write what completes the commands in a shell
    Completions(manual::Completions),
    /// Write the man pages
    Manual(manual::Manual),
}

/// What every command is given.
pub struct Context {
    config: Option<PathBuf>,
    log: Option<String>,
    /// Time, for everything the command does.
    pub clock: Arc<dyn Clock>,
}

impl Context {
    /// Reads the configuration and begins to log as it says.
    pub fn load(&self) -> Result<Config> {
        let path = config::locate(self.config.as_deref())?;
        let config = config::load(&path)?;
        let filter = self.log.as_deref().unwrap_or(&config.log.level);
        telemetry::begin(config.log.format, filter).map_err(|why| Ended::new(Exit::Configuration, why))?;
        for broken in &config.broken {
            tracing::error!("{} is not used: {}", broken.path.display(), broken.message);
        }
        warn(&config);
        Ok(config)
    }

    /// Reads it again from where it was found.
    fn read_again(&self, path: &std::path::Path) -> Result<Config> {
        let config = config::load(path)?;
        warn(&config);
        Ok(config)
    }

    /// The configuration file as named on the command line.
    pub fn path(&self) -> Option<&std::path::Path> {
        self.config.as_deref()
    }
}

/// `verify --log` is `verify --governance`: behind that command it is the log that is looked at. Before it, and of every other command,
/// it is the filter.
fn renamed(args: impl IntoIterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let mut args: Vec<_> = args.into_iter().collect();
    let mut at = 1;
    while let Some(arg) = args.get(at).and_then(|arg| arg.to_str()).filter(|arg| arg.starts_with('-')) {
        at += if arg == "--config" || arg == "--log" { 2 } else { 1 };
    }
    if args.get(at).is_some_and(|command| command == "verify") {
        for arg in args.iter_mut().skip(at) {
            if arg == "--log" {
                *arg = "--governance".into();
            } else if let Some(file) = arg.to_str().and_then(|arg| arg.strip_prefix("--log=")) {
                *arg = format!("--governance={file}").into();
            }
        }
    }
    args
}

fn warn(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
}

/// The whole program.
pub fn main() -> ExitCode {
    main_with(std::env::args_os(), Arc::new(SystemClock))
}

/// The whole program, with these arguments, the first being its name, and this clock.
pub fn main_with(args: impl IntoIterator<Item = std::ffi::OsString>, clock: Arc<dyn Clock>) -> ExitCode {
    let cli = match Cli::try_parse_from(renamed(args)) {
        Ok(cli) => cli,
        Err(why) => {
            // Nobody reads it if even standard error is closed.
            let _ = why.print();
            return if why.use_stderr() { Exit::Configuration.into() } else { Exit::Done.into() };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            eprintln!("miro-source: failed to start: {why}");
            return Exit::Left.into();
        }
    };
    match runtime.block_on(dispatch(cli, clock)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("miro-source: {error:#}");
            exit::of(&error).into()
        }
    }
}

async fn dispatch(cli: Cli, clock: Arc<dyn Clock>) -> Result<Exit> {
    let context = Context { config: cli.config, log: cli.log, clock };
    match cli.command {
        Command::Init(args) => init::run(&args, context.config.as_deref()).map(|()| Exit::Done),
        Command::Check(args) => check::run(args, &context).await,
        Command::Auth(args) => auth::run(args, &context).await,
        Command::Run(args) => run::run(args, &context).await,
        Command::Reload(args) => reload::run(args, &context).await,
        Command::Once(args) => once::run(args, &context).await,
        Command::Backfill(args) => backfill::run(args, &context).await,
        Command::Verify(args) => verify::run(args, &context).await,
        Command::Status(args) => status::run(args, &context).await,
        Command::Tail(args) => tail::run(args, &context).await,
        Command::Events(args) => events::run(args, &context).await,
        Command::Parked(args) => parked::run(args, &context).await,
        Command::Alerts(args) => alerts::run(args, &context).await,
        Command::Respond(args) => respond::run(args, &context).await,
        Command::Notify(args) => notify::run(args, &context).await,
        Command::Behaviours(args) => behaviours::run(args, &context).await,
        Command::Investigate(args) => investigate::run(args, &context).await,
        Command::Backtest(args) => backtest::run(args, &context).await,
        Command::Policies(args) => policies::run(args, &context),
        Command::Feeds(args) => feeds::run(args, &context).await,
        Command::Privacy(args) => privacy::run(args, &context).await,
        Command::Backup(args) => backup::run(args, &context).await,
        Command::Restore(args) => restore::run(args, &context).await,
        Command::Key(args) => key::run(args, &context).await,
        Command::Components(args) => components::run(args, &context).await,
        Command::Dashboard(args) => dashboard::run(&args),
        Command::Completions(args) => manual::completions(&args),
        Command::Manual(args) => manual::manual(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verify_log_looks_at_the_log_and_elsewhere_log_filters() {
        let renamed = |line: &str| renamed(line.split(' ').map(Into::into)).join(std::ffi::OsStr::new(" ")).into_string().unwrap();
        for (typed, meant) in [
            ("miro-source verify --log", "miro-source verify --governance"),
            (
                "miro-source --config verify --log debug verify --log x --json",
                "miro-source --config verify --log debug verify --governance x --json",
            ),
            ("miro-source verify --log=x", "miro-source verify --governance=x"),
            ("miro-source run --log debug", "miro-source run --log debug"),
            ("miro-source --log verify tail --log debug", "miro-source --log verify tail --log debug"),
            ("miro-source", "miro-source"),
        ] {
            assert_eq!(renamed(typed), meant);
        }
    }
}
