//! A text with pseudonyms where values were; every other byte of it as it was.
//!
//! A line of JSON is masked string by string, each as what it says, whatever escapes it is written with; a string that is JSON itself
//! likewise. In a text that is no JSON, values are also found behind escapes, some levels deep. A pseudonym needs no escape, so that the
//! text stays what it was: a line of JSON a line of JSON.

use std::ops::Range;

use super::{
    escape::{Unescaped, unescaped},
    known::Known,
    plain::{Look, hits},
    tokens::{Kind, tokens},
};
use crate::config::Masked;

/// JSON within strings of JSON, and escapes of escapes, are looked through so deep.
const DEEPEST: usize = 8;

/// Names of members below the outermost that are never a person's: what reads a sink goes by them.
const NAMES: [&str; 30] = [
    "id",
    "type",
    "name",
    "email",
    "ip",
    "role",
    "team",
    "organization",
    "user",
    "actor",
    "uid",
    "account",
    "kind",
    "object",
    "context",
    "details",
    "event",
    "category",
    "title",
    "desc",
    "value",
    "port",
    "target",
    "member",
    "owner",
    "time",
    "status",
    "version",
    "product",
    "labels",
];

/// What is masked, and as what.
pub(super) struct Masking<'a> {
    pub(super) fields: &'a [Masked],
    pub(super) known: &'a Known,
    pub(super) pseudonym: &'a dyn Fn(Masked, &str) -> String,
}

/// One part of a text and what stands there instead.
struct Change {
    range: Range<usize>,
    text: String,
}

impl Masking<'_> {
    /// The text without these values; none where it has none.
    pub(super) fn of(&self, text: &str) -> Option<String> {
        let changes = self.json(text, 0).unwrap_or_else(|| self.plain(text, Look::Everything, 0));
        if changes.is_empty() {
            return None;
        }
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        for change in changes {
            out.push_str(text.get(at..change.range.start).unwrap_or_default());
            out.push_str(&change.text);
            at = change.range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Some(out)
    }

    /// Of JSON; none where it is no object and no array.
    fn json(&self, text: &str, level: usize) -> Option<Vec<Change>> {
        let mut changes = Vec::new();
        for token in tokens(text)? {
            let raw = text.get(token.range.clone()).unwrap_or_default();
            let found = match token.kind {
                Kind::Number => self.number(raw),
                Kind::Text => self.string(raw, Look::Everything, level),
                Kind::Name { depth } => self.string(raw, name(raw, depth), level),
            };
            let shift =
                |change: Change| Change { range: change.range.start + token.range.start..change.range.end + token.range.start, ..change };
            changes.extend(found.into_iter().map(shift));
        }
        Some(changes)
    }

    /// A number that is somebody's identifier becomes a string.
    fn number(&self, raw: &str) -> Vec<Change> {
        let mut found = Vec::new();
        self.known.find(raw, &mut found);
        let whole = found.into_iter().find(|hit| hit.range == (0..raw.len()) && !self.known.keeps(raw));
        whole.map(|hit| Change { range: hit.range, text: format!("\"{}\"", (self.pseudonym)(hit.field, &hit.value)) }).into_iter().collect()
    }

    /// Of a string of JSON, without its quotes.
    fn string(&self, raw: &str, look: Look, level: usize) -> Vec<Change> {
        let said = unescaped(raw);
        let text = said.as_ref().map_or(raw, |said| &said.text);
        if self.known.keeps(text) {
            return Vec::new();
        }
        let deeper = level + 1;
        let inner = if deeper < DEEPEST && text.trim_start().starts_with(['{', '[']) { self.json(text, deeper) } else { None };
        let changes = inner.unwrap_or_else(|| self.plain(text, look, deeper));
        let escaped = |change: Change| Change { text: change.text.replace('\\', "\\\\").replace('"', "\\\""), ..change };
        placed(said.as_ref(), changes.into_iter().map(escaped).collect())
    }

    /// Of a plain text, in order: what its escapes hide, and what it shows beside.
    fn plain(&self, text: &str, look: Look, level: usize) -> Vec<Change> {
        let said = if level < DEEPEST { unescaped(text) } else { None };
        let hidden = said.map(|said| placed(Some(&said), self.plain(&said.text, look, level + 1))).unwrap_or_default();
        let (mut hidden, mut changes) = (hidden.into_iter().peekable(), Vec::new());
        for hit in hits(text, self.fields, self.known, look) {
            while let Some(change) = hidden.next_if(|change| change.range.end <= hit.range.start) {
                changes.push(change);
            }
            if hidden.peek().is_none_or(|change| hit.range.end <= change.range.start) {
                changes.push(Change { range: hit.range, text: (self.pseudonym)(hit.field, &hit.value) });
            }
        }
        changes.extend(hidden);
        changes
    }
}

/// The same changes in what the text was written as.
fn placed(said: Option<&Unescaped>, changes: Vec<Change>) -> Vec<Change> {
    let Some(said) = said else { return changes };
    changes.into_iter().map(|change| Change { range: said.place(&change.range), ..change }).collect()
}

/// What to look for in the name of a member: one that is a field's is nobody's, also where somebody is called so.
fn name(raw: &str, depth: usize) -> Look {
    let mut signs = raw.chars();
    let plain = signs.next().is_some_and(|c| c.is_ascii_alphabetic()) && signs.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && (depth == 1 || NAMES.contains(&raw)) { Look::Forms } else { Look::Everything }
}
