//! `[[source]]`: which component is asked, how often, with what, and what it may reach.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use toml::de::DeValue;

use super::{
    ComponentRef, SecretRef, SourceConfig,
    assertion::assertion,
    document::Document,
    json::json,
    keeping::keeping,
    reference::reference,
    section::{Entry, Section, listed, nearest},
    settings::duration,
};
use crate::{egress::Origin, model::SourceName};

const KEYS: &[&str] = &[
    "name",
    "component",
    "interval",
    "learn",
    "keeps",
    "retention",
    "alerts_retention",
    "behaviours_retention",
    "legal_hold",
    "config",
    "secrets",
    "certificate",
    "private_key",
    "federated_token",
    "allow",
];
const NAME: &str = "write a name of 1 to 64 letters, digits, '_' or '-', like name = \"acme\"";

/// A source and where its parts stand, for what only shows between sources.
pub(super) struct Sourced {
    pub(super) config: SourceConfig,
    pub(super) name_span: Range<usize>,
    /// The secrets that are a grant: two sources must not have the same.
    pub(super) grants: Vec<(String, SecretRef, Range<usize>)>,
}

/// Reads one; what is wrong is noted.
pub(super) fn source(document: &Document, entry: &Entry<'_>, builtins: &[&str]) -> Option<Sourced> {
    let section = entry.table(KEYS, "write [[source]] on a line of its own and its keys below")?;
    let name = match section.text("name", NAME) {
        Some((text, entry)) => name::<SourceName>(text, &entry).map(|name| (name, entry.span)),
        None => {
            if section.entry("name").is_none() {
                section.missing("name", NAME);
            }
            None
        }
    };
    let component = component(document, &section, builtins, "miro");
    let interval = match section.entry("interval") {
        None => Some(Duration::from_secs(300)),
        Some(entry) => {
            let within = Duration::from_secs(1)..=Duration::from_secs(86_400);
            duration(&entry, within, "a duration from 1 second to 24 hours", "write it like interval = \"5m\"")
        }
    };
    let learn = match section.entry("learn") {
        None => Some(None),
        Some(entry) => {
            let within = Duration::from_secs(3600)..=Duration::from_secs(366 * 86_400);
            duration(&entry, within, "a duration from 1 hour to 366 days", "write it like learn = \"30d\"").map(Some)
        }
    };
    let keeps = match section.entry("keeps") {
        None => Some(None),
        Some(entry) => {
            let within = Duration::from_secs(86_400)..=Duration::from_secs(3660 * 86_400);
            duration(&entry, within, "a duration from 1 day to 10 years", "say how long the vendor keeps its log, like keeps = \"180d\"")
                .map(Some)
        }
    };
    let keeping = keeping(&section);
    let config = match section.entry("config") {
        None => Some(serde_json::Value::Object(serde_json::Map::new())),
        Some(entry) => {
            settings(&entry, "write it like config = { api_url = \"https://api.miro.com\" }, or [source.config] with its keys below")
        }
    };
    let secrets = secrets(&section, "source", KEYS);
    let assertion = assertion(&section, component.as_ref(), secrets.as_ref());
    let allow = allow(&section, "source");
    let (name, name_span) = name?;
    let (assertion, secrets) = (assertion.ok()?, secrets?);
    if let Some(ComponentRef::Builtin(built_in)) = &component
        && built_in == "entra"
        && let Some((_, span)) = ["access_token", "refresh_token"].iter().find_map(|key| secrets.get(*key))
    {
        let help = "remove it: a token is obtained whenever one is needed";
        document.note(span, format!("{} configures a token, and builtin:entra obtains its own", section.title), help);
        return None;
    }
    let grants = secrets
        .iter()
        .filter(|(key, _)| matches!(key.as_str(), "access_token" | "refresh_token" | "token"))
        .map(|(key, (reference, span))| (key.clone(), reference.clone(), span.clone()))
        .collect();
    let config = SourceConfig {
        name,
        component: component?,
        interval: interval?,
        learn: learn?,
        keeps: keeps?,
        keeping: keeping?,
        config: config?,
        secrets: secrets.into_iter().map(|(key, (reference, _))| (key, reference)).collect(),
        assertion,
        allow: allow?,
        file: document.file.clone(),
        line: document.line(section.span.start),
    };
    Some(Sourced { config, name_span, grants })
}

/// A name as a type.
pub(super) fn name<N: std::str::FromStr>(text: &str, entry: &Entry<'_>) -> Option<N> {
    match text.parse() {
        Ok(name) => Some(name),
        Err(_) => {
            entry.wrong("a name of 1 to 64 letters, digits, '_' or '-'", NAME);
            None
        }
    }
}

