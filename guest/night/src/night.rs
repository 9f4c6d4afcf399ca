//! Somebody administers at night: found once a night and user. The hours are UTC and the operator's to set.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    detector::{Answer, Finding, Profile, Rule, Severity, Sighting, Verdict},
    types::{Description, Failure},
};

const HOUR: u64 = 3_600_000;

/// `{ "from": 22, "to": 5 }`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    from: u64,
    to: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { from: 22, to: 5 }
    }
}

impl Config {
    fn parse(text: &str) -> Result<Self, Failure> {
        let read: Self = serde_json::from_str(text).map_err(|why| Failure::Invalid(why.to_string()))?;
        let wrong = || Failure::Invalid("`from` and `to` are two different hours of the day, 0 to 23".to_owned());
        if read.from < 24 && read.to < 24 && read.from != read.to { Ok(read) } else { Err(wrong()) }
    }

    /// The number of the night that an instant belongs to, where it belongs to one: that of the day on which the night ends.
    fn night(&self, at: u64) -> Option<u64> {
        let (day, hour) = (at / HOUR / 24, at / HOUR % 24);
        match self.from < self.to {
            true => (self.from..self.to).contains(&hour).then_some(day),
            false if hour < self.to => Some(day),
            false => (hour >= self.from).then_some(day + 1),
        }
    }
}

/// About this component.
pub fn describe() -> Description {
    let hour = r#"{"type":"integer","minimum":0,"maximum":23}"#;
    Description {
        name: "night".to_owned(),
        version: "0.1.0".to_owned(),
        config_schema: format!(r#"{{"type":"object","properties":{{"from":{hour},"to":{hour}}},"additionalProperties":false}}"#),
        secrets: Vec::new(),
    }
}

/// Its one rule.
pub fn rules(config: &str) -> Result<Vec<Rule>, Failure> {
    Config::parse(config)?;
    let (name, title) = ("night-administration".to_owned(), "Administration at night".to_owned());
    let events = vec![vec!["administrative".to_owned()]];
    Ok(vec![Rule { name, title, enabled: true, events, needs: Vec::new(), uses: Vec::new() }])
}

/// What the sightings lead to, or whose profiles it needs first. A profile is the number of the latest night that was told.
pub fn detect(config: &str, sightings: &[Sighting], profiles: Vec<Profile>) -> Result<Answer, Failure> {
    let config = Config::parse(config)?;
    let seen: Vec<(&Sighting, u64, String)> = sightings.iter().filter_map(|sighting| concerns(&config, sighting)).collect();
    let mut told: BTreeMap<String, u64> = profiles.into_iter().map(|profile| (profile.subject, night_of(&profile.body))).collect();
    let mut missing: Vec<String> = seen.iter().map(|(_, _, who)| who.clone()).filter(|who| !told.contains_key(who)).collect();
    if !missing.is_empty() {
        missing.sort();
        missing.dedup();
        return Ok(Answer::Needs(missing));
    }
    let mut verdict = Verdict { findings: Vec::new(), profiles: Vec::new() };
    for (sighting, night, who) in seen {
        let Some(last) = told.get_mut(&who).filter(|last| **last < night) else { continue };
        *last = night;
        verdict.findings.push(finding(sighting, night, &who));
        verdict.profiles.retain(|profile| profile.subject != who);
        verdict.profiles.push(Profile { subject: who, body: night.to_string().into_bytes() });
    }
    Ok(Answer::Verdict(verdict))
}

/// Its night, and whose it is, where a sighting is administration at night.
fn concerns<'a>(config: &Config, sighting: &'a Sighting) -> Option<(&'a Sighting, u64, String)> {
    let event = &sighting.event;
    let administers = event.traits.iter().any(|word| word == "administrative");
    let who = event.actor.id.as_deref().or(event.actor.email.as_deref()).filter(|_| administers)?;
    Some((sighting, config.night(event.time)?, format!("user:{who}")))
}

/// What does not read is as good as nothing.
fn night_of(body: &[u8]) -> u64 {
    std::str::from_utf8(body).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn finding(sighting: &Sighting, night: u64, who: &str) -> Finding {
    let event = &sighting.event;
    Finding {
        key: format!("night-administration|{who}|{night}"),
        policy: "night-administration".to_owned(),
        title: "Administration at night".to_owned(),
        reasons: vec![format!("{} at {}:00 UTC, the first that night", event.action, event.time / HOUR % 24)],
        severity: Severity::Low,
        actor: event.actor.clone(),
        addresses: event.ip.iter().cloned().collect(),
        start: event.time,
        end: event.time,
        evidence: vec![sighting.seq],
        attacks: vec!["TA0004".to_owned()],
        baseline: "{}".to_owned(),
    }
}
