//! What each rule reads, from the same words that it judges by: which events, and what the host must know besides for it to
//! find anything.

use activity_policy::{Policy, Reads, membership};

use super::{Rule, amount, failures, network};
use crate::{config::Config, detector, place};

/// Every rule of a configuration, the operator's own policies behind those that are built in.
pub fn all(config: &Config) -> Vec<detector::Rule> {
    let own = config.policies.iter().map(|policy: &Policy| rule(&policy.name, policy.title(), policy.enabled, policy.reads()));
    Rule::ALL.into_iter().map(|each| built_in(each, config)).chain(own).collect()
}

fn rule(name: &str, title: &str, enabled: bool, Reads { events, needs, uses }: Reads) -> detector::Rule {
    detector::Rule { name: name.to_owned(), title: title.to_owned(), enabled, events, needs, uses }
}

fn built_in(each: Rule, config: &Config) -> detector::Rule {
    let gate = config.gate(each);
    let mut reads = Reads { events: events(each), needs: needs(each), uses: uses(each) };
    let groups = |groups: &[String]| groups.iter().map(|group| format!("groups:{group}")).collect::<Vec<_>>();
    // Who is a guest is known without any group.
    if membership::names_external(&gate.include.groups) {
        reads.uses.extend(groups(&gate.include.groups));
    } else if !gate.include.groups.is_empty() {
        reads.needs.push(groups(&gate.include.groups));
    }
    reads.uses.extend(groups(&gate.exclude.groups));
    reads.uses.extend(gate.levels.iter().flat_map(|level| groups(&level.groups)));
    rule(each.name(), each.title(), gate.enabled, reads)
}

fn events(rule: Rule) -> Vec<Vec<String>> {
    let of = |traits: &[&str]| vec![traits.iter().map(|&name| name.to_owned()).collect()];
    match rule {
        Rule::FailedLogins => of(&[failures::SIGN_IN]),
        Rule::AnonymousIp
        | Rule::InfrequentCountry
        | Rule::SuspiciousIp
        | Rule::ImpossibleTravel
        | Rule::TerminatedUser
        | Rule::UnusualAdministration
        | Rule::UnusualImpersonation
        | Rule::DisabledUser
        | Rule::MassDownload
        | Rule::MassShare
        | Rule::MassDelete
        | Rule::InactiveAccount => amount::traits(rule).map(of).unwrap_or_default(),
    }
}

fn needs(rule: Rule) -> Vec<Vec<String>> {
    match rule {
        Rule::AnonymousIp => vec![tags(network::ANONYMOUS)],
        Rule::SuspiciousIp => {
            let mut any = tags(network::SUSPICIOUS);
            any.push("category:risky".to_owned());
            vec![any]
        }
        Rule::InfrequentCountry | Rule::ImpossibleTravel => vec![vec!["country".to_owned()]],
        Rule::TerminatedUser | Rule::DisabledUser => vec![vec!["departures".to_owned()]],
        Rule::FailedLogins
        | Rule::UnusualAdministration
        | Rule::UnusualImpersonation
        | Rule::MassDownload
        | Rule::MassShare
        | Rule::MassDelete
        | Rule::InactiveAccount => Vec::new(),
    }
}

fn uses(rule: Rule) -> Vec<String> {
    let facts: &[&str] = match rule {
        Rule::AnonymousIp => &["category"],
        Rule::SuspiciousIp => &["asn", "category"],
        Rule::InfrequentCountry => &["asn", "category"],
        Rule::ImpossibleTravel => &["asn", "category", "coordinates"],
        Rule::UnusualAdministration | Rule::UnusualImpersonation | Rule::MassDownload | Rule::MassShare | Rule::MassDelete => {
            &["asn", "category", "country"]
        }
        Rule::TerminatedUser | Rule::FailedLogins | Rule::DisabledUser | Rule::InactiveAccount => &[],
    };
    let mut uses: Vec<String> = facts.iter().map(|&fact| fact.to_owned()).collect();
    if facts.contains(&"country") || matches!(rule, Rule::InfrequentCountry | Rule::ImpossibleTravel) {
        uses.extend(tags(place::HOSTED));
    }
    uses
}

fn tags(tags: &[&str]) -> Vec<String> {
    tags.iter().map(|tag| format!("tags:{tag}")).collect()
}
