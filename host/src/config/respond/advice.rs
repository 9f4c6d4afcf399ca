//! What works in what acts, and is perhaps not what was meant.

use super::ActionConfig;
use crate::{config::Config, model::SourceName, respond::Action};

/// What works, and is perhaps not what was meant.
pub(in crate::config) fn warnings(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    for responder in config.responders.iter().filter(|responder| responder.secrets.contains_key("client_secret")) {
        let place = format!("{}:{}", responder.file.display(), responder.line);
        warnings.push(format!(
            "{place}: responder \"{}\" authenticates with a client secret, which whoever reads it can use anywhere: a `certificate` with its \
             `private_key`, or a `federated_token`, is better",
            responder.name
        ));
    }
    if config.respond.enabled && config.respond.dry_run {
        warnings.push(
            "[respond] is enabled and dry_run is true: what would be done is only logged; write dry_run = false once `miro-source respond` shows what you want"
                .to_owned(),
        );
    }
    if !config.actions.is_empty() && config.detectors.is_empty() {
        warnings.push("detect = false: nothing is found, and no [[action]] ever happens".to_owned());
    }
    warnings.extend(config.actions.iter().flat_map(|action| miro_goes_on(config, action)));
    warnings
}

/// What ends sessions in Entra alone ends none in Miro.
fn miro_goes_on(config: &Config, action: &ActionConfig) -> Vec<String> {
    if !matches!(action.action, Action::Suspend | Action::SignOut) {
        return Vec::new();
    }
    let acts = |action: &ActionConfig, source: &SourceName, of: &str| {
        let mut doers = config.responders.iter().filter(|each| action.with.contains(&each.name) && each.sources.contains(source));
        doers.any(|each| each.is_built_in(of))
    };
    let in_miro = |source: &SourceName, policy: &String| {
        let mut others = config.actions.iter().filter(|other| matches!(other.action, Action::Suspend | Action::SignOut));
        others.any(|other| other.policies.contains(policy) && acts(other, source, "miro"))
    };
    let alone = action.sources.iter().filter(|source| acts(action, source, "entra"));
    let alone = alone.filter(|source| action.policies.iter().any(|policy| !in_miro(source, policy)));
    let each = alone.map(|source| {
        let able = config.responders.iter().find(|each| each.is_built_in("miro") && each.sources.contains(source));
        let help = match able {
            Some(able) => format!("add \"{}\" to `with`", able.name),
            None => "write a [[responder]] with component = \"builtin:miro\" and add it to `with`".to_owned(),
        };
        format!(
            "\"{}\" about {} is done in Entra alone for source \"{source}\": a session that is open in Miro goes on; {help}",
            action.action,
            action.policies.join(", ")
        )
    });
    each.collect()
}
