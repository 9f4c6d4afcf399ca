//! What becomes of findings, on values.

mod fates;
mod lives;
mod outlets;

use super::*;
use crate::model::{DetectorName, Instant, Lane, Seq, SourceName};

pub(crate) const HOUR: u64 = 3_600_000;
/// 2026-03-01T12:00:00Z
pub(crate) const NOON: Instant = Instant(1_772_366_400_000);

pub(crate) fn source() -> SourceName {
    "acme".parse().unwrap()
}

pub(crate) fn detector() -> DetectorName {
    "detect".parse().unwrap()
}

/// A finding of an anomaly policy about this user, seen live at noon.
pub(crate) fn found(policy: &str, user: &str) -> Found {
    let who = Who { id: Some(user.to_owned()), email: Some(format!("{user}@example.com")), name: Some(format!("Name {user}")) };
    let story = Story {
        title: format!("{user} travelled faster than anybody can"),
        reasons: vec!["Berlin to Lagos, 5,200 km in 20 minutes".to_owned()],
        severity: Severity::Medium,
        who,
        addresses: vec!["203.0.113.7".to_owned()],
        attacks: vec!["T1078.004".to_owned(), "TA0001".to_owned()],
        baseline: serde_json::json!({ "usual countries": ["DE", "FR"] }),
        start: Instant(NOON.0 - 1000),
        end: NOON,
        evidence: vec![Seq(1), Seq(2)],
        events: vec!["e1".to_owned(), "e2".to_owned()],
        changes: Vec::new(),
    };
    Found {
        policy: policy.to_owned(),
        key: format!("{policy}/{user}"),
        story,
        lane: Lane::Live,
        received: NOON,
        handling: Handling::ANOMALY,
    }
}

pub(crate) fn judgement<'a>(source: &'a SourceName, detector: &'a DetectorName, findings: &'a [Found]) -> Judgement<'a> {
    Judgement { source, detector, after: Seq(0), through: Seq(0), stage: Stage::Watching, profiles: &[], findings, at: NOON }
}

/// The alert that [`found`] raises.
pub(crate) fn alert() -> Alert {
    let alert = Alert::raise(&found("impossible-travel", "eve"), &judgement(&source(), &detector(), &[]), None);
    Alert { id: AlertId(7), ..alert }
}

pub(crate) fn behaviour() -> Behaviour {
    let found = found("impossible-travel", "eve");
    Behaviour {
        id: 3,
        source: source(),
        detector: detector(),
        policy: found.policy,
        key: found.key,
        story: found.story,
        lane: Lane::Live,
        found: NOON,
        fate: Fate::Raised(AlertId(7)),
    }
}
