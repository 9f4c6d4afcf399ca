//! What only shows between policies, sources and files: whose they are, and that those of one source have names of their own.

use std::collections::BTreeMap;

use super::Ruled;
use crate::{
    config::{
        PolicyConfig,
        join::{Known, note_once},
        load::File,
        whose::Whose,
    },
    model::SourceName,
};

/// The policies that were met so far, by source and name: where they stand.
pub(in crate::config) type Met = BTreeMap<(SourceName, String), String>;

/// The policies of one file that is right, with their sources; what is wrong is noted once.
pub(in crate::config) fn join(
    file: &File,
    own: &[SourceName],
    known: &Known,
    met: &mut Met,
    warnings: &mut Vec<String>,
) -> Vec<PolicyConfig> {
    let mut found = Vec::new();
    // A file that is wrong takes no name away from others.
    let mut names = met.clone();
    for ruled in &file.policies {
        let name = &ruled.policy.name;
        let whose =
            Whose { section: "policy", name, verb: "is about", takes: "is about", wanted: ruled.wanted.as_deref(), span: &ruled.span };
        let sources = whose.find(file, own, known, warnings);
        for source in &sources {
            let here = file.place(ruled.name_span.start);
            if let Some(there) = names.insert((source.clone(), name.clone()), here) {
                let what = format!("two policies about source \"{source}\" are called \"{name}\"; the other stands at {there}");
                let help = "give each policy of a source a name of its own: what it counts and what it raises is kept under it";
                note_once(file, &ruled.name_span, what, help.to_owned());
                names.insert((source.clone(), name.clone()), there);
            }
        }
        if !sources.is_empty() {
            warnings.extend(ruled.concerns(file));
            found.push(PolicyConfig { sources, policy: ruled.policy.clone() });
        }
    }
    if !file.document.is_wrong() {
        *met = names;
    }
    found
}

impl Ruled {
    /// What it asks for and is never told.
    fn concerns<'a>(&'a self, file: &'a File) -> impl Iterator<Item = String> {
        self.unanswered.iter().map(|(filter, span)| {
            let (place, name) = (file.place(span.start), &self.policy.name);
            format!("{place}: policy \"{name}\" asks for `{filter}`, which no audit log says: it sees 'not set' with every event")
        })
    }
}
