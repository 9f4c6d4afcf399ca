//! Health events, in the shape of Sumo Logic's own (<https://help.sumologic.com/docs/manage/health-events/>), so that what is made for
//! those reads these. OCSF has no class for the health of a collector: sinks of any format get the same JSON.
//!
//! Numbers that only Sumo Logic gives are made of names, so that one thing has the same number for ever: `accountId` is all zeros.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Kind, Known};
use crate::{
    alert::Severity,
    model::{Instant, SinkName, SourceName},
    neutral,
    schedule::{self, State, Status},
};

/// A line on its way to a sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthLine {
    /// Which.
    pub sink: SinkName,
    /// The source that it is filed under.
    pub source: SourceName,
    /// What of it is replaced while it waits.
    pub urgency: Urgency,
    /// The line.
    pub body: String,
}

/// What becomes of a line while its sink takes none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// It waits: that a condition began, got worse or ended.
    Change,
    /// It waits, among the latest of the source: that its state changed.
    State,
    /// The next one takes its place: that it is alive.
    Heartbeat,
}

impl Urgency {
    /// Its name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change => "health",
            Self::State => "state",
            Self::Heartbeat => "heartbeat",
        }
    }
}

/// What a health event says.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    healthy: bool,
    severity: &'static str,
    tracker: &'static str,
    name: String,
    description: String,
    kind: (&'static str, &'static str),
    resource: Resource,
    at: Instant,
    /// What tells it from others of the same moment.
    about: String,
    more: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
struct Resource {
    name: String,
    kind: &'static str,
}

const CHANGE: &str = "Health-Change";

impl Health {
    /// A condition began, got worse, or is over.
    pub fn condition(known: &Known, at: Instant) -> Self {
        let (condition, healthy) = (&known.condition, !known.is_open());
        let resource = match condition.kind {
            Kind::Sink => "SinkResource",
            Kind::Check | Kind::Refused | Kind::Certificate | Kind::Channel => "CollectorResource",
            _ => "SourceResource",
        };
        let description = if healthy {
            format!("It is over since {at}.")
        } else {
            let advice = std::iter::once(format!("What to do: {}", condition.advice));
            condition.reasons.iter().cloned().chain(advice).collect::<Vec<_>>().join("\n")
        };
        Self {
            healthy,
            severity: match condition.severity {
                _ if healthy => "Info",
                Severity::High => "Error",
                _ => "Warning",
            },
            tracker: condition.kind.tracker(),
            name: condition.title.clone(),
            description,
            kind: (CHANGE, if healthy { "TrackerHealthy" } else { "TrackerUnHealthy" }),
            resource: Resource { name: condition.subject.clone(), kind: resource },
            at,
            about: format!("{}/{}", condition.key().as_str(), known.news),
            more: None,
        }
    }

    /// A source is in another state.
    pub fn state(status: &Status, at: Instant) -> Self {
        let name = format!("source {} is {:?}", status.source, status.state);
        let (healthy, tracker, description) = match &status.problem {
            Some(problem) if status.state == State::Error => {
                let tracker = match problem.kind {
                    schedule::Kind::ThirdPartyConfig => "ThirdPartyConfigError",
                    schedule::Kind::ThirdPartyGeneric => "ThirdPartyGenericError",
                    schedule::Kind::FirstPartyGeneric => "FirstPartyGenericError",
                };
                (false, tracker, problem.message.clone())
            }
            _ => (true, "SourceState", name.clone()),
        };
        Self {
            healthy,
            severity: if healthy { "Info" } else { "Error" },
            tracker,
            name,
            description,
            kind: (CHANGE, if healthy { "TrackerHealthy" } else { "TrackerUnHealthy" }),
            resource: Resource { name: status.source.to_string(), kind: "SourceResource" },
            at,
            about: format!("state/{}/{:?}", status.source, status.state),
            more: None,
        }
    }

    /// A source is there: how it is doing, in numbers.
    pub fn heartbeat(status: &Status, numbers: Value, at: Instant) -> Self {
        let healthy = status.problem.is_none();
        let said = status.problem.as_ref().map(|problem| problem.message.clone());
        Self {
            healthy,
            severity: if healthy { "Info" } else { "Warning" },
            tracker: "Heartbeat",
            name: format!("source {} is {:?}", status.source, status.state),
            description: said.unwrap_or_else(|| "It runs.".to_owned()),
            kind: ("Health-Heartbeat", "Heartbeat"),
            resource: Resource { name: status.source.to_string(), kind: "SourceResource" },
            at,
            about: format!("heartbeat/{}", status.source),
            more: Some(numbers),
        }
    }

    /// One line.
    pub fn line(&self) -> String {
        let Self { healthy, severity, tracker, name, description, kind: (kind, event), resource, at, about, more } = self;
        let mut object = json!({
            "status": if *healthy { "Healthy" } else { "UnHealthy" },
            "details": { "trackerId": tracker, "name": name, "description": description },
            "eventType": kind,
            "severityLevel": severity,
            "accountId": "0000000000000000",
            "eventId": uuid(&format!("{about}/{}/{event}", at.0)),
            "eventName": event,
            "eventTime": at.to_string(),
            "eventFormatVersion": "1.0",
            "subsystem": "Collection",
            "resourceIdentity": {
                "collectorId": number("collector/miro-source"),
                "collectorName": "miro-source",
                "id": number(&format!("{}/{}", resource.kind, resource.name)),
                "name": resource.name,
                "type": resource.kind,
            },
        });
        if let (Some(more), Value::Object(object)) = (more, &mut object) {
            object.insert("heartbeat".to_owned(), more.clone());
        }
        neutral::json(&object.to_string()).into_owned()
    }
}

/// Sixteen hexadecimal digits, as Sumo Logic numbers collectors and sources.
fn number(name: &str) -> String {
    hex::encode_upper(Sha256::digest(name)).chars().take(16).collect()
}

/// A name in the shape of a UUID.
fn uuid(name: &str) -> String {
    let digits = hex::encode(Sha256::digest(name));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    // Version 8: made otherwise than the RFC says.
    format!("{}-{}-8{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
