//! What only shows between channels, sources and policies.

use std::collections::BTreeMap;

use super::super::{
    ChannelConfig,
    join::{Joined, Known},
    load::File,
    policy::BUILT_IN,
    section::nearest,
    whose::Whose,
};
use crate::model::SourceName;

/// Notes names that stand twice: what a channel knows is kept under its name.
pub(in super::super) fn clashes(file: &File, names: &mut BTreeMap<String, String>) {
    for channelled in &file.channels {
        let name = channelled.config.name.as_str();
        if let Some(there) = names.insert(name.to_owned(), file.place(channelled.name_span.start)) {
            let what = format!("two channels are called \"{name}\"; the other stands at {there}");
            file.document.note(&channelled.name_span, what, "give each channel a name of its own: what it was told is kept under it");
            names.insert(name.to_owned(), there);
        }
    }
}

/// The channels of one file that is right, with their sources; what is wrong is noted once.
pub(in super::super) fn found(file: &File, own: &[SourceName], known: &Known, warnings: &mut Vec<String>) -> Vec<ChannelConfig> {
    let each = file.channels.iter().filter_map(|channelled| {
        let whose = Whose {
            section: "notify",
            name: channelled.config.name.as_str(),
            verb: "tells of",
            takes: "tells of",
            wanted: channelled.wanted.as_deref(),
            span: &channelled.span,
        };
        let sources = whose.find(file, own, known, warnings);
        let lost = whose.lost(known);
        (!sources.is_empty()).then(|| ChannelConfig { sources, lost, ..channelled.config.clone() })
    });
    each.collect()
}

/// Warns of policies that nothing has, where nobody else's detector may have them.
pub(in super::super) fn concerns<'a>(files: impl Iterator<Item = &'a File>, joined: &mut Joined) {
    if joined.detectors.iter().any(|detector| matches!(detector.component, super::super::ComponentRef::Path(_))) {
        return;
    }
    let names: Vec<String> =
        BUILT_IN.iter().map(|rule| (*rule).to_owned()).chain(joined.policies.iter().map(|each| each.policy.name.clone())).collect();
    // They are written with hyphens, which `nearest` takes for underscores.
    let likely: Vec<String> = names.iter().map(|name| name.replace('-', "_")).collect();
    let likely: Vec<&str> = likely.iter().map(String::as_str).collect();
    for file in files {
        for channelled in &file.channels {
            let wanted = channelled.config.route.policies.iter().zip(&channelled.policies);
            for (name, span) in wanted.filter(|(name, _)| !names.contains(name)) {
                let help =
                    match nearest(name, &likely).and_then(|near| likely.iter().position(|each| *each == near)).and_then(|at| names.get(at))
                    {
                        Some(near) => format!("did you mean \"{near}\"?"),
                        None => "`miro-source policies` lists those of your own".to_owned(),
                    };
                let (place, channel) = (file.place(span.start), &channelled.config.name);
                joined.warnings.push(format!("{place}: channel \"{channel}\" is told of policy \"{name}\", which there is not; {help}"));
            }
        }
    }
}
