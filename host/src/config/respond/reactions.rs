//! What is left of it for the pipeline: one reaction for each source, action and responder.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{ActionConfig, ResponderConfig};
use crate::{
    config::{ComponentRef, Config, policy::BUILT_IN},
    model::{Instant, SourceName},
    respond::Reaction,
};

/// What operators want done, `since` still [`Instant::EPOCH`]. Empty where `[respond]` is not enabled.
pub fn reactions(config: &Config) -> Vec<Reaction> {
    if !config.respond.enabled {
        return Vec::new();
    }
    let mut found = Vec::new();
    for action in &config.actions {
        for responder in config.responders.iter().filter(|responder| action.with.contains(&responder.name)) {
            let sources = action.sources.iter().filter(|source| responder.sources.contains(source));
            found.extend(sources.filter_map(|source| reaction(config, action, responder, source)));
        }
    }
    found
}

fn reaction(config: &Config, action: &ActionConfig, responder: &ResponderConfig, source: &SourceName) -> Option<Reaction> {
    let respond = &config.respond;
    let policies: Vec<String> = action.policies.iter().filter(|name| is_judged(config, source, name)).cloned().collect();
    if policies.is_empty() {
        return None;
    }
    let behind: Vec<Value> = policies.iter().map(|name| behind(config, source, name)).collect();
    let bare = Reaction {
        source: source.clone(),
        policies,
        severity: action.severity,
        responder: responder.name.clone(),
        action: action.action,
        mail: action.mail.clone(),
        act_within: respond.act_within,
        approvals: respond.approvals(action.action),
        dry_run: respond.dry_run,
        digest: String::new(),
        since: Instant::EPOCH,
    };
    let digest = hex::encode(Sha256::digest(json!([bare, behind]).to_string()));
    Some(Reaction { digest, ..bare })
}

/// Whether findings about that source may have that name.
fn is_judged(config: &Config, source: &SourceName, name: &str) -> bool {
    let mut detectors = config.detectors.iter().filter(|detector| detector.sources.contains(source));
    BUILT_IN.contains(&name)
        || config.policies.iter().any(|each| each.policy.name == name && each.sources.contains(source))
        || detectors.any(|detector| matches!(detector.component, ComponentRef::Path(_)))
}

/// What decides when something of that name is found: the text of the policy, or what the detectors are told of the rule.
fn behind(config: &Config, source: &SourceName, name: &str) -> Value {
    let policy = config.policies.iter().find(|each| each.policy.name == name && each.sources.contains(source));
    let judged = config.detectors.iter().filter(|detector| detector.sources.contains(source)).map(|detector| {
        let mut told = detector.config.clone();
        // Of the rules, only this one.
        if let Some(rules) = told.get_mut("rules").and_then(Value::as_object_mut) {
            rules.retain(|rule, _| rule == name);
        }
        json!([detector.name, detector.component, told])
    });
    match policy {
        Some(each) => json!([each.policy]),
        None => judged.collect(),
    }
}
