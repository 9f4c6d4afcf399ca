//! What the rules of each detector are fed with, and how many alerts wait.

use serde::Serialize;

use crate::{
    alert::Severity,
    cli::Result,
    config::Config,
    detect::coverage::{self, Coverage},
    directory::Reading,
    enrich::{FeedStatus, Supply},
    model::{DetectorName, Instant, SourceName},
    neutral::visible,
    store::Store,
};

/// One detector over one source.
#[derive(Debug, Serialize)]
pub(super) struct Detections {
    detector: DetectorName,
    source: SourceName,
    /// Event names of the source, seen in the last 30 days.
    events: usize,
    /// None before a host has asked the detector.
    rules: Option<Vec<Coverage>>,
}

/// Alerts that nobody has closed.
#[derive(Debug, Serialize)]
pub(super) struct Unresolved {
    severity: Severity,
    alerts: u64,
}

/// Of every detector and source of the configuration.
pub(super) fn detections(config: &Config, store: &dyn Store, feeds: &[FeedStatus], now: Instant) -> Result<Vec<Detections>> {
    let seen = store.actions()?;
    let mut empty: Vec<String> = feeds.iter().filter(|feed| feed.entries == 0).map(|feed| feed.feed.clone()).collect();
    for responder in &config.responders {
        // Before a host has asked it, nobody knows that it says nothing.
        if Reading::noted(store, &responder.name)?.is_some_and(|reading| reading.is_empty()) {
            empty.push(Supply::directory(&responder.name));
        }
    }
    let mut all = Vec::new();
    for detector in &config.detectors {
        for source in &detector.sources {
            let supply = Supply::new(config, source, &empty);
            let lately = coverage::lately(&seen, source, now);
            let rules = coverage::kept(store, source, &detector.name)?;
            let rules = rules.map(|rules| rules.iter().map(|rule| Coverage::new(rule, &supply, Some(&lately))).collect());
            all.push(Detections { detector: detector.name.clone(), source: source.clone(), events: lately.len(), rules });
        }
    }
    Ok(all)
}

/// The gravest first.
pub(super) fn unresolved(store: &dyn Store) -> Result<Vec<Unresolved>> {
    Ok(store.unresolved()?.into_iter().map(|(severity, alerts)| Unresolved { severity, alerts }).collect())
}

/// A line each, and one more for each thing that is missing.
pub(super) fn print(detections: &[Detections], unresolved: &[Unresolved]) {
    if !detections.is_empty() {
        say!("");
    }
    // Sources that are told the same are said together.
    let mut said: Vec<(Vec<String>, Vec<&SourceName>)> = Vec::new();
    for each in detections {
        let lines = lines(each);
        match said.iter_mut().find(|(known, _)| *known == lines) {
            Some((_, sources)) => sources.push(&each.source),
            None => said.push((lines, vec![&each.source])),
        }
    }
    for (lines, sources) in said {
        let sources: Vec<&str> = sources.into_iter().map(SourceName::as_str).collect();
        for (place, line) in lines.iter().enumerate() {
            if place == 0 { say!("{}", line.replacen("{}", &sources.join(", "), 1)) } else { say!("{line}") }
        }
    }
    if !detections.is_empty() || !unresolved.is_empty() {
        say!("alerts: {}", counted(unresolved));
    }
}

/// `{}` stands for the source.
fn lines(each: &Detections) -> Vec<String> {
    let head = format!("detector {} on {{}}", each.detector);
    let Some(rules) = &each.rules else { return vec![format!("{head}: not asked yet what it reads; a running host asks it")] };
    let mut lines = vec![format!("{head}: {}", coverage::count(rules))];
    if each.events == 0 {
        lines.push("  warning    no event in 30 days: there is nothing to judge".to_owned());
    }
    lines.extend(coverage::warnings(rules).iter().map(|warning| format!("  warning    {}", visible(warning))));
    lines
}

/// `none open`, or `2 high, 1 low; see …`
fn counted(unresolved: &[Unresolved]) -> String {
    if unresolved.is_empty() {
        return "none unresolved".to_owned();
    }
    let each: Vec<String> = unresolved.iter().map(|each| format!("{} {}", each.alerts, each.severity.as_str())).collect();
    format!("{} unresolved; see `miro-source alerts list`", each.join(", "))
}