/// Which component. `usual`: the one that is built in and need not be named.
pub(super) fn component(document: &Document, section: &Section<'_>, builtins: &[&str], usual: &str) -> Option<ComponentRef> {
    let known: Vec<String> = builtins.iter().map(|name| format!("builtin:{name}")).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let first = known.first().copied().unwrap_or_default();
    let Some(entry) = section.entry("component") else { return Some(ComponentRef::Builtin(usual.to_owned())) };
    let text = entry.text(&format!("write component = \"{first}\", or the path of a .wasm file"))?;
    if let Some(name) = text.strip_prefix("builtin:") {
        if builtins.contains(&name) {
            return Some(ComponentRef::Builtin(name.to_owned()));
        }
        let help = match nearest(text, &known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("built in: {}; anything else is the path of a .wasm file", listed(&known)),
        };
        entry.wrong("a component that is built in", help);
        return None;
    }
    let path = document.path(text);
    if path.is_file() {
        return Some(ComponentRef::Path(path));
    }
    let help = if builtins.contains(&text) {
        format!("for the one that is built in write \"builtin:{text}\"")
    } else {
        format!(
            "there is no file {}; write \"{first}\" for the one that is built in, or the path of a .wasm file (a relative one starts at the folder of this file)",
            path.display()
        )
    };
    entry.wrong("a component", help);
    None
}

/// The component's own configuration, as JSON, without what is a secret by its name.
pub(super) fn settings(entry: &Entry<'_>, help: &str) -> Option<serde_json::Value> {
    entry.free_table(help).and_then(|table| no_secrets(&table)).and_then(|()| json(entry))
}

/// Notes what is a secret by its name: `config` is shown and logged.
fn no_secrets(config: &Section<'_>) -> Option<()> {
    let mut found = config.entries();
    found.retain(|(key, ..)| {
        let key = key.to_ascii_lowercase();
        key.contains("secret") || key.contains("password") || key.ends_with("token")
    });
    for (key, span, _) in &found {
        let key = key.escape_debug();
        config.document.note(
            span,
            format!("`{key}` in {} is a secret by its name; `config` is for what anybody may see", config.title),
            format!("move it to `secrets`, like secrets = {{ {key} = {{ env = \"NAME\" }} }}"),
        );
    }
    found.is_empty().then_some(())
}

/// Where secrets are, by the name that the component asks for. `of`: the section, without brackets; `keys`: those that it has.
pub(super) fn secrets(section: &Section<'_>, of: &str, keys: &[&str]) -> Option<BTreeMap<String, (SecretRef, Range<usize>)>> {
    let Some(entry) = section.entry("secrets") else { return Some(BTreeMap::new()) };
    let table = entry.free_table("write it like secrets = { access_token = { env = \"MIRO_ACCESS_TOKEN\" } }")?;
    let each = table.entries().into_iter().map(|(key, span, entry)| {
        if keys.contains(&key) && key != "name" {
            let what = format!("`{key}` stands in the `secrets` of [[{of}]] and is none");
            entry.document.note(&span, what, format!("move it up, above the line [{of}.secrets], so that it belongs to [[{of}]]"));
            return None;
        }
        let reference = reference(&entry)?;
        Some((key.to_owned(), (reference, entry.span)))
    });
    each.collect::<Vec<_>>().into_iter().collect()
}

/// The origins granted, one at least. `of`: the section, without brackets.
pub(super) fn allow(section: &Section<'_>, of: &str) -> Option<Vec<Origin>> {
    const HELP: &str = "write the origins it needs, like allow = [\"https://api.miro.com\"]";
    let Some(entry) = section.entry("allow") else {
        let misplaced = ["config", "secrets"].into_iter().find(|key| match section.entry(key).map(|entry| entry.value) {
            Some(DeValue::Table(table)) => table.iter().any(|(key, _)| key.get_ref() == "allow"),
            _ => false,
        });
        let help = match misplaced {
            Some(below) => format!("it stands below [{of}.{below}] and so belongs there: move it up, above that line"),
            None => HELP.to_owned(),
        };
        section.lacks("allow", &format!(": nothing is reachable, and this {of} talks to its vendor over the network"), &help);
        return None;
    };
    let origins = origins(&entry, HELP)?;
    if origins.is_empty() {
        entry.note(format_args!("is empty: nothing is reachable, and this {of} talks to its vendor over the network"), HELP);
        return None;
    }
    Some(origins)
}

/// A list of origins.
pub(super) fn origins(entry: &Entry<'_>, help: &str) -> Option<Vec<Origin>> {
    let origins = entry.texts(help)?.into_iter().map(|(text, entry)| {
        if text.contains('@') {
            // Never repeated: it may hold a password.
            entry.note("holds a user or a password", "write only scheme, host and port, like \"https://api.miro.com\"");
            return None;
        }
        match text.parse::<Origin>() {
            Ok(origin) if !text.contains('*') => Some(origin),
            _ => {
                entry.wrong("an origin", origin_help(text));
                None
            }
        }
    });
    origins.collect::<Vec<_>>().into_iter().collect()
}

fn origin_help(text: &str) -> String {
    const HELP: &str = "write scheme and host, with a port where it is not the usual one, like \"https://api.miro.com\"";
    if text.contains('*') {
        return "there are no wildcards: list every host, like \"https://api.miro.com\"".to_owned();
    }
    let Ok(url) = url::Url::parse(text) else {
        let bare = format!("https://{text}");
        return if bare.parse::<Origin>().is_ok() { format!("write \"{bare}\"") } else { HELP.to_owned() };
    };
    let origin = url.origin().ascii_serialization();
    if url.scheme() == "http" {
        return "use https; http is for loopback only (127.0.0.1, [::1], localhost)".to_owned();
    }
    if origin.parse::<Origin>().is_ok() { format!("write only \"{origin}\", without a path") } else { HELP.to_owned() }
}
