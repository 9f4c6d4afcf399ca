//! The check that the host makes of itself once a day: the same, without a terminal.

use std::sync::Arc;

use super::{Args, examine, report::Report};
use crate::{
    condition::{Check, Checked, Concerns, Expiry, Finding},
    config::Config,
};

/// Checks a configuration whenever it is asked to. Where there is nothing to look at beyond what was read at the start, it says nothing.
pub(in crate::cli) fn daily(config: &Config) -> Check {
    let config = Arc::new(config.clone());
    Arc::new(move |now| {
        let config = Arc::clone(&config);
        Box::pin(async move {
            let mut report = Report::silent();
            examine(&config, &Args::default(), now, &mut report).await;
            let finding = |failure: super::report::Failure| Finding {
                concerns: concerns(&config, &failure.subject),
                subject: failure.subject,
                text: failure.text,
                advice: failure.advice,
                since: now,
            };
            let expiry = |end: super::report::End| Expiry {
                concerns: concerns(&config, &end.subject),
                subject: end.subject,
                ends: end.at,
                advice: end.advice.to_owned(),
            };
            Checked {
                findings: report.failures.into_iter().map(finding).collect(),
                certificates: report.ends.into_iter().map(expiry).collect(),
                unseen: report.unseen,
                only: config.is_partial().then_some(report.subjects),
            }
        })
    })
}

/// Whose business a line of the check is: what a part of the configuration is named by says whose that part is, and everything else is
/// the host's.
fn concerns(config: &Config, subject: &str) -> Concerns {
    let of = |what: &str, name: &dyn std::fmt::Display| subject == format!("{what} {name}");
    let source = config.sources.iter().find(|each| of("source", &each.name)).map(|each| vec![each.name.clone()]);
    let sink = || config.sinks.iter().find(|each| of("sink", &each.name)).map(|each| each.sources.clone());
    let channel = || config.channels.iter().find(|each| of("channel", &each.name)).map(|each| each.sources.clone());
    let responder = || config.responders.iter().find(|each| of("responder", &each.name)).map(|each| each.sources.clone());
    let detector = || config.detectors.iter().find(|each| of("detector", &each.name)).map(|each| each.sources.clone());
    source.or_else(sink).or_else(channel).or_else(responder).or_else(detector).map_or(Concerns::Host, Concerns::Sources)
}
