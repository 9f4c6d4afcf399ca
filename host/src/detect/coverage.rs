//! What each rule of a detector is fed with: where what it needs comes from, and how many event names it looks at. A rule that can
//! find nothing is never silent about it.

use std::{sync::Arc, time::Duration};

use audit_pipeline::detector::Rule;
use serde::Serialize;

use crate::{
    enrich::Supply,
    model::{DetectorName, Instant, SourceName},
    store::{self, ActionSeen, Store, StoreError, blocking},
};

/// An event name counts while it was seen so lately.
const LATELY: Duration = Duration::from_secs(30 * 24 * 3600);
/// Words of a list that are told.
const TOLD: usize = 6;

/// What one rule is fed with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// Which.
    pub rule: String,
    /// What people call it.
    pub title: String,
    /// Whether it looks at anything, as it is configured.
    pub enabled: bool,
    /// Where what it needs and uses comes from.
    pub feeds: Vec<String>,
    /// Event names of the last 30 days that it looks at.
    pub events: u64,
    /// What it is never told, and without which it finds nothing.
    pub lacks: Vec<String>,
}

impl Coverage {
    /// Of a rule, where this is supplied. `None` for the event names where only the supply is asked for.
    pub fn new(rule: &Rule, supply: &Supply, seen: Option<&[ActionSeen]>) -> Self {
        let mut feeds: Vec<String> = Vec::new();
        for from in rule.needs.iter().flatten().chain(&rule.uses).flat_map(|fact| supply.of(fact)) {
            if !feeds.iter().any(|feed| feed == from) {
                feeds.push(from.to_owned());
            }
        }
        let looks = |action: &&ActionSeen| rule.events.iter().all(|any| any.iter().any(|name| is(action, name)));
        let events = seen.map_or(0, |seen| seen.iter().filter(looks).count());
        let unmet = rule.needs.iter().filter(|any| any.iter().all(|fact| supply.of(fact).next().is_none()));
        let mut lacks: Vec<String> = unmet.map(|any| lack(any)).collect();
        if seen.is_some_and(|seen| !seen.is_empty()) && events == 0 {
            let lists: Vec<String> = rule.events.iter().map(|any| or(any)).collect();
            lacks.push(format!("0 event names that mean {} in 30 days (`miro-source events`)", lists.join(" and also ")));
        }
        Self {
            rule: rule.name.clone(),
            title: rule.title.clone(),
            enabled: rule.enabled,
            feeds,
            events: u64::try_from(events).unwrap_or(u64::MAX),
            lacks,
        }
    }

    /// Whether it may find something.
    pub fn is_fed(&self) -> bool {
        self.enabled && self.lacks.is_empty()
    }
}

/// The event names of a source that were seen lately.
pub fn lately(seen: &[ActionSeen], source: &SourceName, now: Instant) -> Vec<ActionSeen> {
    let since = now.minus(LATELY);
    seen.iter().filter(|action| action.source == *source && action.last >= since).cloned().collect()
}

/// `9 of 13 detections are fed`
pub fn count(all: &[Coverage]) -> String {
    let on = all.iter().filter(|each| each.enabled).count();
    let fed = all.iter().filter(|each| each.is_fed()).count();
    let off = match all.len().saturating_sub(on) {
        0 => String::new(),
        off => format!(", {off} off"),
    };
    format!("{fed} of {on} detections are fed{off}")
}

/// A line for each thing that is missing, with the rules that find nothing without it.
pub fn warnings(all: &[Coverage]) -> Vec<String> {
    let mut lines: Vec<(&str, Vec<&str>)> = Vec::new();
    for each in all.iter().filter(|each| each.enabled) {
        for lack in &each.lacks {
            match lines.iter_mut().find(|(said, _)| said == lack) {
                Some((_, titles)) => titles.push(&each.title),
                None => lines.push((lack, vec![&each.title])),
            }
        }
    }
    lines.into_iter().map(|(lack, titles)| format!("{}: {lack}", titles.join(", "))).collect()
}

/// Keeps what a detector's rules read where other processes find it. Written only where it changed.
pub async fn keep(store: &Arc<dyn Store>, source: &SourceName, detector: &DetectorName, rules: &[Rule]) -> Result<(), StoreError> {
    let Ok(text) = serde_json::to_string(rules) else { return Ok(()) };
    let key = key(source, detector);
    blocking(store, move |store| if noted(store, &key)?.as_ref() == Some(&text) { Ok(()) } else { store.note(&key, &text) }).await
}

/// What a detector's rules read, as the latest host heard it; none before the first.
pub fn kept(store: &dyn Store, source: &SourceName, detector: &DetectorName) -> store::Result<Option<Vec<Rule>>> {
    Ok(noted(store, &key(source, detector))?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn key(source: &SourceName, detector: &DetectorName) -> String {
    format!("detect/{source}/{detector}/rules")
}

fn noted(store: &dyn Store, key: &str) -> store::Result<Option<String>> {
    Ok(store.notes(key)?.into_iter().find(|(noted, _)| noted == key).map(|(_, text)| text))
}

/// Whether an event name is called so, or means so.
fn is(action: &ActionSeen, name: &str) -> bool {
    action.action.eq_ignore_ascii_case(name) || action.traits.iter().any(|each| each.eq_ignore_ascii_case(name))
}

/// What is missing where none of these facts is known.
fn lack(any: &[String]) -> String {
    let mut kinds: Vec<(&str, Vec<String>)> = Vec::new();
    for fact in any {
        let (kind, exactly) = fact.split_once(':').unwrap_or((fact, ""));
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, exact)) => exact.push(exactly.to_owned()),
            None => kinds.push((kind, vec![exactly.to_owned()])),
        }
    }
    let each: Vec<String> = kinds.iter().map(|(kind, exact)| missing(kind, exact)).collect();
    each.join(" and ")
}

fn missing(kind: &str, exact: &[String]) -> String {
    let named = match exact {
        [one] if one.is_empty() => None,
        exact => Some(or(exact)),
    };
    match (kind, named) {
        ("tags", Some(tags)) => format!("no threat list or range with tag {tags}"),
        ("tags", None) => "no threat list, and no range with tags".to_owned(),
        ("category", Some(categories)) => format!("no range with category {categories}"),
        ("category", None) => "no range with a category".to_owned(),
        ("groups", Some(groups)) => format!("no group called {groups}"),
        ("groups", None) => "no group".to_owned(),
        ("departures", _) => "no file of departures, and no directory".to_owned(),
        ("country", _) => "no database of countries".to_owned(),
        ("city", _) => "no database of cities".to_owned(),
        ("coordinates", _) => "no database of places".to_owned(),
        ("asn", _) => "no database of autonomous systems".to_owned(),
        ("isp", _) => "no database or range with ISPs".to_owned(),
        (other, None) => format!("nothing that gives `{other}`"),
        (other, Some(exact)) => format!("nothing that gives `{other}` {exact}"),
    }
}

/// `a`, `a or b`, `a, b or c`; of many the first few.
fn or(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] if words.len() <= TOLD => format!("{} or {last}", most.join(", ")),
        _ => format!("{} or {} others", words.get(..TOLD).unwrap_or_default().join(", "), words.len().saturating_sub(TOLD)),
    }
}

#[cfg(test)]
mod tests;
