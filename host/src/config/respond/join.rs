//! What only shows between responders, sources and files: whose accounts they act on, and that they have names of their own.

use std::collections::BTreeMap;

use super::ResponderConfig;
use crate::config::{join::Known, load::File, whose::Whose};

/// Notes names that stand twice: what a responder did is kept under its name.
pub(in crate::config) fn clashes(file: &File, names: &mut BTreeMap<String, String>) {
    for responding in &file.responders {
        let name = responding.config.name.as_str();
        if let Some(there) = names.insert(name.to_owned(), file.place(responding.name_span.start)) {
            let what = format!("two responders are called \"{name}\"; the other stands at {there}");
            file.document.note(&responding.name_span, what, "give each responder a name of its own: what it did is kept under it");
            names.insert(name.to_owned(), there);
        }
    }
}

/// The responders of one file that is right, with their sources; what is wrong is noted once. Those of an included file act on
/// accounts of that file's sources only.
pub(in crate::config) fn found(file: &File, known: &Known, warnings: &mut Vec<String>) -> Vec<ResponderConfig> {
    let each = file.responders.iter().filter_map(|responding| {
        let whose = Whose {
            section: "responder",
            name: responding.config.name.as_str(),
            verb: "acts on users of",
            takes: "is about",
            wanted: responding.wanted.as_deref(),
            span: &responding.span,
        };
        let sources = whose.find_own(file, known, warnings);
        (!sources.is_empty()).then(|| ResponderConfig { sources, ..responding.config.clone() })
    });
    each.collect()
}
