//! A detector: its component, whether it takes its configuration, and what its rules are never told.

use std::sync::Arc;

use super::report::{Level, Report};
use crate::{
    cli::{Exit, source::text},
    config::{Config, DetectorConfig},
    detect::coverage::{self, Coverage},
    enrich::Supply,
    model::SourceName,
    pipeline,
    runtime::Runtime,
    trust::{Refused, Trust},
};

/// Checks a detector over each of those of its sources that are picked.
pub(super) async fn check(
    detector: &DetectorConfig,
    config: &Config,
    runtime: &Arc<Runtime>,
    picked: &(dyn Fn(&SourceName) -> bool + Sync),
    report: &mut Report,
) {
    let subject = format!("detector {}", detector.name);
    let loaded = match pipeline::detectors(runtime, &Trust::new(&config.components), config, detector).await {
        Ok(loaded) => loaded,
        Err(why) => {
            // Why it is refused says what to do, too.
            let advice =
                "see `component` of the detector: builtin:detect, or the path of a .wasm file that exports audit:pipeline/detector";
            let advice = if why.is::<Refused>() { None } else { Some(advice) };
            return report.fail(Exit::Configuration, &subject, &format!("the component does not load: {why:#}"), advice);
        }
    };
    for (source, detector) in loaded.into_iter().filter(|(source, _)| picked(source)) {
        match detector.rules().await {
            Ok(rules) => {
                let supply = Supply::new(config, &source, &[]);
                let all: Vec<Coverage> = rules.iter().map(|rule| Coverage::new(rule, &supply, None)).collect();
                let lacking = coverage::warnings(&all).join("\n");
                let advice = Some(lacking.as_str()).filter(|lacking| !lacking.is_empty());
                report.line(Level::Ok, &subject, &format!("judges {source}; {}", coverage::count(&all)), advice);
            }
            Err(why) => {
                let said = format!("the component rejects `config`: {}", text(&why));
                report.fail(Exit::Configuration, &subject, &said, Some("change `config` of the detector"));
            }
        }
    }
}
