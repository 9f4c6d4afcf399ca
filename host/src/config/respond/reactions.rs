//! What is left of it for the pipeline: one reaction for each source, action and responder.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    ActionConfig, ResponderConfig,
    named::{Named, Names},
};
use crate::{
    config::Config,
    model::{Instant, SourceName},
    respond::{Reaction, Trigger},
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
    let names = Names { detectors: &config.detectors, policies: &config.policies };
    let named: Vec<Named<'_>> = action.policies.iter().map(|name| names.find(source, name)).collect();
    let policies: Vec<Trigger> = named.iter().flat_map(triggers).collect();
    if policies.is_empty() {
        return None;
    }
    let behind: Vec<Value> = named.iter().map(behind).collect();
    let bare = Reaction {
        source: source.clone(),
        policies,
        severity: action.severity,
        responder: responder.name.clone(),
        action: action.action,
        mail: action.mail.clone(),
        act_within: respond.act_within,
        approvals: respond.approvals(action.action),
        four_eyes: false,
        dry_run: respond.dry_run,
        digest: String::new(),
        since: Instant::EPOCH,
    };
    let digest = hex::encode(Sha256::digest(json!([bare, behind]).to_string()));
    Some(Reaction { digest, four_eyes: respond.four_eyes, ..bare })
}

/// The rule, of every detector that may find something of it.
fn triggers(named: &Named<'_>) -> Vec<Trigger> {
    named.detectors.iter().map(|detector| Trigger { detector: detector.name.clone(), policy: named.rule.to_owned() }).collect()
}

/// What decides when something of that name is found: the text of the policy, or what the detectors are told of the rule.
fn behind(named: &Named<'_>) -> Value {
    let judged = named.detectors.iter().map(|detector| {
        let mut told = detector.config.clone();
        // Of the rules, only this one.
        if let Some(rules) = told.get_mut("rules").and_then(Value::as_object_mut) {
            rules.retain(|rule, _| rule == named.rule);
        }
        json!([detector.name, detector.component, told])
    });
    match named.own {
        Some(each) => json!([each.policy]),
        None => judged.collect(),
    }
}
