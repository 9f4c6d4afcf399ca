//! `[[detector]]`: what judges the events of which sources.

use std::{collections::BTreeMap, ops::Range};

use super::{
    ComponentRef, DetectorConfig, PolicyConfig,
    document::Document,
    join::Known,
    json::json,
    load::{DETECTORS, File},
    policy::BUILT_IN,
    section::{Entry, Section, listed, nearest},
    sink::{optional, wanted},
    source::{component, name},
    whose::Whose,
};
use crate::model::{DetectorName, SourceName};

const KEYS: &[&str] = &["name", "component", "sources", "config", "behaviours"];
const NAME: &str = "write a name of 1 to 64 letters, digits, '_' or '-', like name = \"anomalies\"";
const SOURCES: &str = "name the sources whose events it judges, like sources = [\"acme\"]";
const CONFIG: &str = "write it like config = { sensitivity = \"high\" }, or [detector.config] with its keys below";
const BEHAVIOURS: &str = "name rules, like behaviours = [\"infrequent-country\"]";

/// A detector whose sources are still only names.
pub(super) struct Detecting {
    config: DetectorConfig,
    name_span: Range<usize>,
    /// Where each of its `behaviours` stands.
    behaviours: Vec<Range<usize>>,
    wanted: Option<Vec<(SourceName, Range<usize>)>>,
    span: Range<usize>,
}

impl DetectorConfig {
    /// The embedded default: the detector that is built in, for these sources.
    pub fn built_in(sources: Vec<SourceName>) -> Option<Self> {
        Some(Self {
            name: "detect".parse().ok()?,
            component: ComponentRef::Builtin("detect".to_owned()),
            sources,
            config: serde_json::Value::Object(serde_json::Map::new()),
            behaviours: Vec::new(),
        })
    }
}

/// Reads one; what is wrong is noted.
pub(super) fn detector(document: &Document, entry: &Entry<'_>) -> Option<Detecting> {
    let section = entry.table(KEYS, "write [[detector]] on a line of its own and its keys below")?;
    let name = match section.text("name", NAME) {
        Some((text, entry)) => name::<DetectorName>(text, &entry).map(|name| (name, entry.span)),
        None => {
            if section.entry("name").is_none() {
                section.missing("name", NAME);
            }
            None
        }
    };
    let component = component(document, &section, DETECTORS, "detect");
    let wanted = optional(section.entry("sources"), |entry| wanted(entry, SOURCES, "this detector would judge nothing"));
    let config = match section.entry("config") {
        None => Some(serde_json::Value::Object(serde_json::Map::new())),
        Some(entry) => config(&entry, component.as_ref()),
    };
    let behaviours = optional(section.entry("behaviours"), behaviours);
    let (name, name_span) = name?;
    let (behaviours, places) = behaviours.ok()?.unwrap_or_default().into_iter().unzip();
    let config = DetectorConfig { name, component: component?, sources: Vec::new(), config: config?, behaviours };
    Some(Detecting { config, name_span, behaviours: places, wanted: wanted.ok()?, span: section.span })
}

fn config(entry: &Entry<'_>, component: Option<&ComponentRef>) -> Option<serde_json::Value> {
    let table = entry.free_table(CONFIG)?;
    // What it has of its own, the detector says itself when it starts: here is what stands in this file.
    if let Some(ComponentRef::Builtin(_)) = component {
        let policies = policies(&table);
        let rules = rules(&table);
        policies?;
        rules?;
    }
    json(entry)
}

/// Policies have a section of their own, so that each says what is wrong with it on its own line.
fn policies(config: &Section<'_>) -> Option<()> {
    let Some(span) = config.key_span("policies") else { return Some(()) };
    let what = format!("`policies` does not belong in {}", config.title);
    config.document.note(&span, what, "write each policy as a [[policy]] of its own; its `sources` say whose events it is about");
    None
}

fn rules(config: &Section<'_>) -> Option<()> {
    let Some(entry) = config.entry("rules") else { return Some(()) };
    let table = entry.free_table("write it like rules = { impossible-travel = { sensitivity = \"low\" } }")?;
    let mut right = Some(());
    for (key, span, _) in table.entries() {
        if BUILT_IN.contains(&key) {
            continue;
        }
        right = None;
        let what = format!("there is no rule `{}` for {}", key.escape_debug(), table.title);
        config.document.note(&span, what, rule_help(key));
    }
    right
}

fn rule_help(name: &str) -> String {
    // Rules are written with hyphens, which `nearest` takes for underscores.
    let rules: Vec<String> = BUILT_IN.iter().map(|rule| rule.replace('-', "_")).collect();
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    match nearest(name, &rules) {
        Some(near) => format!("did you mean `{}`?", near.replace('_', "-")),
        None => format!("the rules are {}", listed(BUILT_IN)),
    }
}

fn behaviours(entry: &Entry<'_>) -> Option<Vec<(String, Range<usize>)>> {
    let each = entry.texts(BEHAVIOURS)?.into_iter().map(|(text, entry)| {
        let fits =
            text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
        if !fits {
            entry.wrong("the name of a rule", BEHAVIOURS);
        }
        fits.then(|| (text.to_owned(), entry.span))
    });
    each.collect::<Vec<_>>().into_iter().collect()
}

/// Notes names that stand twice: what a detector has learned is kept under its name.
pub(super) fn clashes(file: &File, names: &mut BTreeMap<String, String>) {
    for detecting in &file.detectors {
        let name = detecting.config.name.as_str();
        if let Some(there) = names.insert(name.to_owned(), file.place(detecting.name_span.start)) {
            let what = format!("two detectors are called \"{name}\"; the other stands at {there}");
            file.document.note(&detecting.name_span, what, "give each detector a name of its own: what it has learned is kept under it");
            names.insert(name.to_owned(), there);
        }
    }
}

/// The detectors of one file that is right, with their sources; what is wrong is noted once.
pub(super) fn found(file: &File, own: &[SourceName], known: &Known, warnings: &mut Vec<String>) -> Vec<DetectorConfig> {
    let each = file.detectors.iter().filter_map(|detecting| {
        let whose = Whose {
            section: "detector",
            name: detecting.config.name.as_str(),
            verb: "judges",
            takes: "judges",
            wanted: detecting.wanted.as_deref(),
            span: &detecting.span,
        };
        let sources = whose.find(file, own, known, warnings);
        (!sources.is_empty()).then(|| DetectorConfig { sources, ..detecting.config.clone() })
    });
    each.collect()
}

/// Warns of what names a rule that nothing has.
pub(super) fn concerns<'a>(files: impl Iterator<Item = &'a File>, policies: &[PolicyConfig], warnings: &mut Vec<String>) {
    let known = |name: &String| BUILT_IN.contains(&name.as_str()) || policies.iter().any(|each| each.policy.name == *name);
    for file in files {
        for detecting in file.detectors.iter().filter(|detecting| matches!(detecting.config.component, ComponentRef::Builtin(_))) {
            for (name, span) in detecting.config.behaviours.iter().zip(&detecting.behaviours).filter(|(name, _)| !known(name)) {
                let (place, detector) = (file.place(span.start), &detecting.config.name);
                warnings.push(format!(
                    "{place}: detector \"{detector}\" has no rule \"{name}\" whose findings could be behaviours; {}",
                    rule_help(name)
                ));
            }
        }
    }
}
