//! `headers` of what is posted: what goes with every request beside what the host sets itself.

use http::HeaderName;
use toml::de::DeValue;

use super::{SecretRef, excerpt::looks_secret, reference::reference, section::Entry};

/// The value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderText {
    /// As it stands in the file.
    Plain(String),
    /// Where it is.
    Secret(SecretRef),
}

/// In order of appearance. `own` says which the host sets itself.
pub(super) fn headers(entry: &Entry<'_>, own: impl Fn(&str) -> bool, help: &str) -> Option<Vec<(HeaderName, HeaderText)>> {
    let each = entry.free_table(help)?.entries().into_iter().map(|(key, span, entry)| {
        let name = match HeaderName::from_bytes(key.as_bytes()) {
            Ok(name) if !own(name.as_str()) => name,
            Ok(name) => {
                entry.document.note(&span, format!("the header `{name}` is set by miro-source itself"), "remove it");
                return None;
            }
            Err(_) => {
                let what = format!("`{}` is no name of a header", key.escape_debug());
                entry.document.note(&span, what, help);
                return None;
            }
        };
        match entry.value {
            DeValue::String(_) if !looks_secret(key) => {
                let text = entry.text(help)?;
                if !text.chars().all(|c| (' '..='~').contains(&c)) || text.trim() != text {
                    entry.note("holds a character that no header can carry", "use ASCII on one line, without spaces around it");
                    return None;
                }
                Some((name, HeaderText::Plain(text.to_owned())))
            }
            _ => reference(&entry).map(|at| (name, HeaderText::Secret(at))),
        }
    });
    each.collect::<Vec<_>>().into_iter().collect()
}
