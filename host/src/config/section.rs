//! Reading keys of a table, one by one, noting every mistake with its place.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    document::Document,
    excerpt::{looks_secret, quoted},
};

/// A table and the keys it may have.
pub(super) struct Section<'a> {
    /// As people write it: `[store]`, `[[source]] "acme"`.
    pub(super) title: String,
    pub(super) document: &'a Document,
    pub(super) span: Range<usize>,
    table: &'a DeTable<'a>,
    /// The keys that it may have. None where they are free.
    keys: Vec<&'static str>,
    /// Whether what stands in it may be shown at all.
    shown: bool,
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    /// As people read it: `interval` in [[source]].
    pub(super) label: String,
    pub(super) document: &'a Document,
    pub(super) span: Range<usize>,
    pub(super) value: &'a DeValue<'a>,
    shown: bool,
}

impl<'a> Section<'a> {
    /// Notes every key that is not among `keys`.
    pub(super) fn new(
        document: &'a Document,
        title: impl Into<String>,
        span: Range<usize>,
        table: &'a DeTable<'a>,
        keys: &[&'static str],
    ) -> Self {
        let section = Self { title: title.into(), document, span, table, keys: keys.to_vec(), shown: true };
        for (key, _) in table {
            if !keys.contains(&key.get_ref().as_ref()) {
                let name = key.get_ref().as_ref();
                document.note(
                    &key.span(),
                    format!(
                        "unknown {} `{}` in {}",
                        if section.title == TOP { "section or key" } else { "key" },
                        name.escape_debug(),
                        section.title
                    ),
                    unknown_help(name, &section.title, keys),
                );
            }
        }
        section
    }

    pub(super) fn entry(&self, key: &str) -> Option<Entry<'a>> {
        let (_, value) = self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key)?;
        Some(Entry {
            label: if self.title == TOP { format!("`{key}`") } else { format!("`{key}` in {}", self.title) },
            document: self.document,
            span: value.span(),
            value: value.get_ref(),
            shown: self.shown && !looks_secret(key),
        })
    }

    /// The place of the key itself.
    pub(super) fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(name, _)| name.span())
    }

    /// Every key and its value, in order of appearance.
    pub(super) fn entries(&self) -> Vec<(&'a str, Range<usize>, Entry<'a>)> {
        let mut all: Vec<_> = self
            .table
            .iter()
            .filter_map(|(key, _)| {
                let name = key.get_ref().as_ref();
                Some((name, key.span(), self.entry(name)?))
            })
            .collect();
        all.sort_by_key(|(_, span, _)| span.start);
        all
    }

    /// Notes that a key is missing.
    pub(super) fn missing(&self, key: &str, help: &str) {
        self.lacks(key, "", help);
    }

    /// Notes that a key is missing and what that means. Where it is only misspelt, that has been said already.
    pub(super) fn lacks(&self, key: &str, means: &str, help: &str) {
        let mut unknown = self.table.iter().map(|(name, _)| name.get_ref().as_ref()).filter(|name| !self.keys.contains(name));
        if !self.keys.is_empty() && unknown.any(|name| nearest(name, &self.keys) == Some(key)) {
            return;
        }
        self.document.note(&self.span, format!("`{key}` is missing in {}{means}", self.title), help);
    }

    pub(super) fn text(&self, key: &str, help: &str) -> Option<(&'a str, Entry<'a>)> {
        let entry = self.entry(key)?;
        Some((entry.text(help)?, entry))
    }
}

impl<'a> Entry<'a> {
    /// Notes that the value is not what it should be.
    pub(super) fn wrong(&self, expected: &str, help: impl Into<String>) {
        self.document.note(&self.span, format!("{} is {}, expected {expected}", self.label, self.found()), help);
    }

    /// Notes something else about it.
    pub(super) fn note(&self, what: impl std::fmt::Display, help: impl Into<String>) {
        self.document.note(&self.span, format!("{} {what}", self.label), help);
    }

    /// The value as people may see it.
    pub(super) fn found(&self) -> String {
        match self.value {
            DeValue::String(text) if self.shown => quoted(text),
            DeValue::String(_) => "a text (not shown: it may be a secret)".to_owned(),
            DeValue::Integer(number) if self.shown => format!("the number {number}"),
            DeValue::Float(number) if self.shown => format!("the number {number}"),
            DeValue::Integer(_) | DeValue::Float(_) => "a number".to_owned(),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Datetime(_) => "a date or time without quotes".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        }
    }

