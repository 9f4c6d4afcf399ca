//! `[respond]`: whether anything acts, and within which bounds.

use std::time::Duration;

use toml::de::DeValue;

use super::RespondConfig;
use crate::{
    config::{
        section::{Entry, Section},
        settings::{choice, duration},
        sink::optional,
    },
    enrich::User,
    respond::{Action, Caps},
};

const KEYS: &[&str] = &[
    "enabled",
    "dry_run",
    "act_within",
    "approve",
    "four_eyes",
    "suspensions_per_hour",
    "suspensions_per_day",
    "exclude",
    "administrators",
];
const WITHIN: &str = "write it like act_within = \"1h\"";
const APPROVE: &str = "name what waits for a person, like approve = [\"suspend\"]";
const EXCLUDE: &str = "name users by address or identifier, like exclude = [\"break-glass@acme.example\"]";
const ADMINISTRATORS: &str = "name Miro's Company Admins by address or identifier, like administrators = [\"admin@acme.example\"]";
/// More suspensions by themselves than these are no bound.
const MOST: u64 = 10_000;

/// Reads it; what is wrong is noted.
pub(in crate::config) fn respond(root: &Section<'_>) -> Option<RespondConfig> {
    let Some(entry) = root.entry("respond") else { return Some(RespondConfig::default()) };
    let section = entry.labelled("[respond]".to_owned()).table(KEYS, "write [respond] on a line of its own and its keys below")?;
    let usual = RespondConfig::default();
    let flag = |key: &str| optional(section.entry(key), |entry| flag(entry, &format!("write {key} = true or {key} = false")));
    let (enabled, dry_run, four_eyes) = (flag("enabled"), flag("dry_run"), flag("four_eyes"));
    let act_within = optional(section.entry("act_within"), |entry| {
        let within = Duration::from_secs(60)..=Duration::from_secs(86_400);
        duration(entry, within, "a duration from 1 minute to 24 hours", WITHIN)
    });
    let approve = optional(section.entry("approve"), |entry| actions(entry, &Action::ALL, APPROVE));
    let count = |key: &str| optional(section.entry(key), |entry| count(entry, key));
    let (hour, day) = (count("suspensions_per_hour"), count("suspensions_per_day"));
    let exclude = optional(section.entry("exclude"), |entry| users(entry, EXCLUDE));
    let administrators = optional(section.entry("administrators"), |entry| users(entry, ADMINISTRATORS));
    Some(RespondConfig {
        enabled: enabled.ok()?.unwrap_or(usual.enabled),
        dry_run: dry_run.ok()?.unwrap_or(usual.dry_run),
        act_within: act_within.ok()?.unwrap_or(usual.act_within),
        approve: approve.ok()?.unwrap_or_default(),
        four_eyes: four_eyes.ok()?.unwrap_or(usual.four_eyes),
        caps: Caps { hour: hour.ok()?.unwrap_or(usual.caps.hour), day: day.ok()?.unwrap_or(usual.caps.day), ..usual.caps },
        exclude: exclude.ok()?.unwrap_or_default(),
        administrators: administrators.ok()?.unwrap_or_default(),
    })
}

/// `true` or `false`.
pub(super) fn flag(entry: &Entry<'_>, help: &str) -> Option<bool> {
    match entry.value {
        DeValue::Boolean(value) => Some(*value),
        _ => {
            entry.wrong("true or false", help);
            None
        }
    }
}

/// A list of actions, each among `words` and once.
pub(super) fn actions(entry: &Entry<'_>, words: &[Action], help: &str) -> Option<Vec<Action>> {
    let mut found = Vec::new();
    let mut wrong = false;
    for (text, entry) in entry.texts(help)? {
        match action(text, &entry, words) {
            Some(action) if found.contains(&action) => {}
            Some(action) => found.push(action),
            None => wrong = true,
        }
    }
    (!wrong).then_some(found)
}

/// One action among `words`.
pub(super) fn action(text: &str, entry: &Entry<'_>, words: &[Action]) -> Option<Action> {
    let words: Vec<(&'static str, Action)> = words.iter().map(|each| (each.as_str(), *each)).collect();
    choice(text, entry, &words)
}

fn count(entry: &Entry<'_>, key: &str) -> Option<u64> {
    let count = match entry.value {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok().filter(|count| *count <= MOST),
        _ => None,
    };
    if count.is_none() {
        entry.wrong("a number from 0 to 10000", format!("write it like {key} = 5; with 0 none happens by itself"));
    }
    count
}

fn users(entry: &Entry<'_>, help: &str) -> Option<Vec<String>> {
    let each = entry.texts(help)?.into_iter().map(|(text, entry)| {
        let user = User::parse(text);
        if user.is_none() {
            entry.wrong("a user's address or identifier", help);
        }
        user.map(|_| text.trim().to_lowercase())
    });
    each.collect::<Vec<_>>().into_iter().collect()
}
