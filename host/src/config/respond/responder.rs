//! `[[responder]]`: which component acts on whose accounts, what it may do, and what proves who asks.

use std::{ops::Range, time::Duration};

use super::{
    DirectoryConfig, ResponderConfig,
    settings::{actions, flag},
};
use crate::{
    config::{
        ComponentRef,
        assertion::assertion,
        document::Document,
        load::RESPONDERS,
        range::words,
        section::{Entry, Section, listed},
        settings::duration,
        sink::{Noted, optional, wanted},
        source::{allow, component, name, secrets, settings},
    },
    model::{ResponderName, SourceName},
    respond::Action,
};

const KEYS: &[&str] = &[
    "name",
    "component",
    "sources",
    "actions",
    "directory",
    "interval",
    "groups",
    "config",
    "secrets",
    "certificate",
    "private_key",
    "federated_token",
    "allow",
];
const NAME: &str = "write a name of 1 to 64 letters, digits, '_' or '-', like name = \"entra\"";
const COMPONENT: &str = "write component = \"builtin:entra\", component = \"builtin:miro\", or the path of a .wasm file";
const SOURCES: &str = "name the sources whose users' accounts it acts on, like sources = [\"acme\"]";
const ACTIONS: &str = "say what it may do, like actions = [\"notify\", \"sign-out\"]; there is no default";
const DIRECTORY: &str = "write directory = true, or leave it out";
const GROUPS: &str = "name groups of the directory, like groups = [\"Contractors\"]";
const CONFIG: &str = "write it like config = { tenant = \"acme.example\", client_id = \"…\" }, or [responder.config] with its keys below";
/// What Miro's own interfaces do to an account.
const MIRO: [Action; 3] = [Action::SignOut, Action::Suspend, Action::Restore];

/// A responder whose sources are still only names.
pub(in crate::config) struct Responding {
    pub(super) config: ResponderConfig,
    pub(super) name_span: Range<usize>,
    pub(super) wanted: Option<Vec<(SourceName, Range<usize>)>>,
    pub(super) span: Range<usize>,
}

/// Reads one; what is wrong is noted.
pub(in crate::config) fn responder(document: &Document, entry: &Entry<'_>) -> Option<Responding> {
    let section = entry.table(KEYS, "write [[responder]] on a line of its own and its keys below")?;
    let required = |key: &str, help: &str| {
        let entry = section.entry(key);
        if entry.is_none() {
            section.missing(key, help);
        }
        entry
    };
    let named = required("name", NAME).and_then(|entry| Some((name::<ResponderName>(entry.text(NAME)?, &entry)?, entry.span)));
    let component = required("component", COMPONENT).and_then(|_| component(document, &section, RESPONDERS, "entra"));
    let wanted = optional(section.entry("sources"), |entry| wanted(entry, SOURCES, "this responder would act on nobody"));
    let actions = required("actions", ACTIONS).and_then(|entry| may(&entry, component.as_ref()).map(|actions| (actions, entry)));
    let directory = directory(&section, component.as_ref());
    let config = match section.entry("config") {
        None => Some(serde_json::Value::Object(serde_json::Map::new())),
        Some(entry) => settings(&entry, CONFIG),
    };
    let secrets = secrets(&section, "responder", KEYS);
    let assertion = assertion(&section, component.as_ref(), secrets.as_ref());
    let allow = allow(&section, "responder");

    let (actions, actions_entry) = actions?;
    let directory = directory.ok()?;
    if actions.is_empty() && directory.is_none() {
        actions_entry.note("is empty: this responder would do nothing", ACTIONS);
        return None;
    }
    let (component, config) = (component?, config?);
    let entra = matches!(&component, ComponentRef::Builtin(own) if own == "entra");
    if entra && actions.contains(&Action::Notify) && config.get("sender").and_then(|sender| sender.as_str()).is_none() {
        let help = "name the mailbox that mail is sent from, like config = { …, sender = \"security@acme.example\" }, or remove \"notify\"";
        actions_entry.note("holds \"notify\", and `config` names no `sender`", help);
        return None;
    }
    let (name, name_span) = named?;
    let config = ResponderConfig {
        name,
        component,
        sources: Vec::new(),
        actions,
        directory,
        config,
        secrets: secrets?.into_iter().map(|(key, (reference, _))| (key, reference)).collect(),
        assertion: assertion.ok()?,
        allow: allow?,
        file: document.file.clone(),
        line: document.line(section.span.start),
    };
    Some(Responding { config, name_span, wanted: wanted.ok()?, span: section.span })
}

/// What it may do. `restore` comes with `suspend`.
fn may(entry: &Entry<'_>, component: Option<&ComponentRef>) -> Option<Vec<Action>> {
    let mut actions = actions(entry, &Action::ALL, ACTIONS)?;
    if let Some(ComponentRef::Builtin(name)) = component
        && name == "miro"
        && let Some(other) = actions.iter().find(|action| !MIRO.contains(action))
    {
        let help =
            format!("it does {}; for `{other}` write a responder with component = \"builtin:entra\"", listed(&MIRO.map(Action::as_str)));
        entry.note(format_args!("holds \"{other}\", which Miro has no way to do"), help);
        return None;
    }
    if actions.contains(&Action::Suspend) && !actions.contains(&Action::Restore) {
        actions.push(Action::Restore);
    }
    Some(actions)
}

fn directory(section: &Section<'_>, component: Option<&ComponentRef>) -> Result<Option<DirectoryConfig>, Noted> {
    let entry = section.entry("directory");
    let told = optional(entry.clone(), |entry| flag(entry, DIRECTORY))?.unwrap_or(false);
    let interval = optional(section.entry("interval"), |entry| {
        let within = Duration::from_secs(60)..=Duration::from_secs(86_400);
        duration(entry, within, "a duration from 1 minute to 24 hours", "write it like interval = \"5m\"")
    });
    let groups = optional(section.entry("groups"), |entry| {
        let each = entry.texts(GROUPS)?.into_iter().map(|(_, entry)| words(&entry, GROUPS));
        each.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
    });
    let (interval, groups) = (interval?, groups?);
    if !told {
        for key in ["interval", "groups"] {
            if let Some(span) = section.key_span(key) {
                let what = format!("`{key}` in {} is about a directory, and `directory` is not true", section.title);
                section.document.note(&span, what, "write directory = true beside it, or remove it");
                return Err(Noted);
            }
        }
        return Ok(None);
    }
    if let (Some(entry), Some(ComponentRef::Builtin(name))) = (entry, component)
        && name != "entra"
    {
        entry
            .note(format_args!("is true, and builtin:{name} is no directory"), "remove it, or write it with component = \"builtin:entra\"");
        return Err(Noted);
    }
    Ok(Some(DirectoryConfig { interval: interval.unwrap_or(Duration::from_secs(300)), groups: groups.unwrap_or_default() }))
}
