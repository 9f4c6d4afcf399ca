//! What is known to be a name or an identifier: of one event, or of one line about an alert.
//!
//! A name stands in a reason as [`quoted`] shows it: cut short, and without what misleads a screen. Where somebody may be named in quotes
//! whom nobody knows, whatever stands there counts as a name.
//!
//! Forms give away e-mail addresses and addresses of the Internet Protocol; a name looks like any other word and must be known.

use activity_policy::{activity_of, reason::quoted};
use audit_pipeline::{
    detector::Network,
    types::{self, Event},
};
use serde_json::{Map, Value};

use super::{escape::unescaped, plain::Hit};
use crate::{alert::Story, config::Masked};

/// Names and identifiers, and what is none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    words: Vec<Word>,
    /// What is never masked where it is a whole string: what kind of event it is, and which.
    kept: Vec<String>,
    quotes: Quotes,
}

/// What of a text in quotes is masked although it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Quotes {
    /// Nothing.
    #[default]
    Known,
    /// What has no end: of a name that is cut off there nobody knows the rest.
    Cut(Masked),
    /// Everything.
    All(Masked),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    field: Masked,
    /// What it stands for.
    value: String,
    text: String,
    /// Lower case, where case does not matter.
    folded: Vec<char>,
}

/// Names of members that hold a person.
const PEOPLE: [&str; 4] = ["user", "member", "invitee", "createdby"];
/// Names of members that hold the e-mail address, the name, or the identifier of the person that they are in.
const EMAIL: [&str; 5] = ["email", "emailaddr", "emailaddress", "mail", "userprincipalname"];
const NAME: [&str; 4] = ["name", "displayname", "fullname", "username"];
const ID: [&str; 2] = ["id", "uid"];
/// Ends of names of members that hold the name or the identifier of some person, wherever they stand.
const SOMEBODY: [&str; 3] = ["username", "userdisplayname", "membername"];
const SOMEBODYS_ID: [&str; 2] = ["userid", "memberid"];

impl Known {
    /// Of an event: who did it, to whom or what, and whom its record names beside.
    pub(super) fn of(fields: &[Masked], event: &Event) -> Self {
        let mut known = Self::default();
        known.event(fields, event);
        known.kept = [&event.id, &event.action].into_iter().chain(&event.category).cloned().collect();
        known
    }

    /// What such an event tells, in addition.
    pub(super) fn event(&mut self, fields: &[Masked], event: &Event) {
        let seen = activity_of!(types, event, None::<&Network>);
        self.add(fields, Masked::UserEmail, seen.actor.email);
        self.add(fields, Masked::UserName, seen.actor.name);
        self.add(fields, Masked::UserId, seen.actor.id);
        self.add(fields, Masked::IpAddress, seen.ip);
        if seen.object.is_user() {
            self.add(fields, Masked::UserName, seen.object.name);
            self.add(fields, Masked::UserId, seen.object.id);
        } else {
            self.add(fields, Masked::ObjectName, seen.object.name);
        }
        self.people(fields, &event.record);
    }

    /// Somebody may be named whom nobody knows.
    pub(super) fn doubt(&mut self, fields: &[Masked]) {
        self.quotes = named(fields).map_or(Quotes::Known, Quotes::All);
    }

    /// What the story of an alert tells, in addition.
    pub(super) fn story(&mut self, fields: &[Masked], story: &Story) {
        self.quotes = named(fields).map_or(Quotes::Known, Quotes::Cut);
        self.add(fields, Masked::UserEmail, story.who.email.as_deref());
        self.add(fields, Masked::UserName, story.who.name.as_deref());
        self.add(fields, Masked::UserId, story.who.id.as_deref());
        for address in &story.addresses {
            self.add(fields, Masked::IpAddress, Some(address));
        }
    }

    /// The people that a JSON text names, in addition; of what is no JSON none.
    pub(super) fn people(&mut self, fields: &[Masked], json: &str) {
        if let Ok(value) = serde_json::from_str(json) {
            self.within(fields, "", &value);
        }
    }

    /// Who a line of CEF says that it was.
    pub(super) fn suser(&mut self, fields: &[Masked], line: &str) {
        let Some((_, rest)) = line.split_once(" suser=") else { return };
        let raw = rest.split_once(" destinationServiceName=").map_or(rest, |(who, _)| who);
        let who = unescaped(raw).map_or_else(|| raw.to_owned(), |plain| plain.text);
        for field in [Masked::UserName, Masked::UserId] {
            self.add(fields, field, Some(&who));
        }
    }

    /// What is no value of anybody, in addition.
    pub(super) fn keep(&mut self, text: &str) {
        self.kept.push(text.to_owned());
    }

    /// Whether this whole string is never masked.
    pub(super) fn keeps(&self, text: &str) -> bool {
        self.kept.iter().any(|kept| kept == text)
    }

    fn within(&mut self, fields: &[Masked], name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                if is_person(name, members) {
                    self.person(fields, members);
                }
                for (name, value) in members {
                    let plain = plain(name);
                    let text = scalar(value);
                    if SOMEBODY.iter().any(|end| plain.ends_with(end)) {
                        self.add(fields, Masked::UserName, text.as_deref());
                    }
                    if SOMEBODYS_ID.iter().any(|end| plain.ends_with(end)) {
                        self.add(fields, Masked::UserId, text.as_deref());
                    }
                    self.within(fields, &plain, value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.within(fields, name, item)),
            Value::String(text) if text.trim_start().starts_with(['{', '[']) => self.people(fields, text),
            _ => {}
        }
    }

