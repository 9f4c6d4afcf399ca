//! Where traces go.

use super::report::{Level, Report};
use crate::{cli::Exit, config::TelemetryConfig, egress::headers, trace};

/// Checks the collector, sending it no trace.
pub(super) async fn check(config: &TelemetryConfig, client: &reqwest::Client, offline: bool, report: &mut Report) {
    const SUBJECT: &str = "traces";
    const ADVICE: &str = "see [telemetry]; traces that do not arrive are dropped, and nothing waits for them";
    if offline {
        return match headers::open(&config.headers).await {
            Ok(_) => report.line(Level::Ok, SUBJECT, "its secrets can be read", None),
            Err(why) => report.fail(Exit::Configuration, SUBJECT, &why, Some(ADVICE)),
        };
    }
    match trace::probe(config, client).await {
        Ok(found) => report.line(Level::Ok, SUBJECT, &found, None),
        Err(why) => report.fail(Exit::Left, SUBJECT, &why, Some(ADVICE)),
    }
}
