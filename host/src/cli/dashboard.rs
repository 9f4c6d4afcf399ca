//! `miro-source dashboard`: what Grafana and Prometheus make of the metrics.

use super::{Exit, Result};

/// For Grafana's import.
pub(crate) const DASHBOARD: &str = include_str!("../../dashboard/miro-source.json");
/// For `rule_files` of Prometheus.
pub(crate) const ALERTS: &str = include_str!("../../dashboard/alerts.yml");

/// Write a dashboard for Grafana to standard output, or alerts for Prometheus.
///
/// `miro-source dashboard > miro-source.json`, then Dashboards, New, Import in Grafana, which asks for the Prometheus that scrapes
/// `/metrics`. The job is called `miro-source` in the alerts, as in the README.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The alerts instead, a file for `rule_files` of prometheus.yml
    #[arg(long)]
    alerts: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Exit> {
    say!("{}", if args.alerts { ALERTS } else { DASHBOARD }.trim_end());
    Ok(Exit::Done)
}
