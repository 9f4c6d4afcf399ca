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

/// What a detector is configured with for a source: its own configuration and, where it is the one that judges policies, those about
/// that source and what they call it.
pub fn configuration(config: &Config, detector: &DetectorConfig, source: &SourceName) -> String {
    let mut own = detector.config.clone();
    let all: Vec<Value> = policies(config, detector, source).filter_map(|policy| serde_json::to_value(policy).ok()).collect();
    if let (Value::Object(members), false) = (&mut own, all.is_empty()) {
        members.extend(config.apps().remove(source).map(|app| ("app".to_owned(), app.into())));
        members.insert("source".to_owned(), source.as_str().into());
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config;

    #[test]
    fn whoever_judges_policies_is_told_what_they_call_the_app_and_the_source() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("miro-source.toml");
        let text = "[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\n[[detector]]\nname = \"detect\"\n\
            [[policy]]\nname = \"own\"\nseverity = \"low\"\ncategory = \"dlp\"\nmatch = [{ filter = \"app\", equals = \"miro\" }]\n";
        std::fs::write(&path, text).unwrap();
        let mut config = config::load(&path).unwrap();
        let told = |config: &Config| {
            let text = configuration(config, &config.detectors[0], &"acme".parse().unwrap());
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let whole = told(&config);
        assert_eq!((&whole["app"], &whole["source"], &whole["policies"][0]["name"]), (&json!("miro"), &json!("acme"), &json!("own")));
        config.sources[0].component = ComponentRef::Path("components/okta.wasm".into());
        assert_eq!(told(&config)["app"], "okta");
        config.policies.clear();
        assert_eq!(told(&config), json!({}));
    }
}