    pub(super) fn text(&self, help: &str) -> Option<&'a str> {
        match self.value {
            DeValue::String(text) if text.is_empty() => {
                self.document.note(&self.span, format!("{} is empty", self.label), help);
                None
            }
            DeValue::String(text) => Some(text.as_ref()),
            _ => {
                self.wrong("a text in double quotes", help);
                None
            }
        }
    }

    /// A list of texts, each with its place.
    pub(super) fn texts(&self, help: &str) -> Option<Vec<(&'a str, Entry<'a>)>> {
        let DeValue::Array(items) = self.value else {
            self.wrong("a list of texts", help);
            return None;
        };
        let each = items.iter().map(|item| {
            let entry = self.item(item);
            entry.text(help).map(|text| (text, entry))
        });
        each.collect::<Vec<_>>().into_iter().collect()
    }

    pub(super) fn table(&self, keys: &[&'static str], help: &str) -> Option<Section<'a>> {
        let table = self.open_table(help)?;
        let section = Section::new(self.document, self.label.clone(), self.span.clone(), table, keys);
        Some(Section { shown: self.shown, ..section })
    }

    /// A table whose keys are free.
    pub(super) fn free_table(&self, help: &str) -> Option<Section<'a>> {
        let table = self.open_table(help)?;
        Some(Section {
            title: self.label.clone(),
            document: self.document,
            span: self.span.clone(),
            table,
            keys: Vec::new(),
            shown: self.shown,
        })
    }

    fn open_table(&self, help: &str) -> Option<&'a DeTable<'a>> {
        match self.value {
            DeValue::Table(table) => Some(table),
            _ => {
                self.wrong("a table", help);
                None
            }
        }
    }

    /// The same under another label.
    pub(super) fn labelled(&self, label: String) -> Self {
        Self { label, ..self.clone() }
    }

    /// The entries of a list, each under a label of its own.
    pub(super) fn items(&self, label: &str) -> Vec<Self> {
        let DeValue::Array(items) = self.value else { return Vec::new() };
        items.iter().map(|item| Self { label: label.to_owned(), ..self.item(item) }).collect()
    }

    fn item(&self, item: &'a Spanned<DeValue<'a>>) -> Self {
        Self {
            label: format!("an entry of {}", self.label),
            document: self.document,
            span: item.span(),
            value: item.get_ref(),
            shown: self.shown,
        }
    }
}

/// What the whole file is called, where its own keys are meant.
pub(super) const TOP: &str = "the file";

fn unknown_help(name: &str, title: &str, keys: &[&'static str]) -> String {
    let written = |key: &str| match key {
        "source" | "sink" | "detector" | "policy" | "range" | "group" | "departures" | "threat-list" | "feed" | "notify" | "responder"
        | "action"
            if title == TOP =>
        {
            format!("[[{key}]]")
        }
        "store" | "network" | "log" | "web" | "telemetry" | "health" | "components" | "enrich" | "respond" if title == TOP => {
            format!("[{key}]")
        }
        _ => format!("`{key}`"),
    };
    if let Some(near) = nearest(name, keys) {
        return format!("did you mean {}?", written(near));
    }
    if ["[[source]]", "[[detector]]", "[[responder]]"].iter().any(|of| title.starts_with(of)) {
        if !title.starts_with("[[detector]]") && ["secret", "token", "password"].iter().any(|word| name.to_ascii_lowercase().contains(word))
        {
            return "secrets belong in `secrets`, like secrets = { access_token = { env = \"MIRO_ACCESS_TOKEN\" } }".to_owned();
        }
        return format!(
            "what the component itself reads belongs in `config`, like config = {{ {name} = … }}; valid keys here are {}",
            listed(keys),
            name = name.escape_debug()
        );
    }
    format!("valid keys here are {}", and(keys.iter().map(|key| written(key)).collect()))
}

/// The key that was probably meant.
pub(super) fn nearest<'k>(name: &str, keys: &[&'k str]) -> Option<&'k str> {
    let asked = name.to_ascii_lowercase().replace('-', "_");
    keys.iter()
        .map(|key| (strsim::jaro_winkler(&asked, key), *key))
        .filter(|(likeness, _)| *likeness > 0.84)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key)
}

pub(super) fn listed(keys: &[&str]) -> String {
    and(keys.iter().map(|key| format!("`{key}`")).collect())
}

fn and(words: Vec<String>) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
