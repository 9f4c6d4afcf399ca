//! What only shows between groups, departures, sources and files: whose they are, and that those of one source can be told apart.

use std::{collections::BTreeMap, ops::Range};

use super::{Departed, DeparturesConfig, GroupConfig, Grouped, Sources, StandingConfig};
use crate::{
    config::{
        join::{Known, note_once},
        load::File,
        whose::Whose,
    },
    model::SourceName,
};

/// Names that were met so far, by source: where they stand.
type Met = BTreeMap<(SourceName, String), String>;

/// Those of all files that are right, with their sources; what is wrong is noted once.
pub(in crate::config) fn join(files: &[File], known: &Known, warnings: &mut Vec<String>) -> StandingConfig {
    let mut found = StandingConfig::default();
    let (mut groups, mut departures) = (Met::new(), Met::new());
    for (number, file) in files.iter().enumerate() {
        if number > 0 && file.document.is_wrong() {
            continue;
        }
        for Grouped { config, name_span, of } in &file.groups {
            let sources = of.whose("group", &config.name).find_own(file, known, warnings);
            let what = |source: &SourceName| format!("two groups of source \"{source}\" are called \"{}\"", config.name);
            met(&mut groups, file, &Named { name: &config.name, span: name_span, sources: &sources }, &what);
            if !sources.is_empty() {
                found.groups.push(GroupConfig { sources, ..config.clone() });
            }
        }
        for Departed { config, label, file_span, of } in &file.departures {
            let sources = of.whose("departures", label).find_own(file, known, warnings);
            let what = |source: &SourceName| format!("two files of departures from source \"{source}\" are called \"{label}\"");
            met(&mut departures, file, &Named { name: label, span: file_span, sources: &sources }, &what);
            if !sources.is_empty() {
                found.departures.push(DeparturesConfig { sources, ..config.clone() });
            }
        }
    }
    found
}

impl Sources {
    fn whose<'a>(&'a self, section: &'static str, name: &'a str) -> Whose<'a> {
        Whose { section, name, verb: "is about", takes: "is about", wanted: self.wanted.as_deref(), span: &self.span }
    }
}

struct Named<'a> {
    name: &'a str,
    span: &'a Range<usize>,
    sources: &'a [SourceName],
}

/// Notes a name that stands twice for one source.
fn met(all: &mut Met, file: &File, named: &Named<'_>, what: &dyn Fn(&SourceName) -> String) {
    for source in named.sources {
        let key = (source.clone(), named.name.to_owned());
        match all.get(&key) {
            Some(there) => {
                let what = format!("{}; the other stands at {there}", what(source));
                note_once(file, named.span, what, "write both in one, or give one of the two another name".to_owned());
            }
            None => drop(all.insert(key, file.place(named.span.start))),
        }
    }
}
