//! How the findings of each policy are treated: as the operator's policy says, as the detector's entry says, else as anomalies are.

use std::collections::BTreeMap;

use activity_policy::policy;
use serde_json::Value;

use crate::{
    alert::{Handling, Kind, Raise},
    config::{ComponentRef, Config, DetectorConfig},
    model::SourceName,
};

/// For one detector and one source.
#[derive(Clone, Debug, Default)]
pub struct Rulebook(BTreeMap<String, Handling>);

impl Rulebook {
    /// As the configuration says.
    pub fn new(config: &Config, detector: &DetectorConfig, source: &SourceName) -> Self {
        let quiet = detector.behaviours.iter().map(|rule| (rule.clone(), Handling { raise: Raise::Behaviour, ..Handling::ANOMALY }));
        let own = policies(config, detector, source).map(|policy| {
            let raise = match policy.raise {
                policy::Raise::Alert => Raise::Alert,
                policy::Raise::Behaviour => Raise::Behaviour,
            };
            (policy.name.clone(), Handling { kind: Kind::Activity, raise, daily: Some(policy.daily_alert_limit.into()) })
        });
        Self(quiet.chain(own).collect())
    }

    /// How a policy's findings are treated.
    pub fn handling(&self, policy: &str) -> Handling {
        self.0.get(policy).copied().unwrap_or(Handling::ANOMALY)
    }
}

/// What a detector is configured with for a source: its own configuration, and the policies about that source where it is the
/// one that judges them.
pub fn configuration(config: &Config, detector: &DetectorConfig, source: &SourceName) -> String {
    let mut own = detector.config.clone();
    let all: Vec<Value> = policies(config, detector, source).filter_map(|policy| serde_json::to_value(policy).ok()).collect();
    if let (Value::Object(members), false) = (&mut own, all.is_empty()) {
        members.insert("policies".to_owned(), Value::Array(all));
    }
    own.to_string()
}

fn policies<'a>(
    config: &'a Config,
    detector: &DetectorConfig,
    source: &'a SourceName,
) -> impl Iterator<Item = &'a activity_policy::Policy> {
    let judges = matches!(detector.component, ComponentRef::Builtin(_));
    config.policies.iter().filter(move |policy| judges && policy.sources.contains(source)).map(|policy| &policy.policy)
}
