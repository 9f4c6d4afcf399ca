//! What a configuration consists of, and how two of them differ: for whoever reloads one, and for the governance log.

use std::{collections::BTreeMap, fmt::Debug};

use sha2::{Digest as _, Sha256};

use super::Config;

/// Every part by what it is and is called (`store`, `source acme`), with a digest of all that stands in it.
///
/// Where secrets are is part of it, never what they are. The digests of another version of this program may be others.
pub fn parts(config: &Config) -> BTreeMap<String, String> {
    let sections: [(&str, &dyn Debug); 8] = [
        ("store", &config.store),
        ("network", &config.network),
        ("log", &config.log),
        ("web", &config.web),
        ("telemetry", &config.telemetry),
        ("health", &config.health),
        ("components", &config.components),
        ("respond", &config.respond),
    ];
    let mut parts: BTreeMap<String, String> = sections.into_iter().map(|(name, section)| (name.to_owned(), digest(section))).collect();
    parts.insert("enrich".to_owned(), digest(&config.enrich));
    put(&mut parts, "feed", &config.fetched, |each| each.publication.name.to_owned());
    put(&mut parts, "source", &config.sources, |each| each.name.to_string());
    put(&mut parts, "sink", &config.sinks, |each| each.name.to_string());
    put(&mut parts, "detector", &config.detectors, |each| each.name.to_string());
    put(&mut parts, "policy", &config.policies, |each| each.policy.name.clone());
    put(&mut parts, "notify", &config.channels, |each| each.name.to_string());
    put(&mut parts, "responder", &config.responders, |each| each.name.to_string());
    put(&mut parts, "action", &config.actions, |each| format!("{} on {}", each.action, each.policies.join(", ")));
    parts
}

/// What came, went or changed from one to the other, one piece each.
pub fn difference(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let came = after.iter().filter_map(|(part, digest)| match before.get(part) {
        None => Some(format!("{part} came")),
        Some(known) if known != digest => Some(format!("{part} changed")),
        Some(_) => None,
    });
    let went = before.keys().filter(|part| !after.contains_key(*part)).map(|part| format!("{part} went"));
    came.chain(went).collect()
}

/// Of anything: the first 16 hex digits of the SHA-256 of all that its `Debug` says.
pub fn digest(of: &(impl Debug + ?Sized)) -> String {
    let full = hex::encode(Sha256::digest(format!("{of:?}")));
    full.get(..16).unwrap_or_default().to_owned()
}

/// Things of one name (policies of several sources) are one part.
fn put<T: Debug>(parts: &mut BTreeMap<String, String>, noun: &str, each: &[T], name: impl Fn(&T) -> String) {
    let mut named: BTreeMap<String, Vec<&T>> = BTreeMap::new();
    for one in each {
        named.entry(format!("{noun} {}", name(one))).or_default().push(one);
    }
    parts.extend(named.into_iter().map(|(part, all)| (part, digest(&all))));
}
