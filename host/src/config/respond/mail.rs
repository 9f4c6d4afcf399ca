//! What `notify` says: a text with places to fill.

use super::settings::flag;
use crate::{
    config::{
        section::{Entry, Section, listed, nearest},
        sink::{Noted, optional},
    },
    respond::{Mail, PLACES},
};

/// What is said where nothing else is configured.
const SUBJECT: &str = "Please check: {title}";
const TEXT: &str = include_str!("notify.txt");
const LONGEST: usize = 200;
const LARGEST: usize = 20_000;

/// The keys that belong to `do = "notify"` alone.
pub(super) const KEYS: [&str; 4] = ["subject", "text", "copy", "manager"];

/// The embedded mail, or these instead of its parts.
pub fn mail(subject: Option<String>, text: Option<String>) -> Mail {
    Mail {
        subject: subject.unwrap_or_else(|| SUBJECT.to_owned()),
        text: text.unwrap_or_else(|| TEXT.to_owned()),
        copies: Vec::new(),
        manager: false,
    }
}

/// Reads what stands in an action; what is wrong is noted.
pub(super) fn read(section: &Section<'_>) -> Result<Mail, Noted> {
    let subject = optional(section.entry("subject"), |entry| {
        const HELP: &str = "write it like subject = \"Please check: {title}\"";
        let text = template(entry, HELP)?;
        if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            entry.wrong(&format!("a line of at most {LONGEST} characters"), HELP);
            return None;
        }
        Some(text)
    });
    let text = optional(section.entry("text"), |entry| {
        let text = template(entry, "write plain text between three double quotes, or leave it out for the one that is built in")?;
        if text.len() > LARGEST || text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            entry.note(format_args!("is no plain text of at most {LARGEST} bytes"), "shorten it, and remove what steers a terminal");
            return None;
        }
        Some(text)
    });
    let copies = optional(section.entry("copy"), copies);
    let manager = optional(section.entry("manager"), |entry| flag(entry, "write manager = true: the owner's manager gets a copy"));
    let mail = mail(subject?, text?);
    Ok(Mail { copies: copies?.unwrap_or_default(), manager: manager?.unwrap_or(false), ..mail })
}

fn template(entry: &Entry<'_>, help: &str) -> Option<String> {
    let text = entry.text(help)?;
    if let Some(unknown) = unknown(text) {
        let bare: Vec<&str> = PLACES.iter().map(|place| place.trim_matches(['{', '}'])).collect();
        let help = match nearest(unknown, &bare) {
            Some(near) => format!("did you mean {{{near}}}?"),
            None => format!("the places are {}", listed(&PLACES)),
        };
        entry.note(format_args!("has the place {{{unknown}}}, which nothing fills"), help);
        return None;
    }
    Some(text.to_owned())
}

/// The first place that there is not: a word between braces.
pub(super) fn unknown(text: &str) -> Option<&str> {
    let words = text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(word, _)| word));
    let is_word =
        |word: &str| !word.is_empty() && word.len() <= 40 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    words.filter(|word| is_word(word)).find(|word| !PLACES.iter().any(|place| place.trim_matches(['{', '}']) == *word))
}

fn copies(entry: &Entry<'_>) -> Option<Vec<String>> {
    const HELP: &str = "write mail addresses, like copy = [\"soc@acme.example\"]";
    let each = entry.texts(HELP)?.into_iter().map(|(text, entry)| {
        let address = text.parse::<lettre::Address>().ok();
        if address.is_none() {
            entry.wrong("a mail address", HELP);
        }
        address.map(|address| address.to_string())
    });
    each.collect::<Vec<_>>().into_iter().collect()
}
