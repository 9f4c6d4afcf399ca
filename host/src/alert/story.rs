//! What a detector tells: who did what, from where, why it matters, and the events it rests on.

use audit_pipeline::detector;
use serde::{Deserialize, Serialize};

use crate::{
    enrich::FeedChange,
    model::{Instant, Seq},
};

/// Places of events that one alert or behaviour keeps; what counts more is in the log.
const EVIDENCE: usize = 100;
/// Addresses, and techniques, that one alert keeps.
const ADDRESSES: usize = 50;
/// Characters of a title, a reason, a name or an address, and of a baseline as JSON, and reasons in all: a component wrote
/// them, and a person is to read them.
const TEXT: usize = 1000;
const BASELINE: usize = 16_000;
const REASONS: usize = 20;

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Informational,
    /// Look when there is time.
    Low,
    /// Look today.
    Medium,
    /// Look now.
    High,
}

impl Severity {
    /// Its name in the database and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl From<detector::Severity> for Severity {
    fn from(severity: detector::Severity) -> Self {
        match severity {
            detector::Severity::Informational => Self::Informational,
            detector::Severity::Low => Self::Low,
            detector::Severity::Medium => Self::Medium,
            detector::Severity::High => Self::High,
        }
    }
}

/// Who did it. Display names are written by users: never trust their characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The vendor's identifier.
    pub id: Option<String>,
    /// Lower-cased e-mail address.
    pub email: Option<String>,
    /// The display name.
    pub name: Option<String>,
}

impl Who {
    /// What tells this one from others: the most certain of what is known, and which that is.
    pub fn mark(&self) -> Option<String> {
        let known = |kind: &str, text: &Option<String>| text.as_ref().filter(|text| !text.is_empty()).map(|text| format!("{kind}:{text}"));
        known("id", &self.id).or_else(|| known("email", &self.email)).or_else(|| known("name", &self.name))
    }

    /// As a person is called on screen. Empty where nobody is known.
    pub fn shown(&self) -> &str {
        [&self.email, &self.name, &self.id].into_iter().flatten().find(|text| !text.is_empty()).map_or("", String::as_str)
    }

    /// Whether this is the account of somebody who was erased.
    pub(crate) fn is_kept_out(&self, marks: &crate::privacy::Marks) -> bool {
        [&self.id, &self.email].into_iter().flatten().any(|text| marks.is_account(text))
    }

    /// All that is known, lower case, for searching in it.
    pub(crate) fn searchable(&self) -> String {
        let known: Vec<&str> = [&self.id, &self.email, &self.name].into_iter().flatten().map(String::as_str).collect();
        known.join("\n").to_lowercase()
    }
}

/// What is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// In one line.
    pub title: String,
    /// Why, in sentences with numbers that a person can check.
    pub reasons: Vec<String>,
    /// How bad.
    pub severity: Severity,
    /// Who did it.
    pub who: Who,
    /// The addresses it came from.
    pub addresses: Vec<String>,
    /// ATT&CK tactics and techniques by their identifiers.
    pub attacks: Vec<String>,
    /// What it was compared with: an object whose members are named for people.
    pub baseline: serde_json::Value,
    /// When the first of its events happened.
    pub start: Instant,
    /// When the last of its events happened.
    pub end: Instant,
    /// The places of events it rests on, the first 100.
    pub evidence: Vec<Seq>,
    /// The vendor's identifiers of those events, as far as they were given.
    pub events: Vec<String>,
    /// The changes of feeds that it rests on, within a day before it was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FeedChange>,
}

impl Story {
    /// Whether it may rest on more events than it says.
    pub(crate) fn is_capped(&self) -> bool {
        self.evidence.len() >= EVIDENCE
    }

    /// The same behaviour again: the latest words, all the evidence that fits, and the worse severity. What the repeat alone rests on is
    /// not taken over: without it, there would be an alert all the same.
    pub fn absorb(&mut self, next: &Self) {
        self.severity = self.severity.max(next.severity);
        self.title.clone_from(&next.title);
        self.reasons.clone_from(&next.reasons);
        self.baseline.clone_from(&next.baseline);
        self.who.clone_from(&next.who);
        self.start = self.start.min(next.start);
        self.end = self.end.max(next.end);
        append(&mut self.addresses, &next.addresses, ADDRESSES);
        append(&mut self.attacks, &next.attacks, ADDRESSES);
        append(&mut self.evidence, &next.evidence, EVIDENCE);
        append(&mut self.events, &next.events, EVIDENCE);
    }

    /// Another's severity, addresses, attacks and time, but not its words.
    pub(super) fn widen(&mut self, other: &Self) {
        self.severity = self.severity.max(other.severity);
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        append(&mut self.addresses, &other.addresses, ADDRESSES);
        append(&mut self.attacks, &other.attacks, ADDRESSES);
    }
}

/// At most so many characters.
fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What is not there yet, up to `most` in all.
fn append<T: Clone + PartialEq>(to: &mut Vec<T>, from: &[T], most: usize) {
    for each in from {
        if to.len() >= most {
            return;
        }
        if !to.contains(each) {
            to.push(each.clone());
        }
    }
}

impl From<detector::Finding> for Story {
    fn from(finding: detector::Finding) -> Self {
        let named = |text: Option<String>| text.map(|text| short(&text, TEXT));
        let who = Who { id: named(finding.actor.id), email: named(finding.actor.email), name: named(finding.actor.name) };
        let few = |texts: &[String], most| texts.iter().take(most).map(|text| short(text, TEXT)).collect::<Vec<_>>();
        let baseline = short(&finding.baseline, BASELINE);
        let mut evidence = Vec::new();
        let places: Vec<Seq> = finding.evidence.iter().filter_map(|seq| i64::try_from(*seq).ok()).map(Seq).collect();
        append(&mut evidence, &places, EVIDENCE);
        Self {
            title: short(&finding.title, TEXT),
            reasons: few(&finding.reasons, REASONS),
            severity: finding.severity.into(),
            who,
            addresses: few(&finding.addresses, ADDRESSES),
            attacks: few(&finding.attacks, ADDRESSES),
            // A text that is no JSON is still worth showing.
            baseline: serde_json::from_str(&baseline).unwrap_or(serde_json::Value::String(baseline)),
            start: Instant(finding.start),
            end: Instant(finding.end),
            evidence,
            events: Vec::new(),
            changes: Vec::new(),
        }
    }
}