    fn person(&mut self, fields: &[Masked], members: &Map<String, Value>) {
        for (name, value) in members {
            let (name, text) = (plain(name), scalar(value));
            for (names, field) in [(&EMAIL[..], Masked::UserEmail), (&NAME[..], Masked::UserName), (&ID[..], Masked::UserId)] {
                if names.contains(&name.as_str()) {
                    self.add(fields, field, text.as_deref());
                }
            }
        }
    }

    fn add(&mut self, fields: &[Masked], field: Masked, text: Option<&str>) {
        let Some(value) = text.map(str::trim).filter(|text| !text.is_empty()) else { return };
        if !fields.contains(&field) || self.words.iter().any(|word| word.field == field && word.text == value) {
            return;
        }
        self.word(field, value, value);
        let shown = quoted(text.unwrap_or_default());
        let shown = shown.trim_matches(['“', '”']).trim();
        if shown != value {
            self.word(field, value, shown);
        }
    }

    fn word(&mut self, field: Masked, value: &str, text: &str) {
        let folded = if field == Masked::UserId { text.chars().collect() } else { text.chars().flat_map(char::to_lowercase).collect() };
        self.words.push(Word { field, value: value.to_owned(), text: text.to_owned(), folded });
    }

    /// Finds all of it in a text, where it stands as words of its own.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Hit>) {
        if text.is_ascii() {
            self.words.iter().for_each(|word| ascii(text.as_bytes(), word, found));
            return;
        }
        let plain: Vec<(char, usize)> = text.char_indices().map(|(at, c)| (c, at)).collect();
        let mut folded = None;
        for word in &self.words {
            let chars = match word.field {
                Masked::UserId => &plain,
                _ => folded.get_or_insert_with(|| plain.iter().flat_map(|(c, at)| c.to_lowercase().map(|c| (c, *at))).collect::<Vec<_>>()),
            };
            occurrences(chars, text.len(), word, found);
        }
        self.quotes(text, found);
    }

    /// What stands in quotes and may be anybody.
    fn quotes(&self, text: &str, found: &mut Vec<Hit>) {
        let (Quotes::Cut(field) | Quotes::All(field)) = self.quotes else { return };
        for (at, quote) in text.match_indices('“') {
            let from = at + quote.len();
            let rest = text.get(from..).unwrap_or_default();
            let cut = matches!(self.quotes, Quotes::Cut(_));
            // What is quoted holds no such signs: it ends at one, and was cut off where that does not close it.
            let end = rest.find(|c| matches!(c, '“' | '”') || cut && c == '\n').unwrap_or(rest.len());
            if cut && rest.get(end..).is_some_and(|rest| rest.starts_with('”')) {
                continue;
            }
            if let Some(value) = rest.get(..end).filter(|value| !value.is_empty()) {
                found.push(Hit { range: from..from + end, field, value: value.to_owned() });
            }
        }
    }
}

/// The same as [`occurrences`] in a text without other signs, as nearly all are: nothing is built.
fn ascii(text: &[u8], word: &Word, found: &mut Vec<Hit>) {
    if !word.text.is_ascii() || text.len() < word.text.len() {
        return;
    }
    let sought = word.text.as_bytes();
    let same = |window: &[u8]| if word.field == Masked::UserId { window == sought } else { window.eq_ignore_ascii_case(sought) };
    let apart = |near: Option<&u8>, edge: Option<&u8>| {
        !(near.is_some_and(|c| joins(char::from(*c))) && edge.is_some_and(|c| joins(char::from(*c))))
    };
    for (start, window) in text.windows(sought.len()).enumerate().filter(|(_, window)| same(window)) {
        let end = start + window.len();
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        if apart(before, window.first()) && apart(text.get(end), window.last()) {
            found.push(Hit { range: start..end, field: word.field, value: word.value.clone() });
        }
    }
}

fn occurrences(chars: &[(char, usize)], end: usize, word: &Word, found: &mut Vec<Hit>) {
    let (Some(first), Some(last), length) = (word.folded.first(), word.folded.last(), word.folded.len()) else { return };
    for (from, window) in chars.windows(length).enumerate() {
        if window.first().is_none_or(|(c, _)| c != first) || !window.iter().map(|(c, _)| c).eq(&word.folded) {
            continue;
        }
        let before = from.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(from + length);
        let start = window.first().map_or(0, |(_, at)| *at);
        let stop = after.map_or(end, |(_, at)| *at);
        // What one sign becomes in lower case stays together.
        let whole = before.is_none_or(|(c, at)| *at < start && !(joins(*c) && joins(*first)))
            && after.is_none_or(|(c, at)| window.last().is_some_and(|(_, last)| at > last) && !(joins(*c) && joins(*last)));
        if whole {
            found.push(Hit { range: start..stop, field: word.field, value: word.value.clone() });
        }
    }
}

/// Whether a sign makes one word with its neighbour. Scripts from there on write words without spaces.
fn joins(c: char) -> bool {
    c == '_' || (c.is_alphanumeric() && u32::from(c) < 0x2E80)
}

/// What somebody counts as of whom nothing is known. None where only what its form gives away is masked.
fn named(fields: &[Masked]) -> Option<Masked> {
    [Masked::UserName, Masked::ObjectName, Masked::UserEmail, Masked::UserId].into_iter().find(|field| fields.contains(field))
}

fn is_person(name: &str, members: &Map<String, Value>) -> bool {
    let kind = members.get("type").and_then(Value::as_str);
    let holds = |value: &Value| value.as_str().is_some_and(|text| text.contains('@'));
    PEOPLE.contains(&name)
        || kind.is_some_and(|kind| kind.eq_ignore_ascii_case("user"))
        || members.iter().any(|(name, value)| EMAIL.contains(&plain(name).as_str()) && holds(value))
}

/// The name of a member in one writing: `user_id`, `userId` and `UserID` are one.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
