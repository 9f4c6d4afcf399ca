//! `mask` of a sink: what it gets as pseudonyms, in the words that filters ask in.

use std::fmt;

use toml::de::DeValue;

use super::{
    section::{Entry, Section},
    settings::choice,
    sink::{Noted, optional},
};

const HELP: &str = "write mask = [\"user.name\", \"user.email\", \"user.id\", \"ip.address\"], or leave it out";

/// What a sink gets as pseudonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Masked {
    /// The display names of people.
    UserName,
    /// E-mail addresses, whoever's and wherever.
    UserEmail,
    /// The vendor's identifiers of people.
    UserId,
    /// Addresses of the Internet Protocol, wherever.
    IpAddress,
    /// The name of what was acted upon, where that is nobody.
    ObjectName,
}

impl Masked {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::UserName, Self::UserEmail, Self::UserId, Self::IpAddress, Self::ObjectName];

    /// Its word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserName => "user.name",
            Self::UserEmail => "user.email",
            Self::UserId => "user.id",
            Self::IpAddress => "ip.address",
            Self::ObjectName => "object.name",
        }
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What people call these elsewhere: in Miro's records, in OCSF, and in short.
const ELSEWHERE: &[(&str, Masked)] = &[
    ("user", Masked::UserName),
    ("name", Masked::UserName),
    ("username", Masked::UserName),
    ("createdBy.name", Masked::UserName),
    ("email", Masked::UserEmail),
    ("mail", Masked::UserEmail),
    ("createdBy.email", Masked::UserEmail),
    ("id", Masked::UserId),
    ("createdBy.id", Masked::UserId),
    ("ip", Masked::IpAddress),
    ("address", Masked::IpAddress),
    ("context.ip", Masked::IpAddress),
    ("object", Masked::ObjectName),
    ("board", Masked::ObjectName),
    ("board.name", Masked::ObjectName),
];

/// Reads the key; what is wrong is noted. In the order of [`Masked::ALL`], whatever the order it is written in.
pub(super) fn mask(section: &Section<'_>) -> Result<Vec<Masked>, Noted> {
    optional(section.entry("mask"), fields).map(Option::unwrap_or_default)
}

fn fields(entry: &Entry<'_>) -> Option<Vec<Masked>> {
    let DeValue::Array(_) = entry.value else {
        entry.wrong("a list of names", HELP);
        return None;
    };
    let texts = entry.texts(HELP)?;
    if texts.is_empty() {
        entry.note("is empty: nothing would be masked", HELP);
        return None;
    }
    let each = texts.into_iter().map(|(text, entry)| field(text, &entry));
    let mut fields = each.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()?;
    fields.sort_unstable();
    fields.dedup();
    Some(fields)
}

fn field(text: &str, entry: &Entry<'_>) -> Option<Masked> {
    if let Some((_, field)) = ELSEWHERE.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        let also = if text.eq_ignore_ascii_case("user") { ", and \"user.email\" and \"user.id\" for all of a person" } else { "" };
        entry.wrong("what filters call it", format!("did you mean \"{field}\"{also}?"));
        return None;
    }
    choice(text, entry, &Masked::ALL.map(|field| (field.as_str(), field)))
}
