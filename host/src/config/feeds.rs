//! `[enrich]` and `[[threat-list]]`: files about addresses that somebody else keeps up to date.

use std::path::PathBuf;

use super::{
    EnrichConfig, ListConfig,
    document::Document,
    range::tag,
    section::{Entry, Section},
    source::name,
};
use crate::model::ListName;

const NAME: &str = "write a name of 1 to 64 letters, digits, '_' or '-', like name = \"tor-exits\"";
const PATH: &str = "name a file with one address or CIDR block a line, like path = \"tor.txt\"";
const TAG: &str = "say what its addresses are, like tag = \"tor\"";

impl EnrichConfig {
    /// What its feeds are called.
    pub fn feeds(&self) -> Vec<String> {
        let databases = [("city", &self.city), ("country", &self.country), ("asn", &self.asn)];
        let databases = databases.into_iter().filter(|(_, path)| path.is_some()).map(|(name, _)| name.to_owned());
        databases.chain(self.lists.iter().map(ListConfig::feed)).chain(self.standing.feeds()).collect()
    }

    /// Whether the host fetches this one by itself.
    pub fn is_fetched(&self, feed: &str) -> bool {
        self.fetched.iter().any(|each| each == feed)
    }
}

/// Reads both; what is wrong is noted. The ranges are read elsewhere.
pub(super) fn feeds(document: &Document, root: &Section<'_>, lists: &[Entry<'_>]) -> Option<EnrichConfig> {
    let databases = databases(document, root);
    let read: Vec<_> = lists.iter().map(|entry| list(document, entry)).collect();
    let mut known: Vec<(ListName, usize)> = Vec::new();
    let mut clash = false;
    for (list, entry) in read.iter().flatten() {
        let line = document.line(entry.span.start);
        match known.iter().find(|(name, _)| *name == list.name) {
            Some((_, there)) => {
                clash = true;
                entry.note(format_args!("is also that of the list on line {there}"), "give each list a name of its own");
            }
            None => known.push((list.name.clone(), line)),
        }
    }
    let lists = read.into_iter().map(|read| read.map(|(list, _)| list)).collect::<Option<Vec<_>>>();
    if clash { None } else { Some(EnrichConfig { lists: lists?, ..databases? }) }
}

fn databases(document: &Document, root: &Section<'_>) -> Option<EnrichConfig> {
    let Some(mut entry) = root.entry("enrich") else { return Some(EnrichConfig::default()) };
    entry.label = "[enrich]".to_owned();
    let section = entry.table(&["city", "country", "asn"], "write [enrich] on a line of its own and its keys below")?;
    let database = |key: &str, like: &str| {
        let help = format!("name a database in MaxMind's format, like {key} = \"{like}\"");
        match section.entry(key) {
            None => Some(None),
            Some(entry) => file(document, &entry, &help).map(Some),
        }
    };
    let city = database("city", "GeoLite2-City.mmdb");
    let country = database("country", "GeoLite2-Country.mmdb");
    let asn = database("asn", "GeoLite2-ASN.mmdb");
    Some(EnrichConfig { city: city?, country: country?, asn: asn?, ..EnrichConfig::default() })
}

/// Reads one; what is wrong is noted. With it, where its name stands.
fn list<'a>(document: &Document, entry: &Entry<'a>) -> Option<(ListConfig, Entry<'a>)> {
    let section = entry.table(&["name", "path", "tag"], "write [[threat-list]] on a line of its own and its keys below")?;
    let required = |key: &str, help: &str| {
        if section.entry(key).is_none() {
            section.missing(key, help);
        }
        section.text(key, help)
    };
    let name = required("name", NAME).and_then(|(text, entry)| Some((name::<ListName>(text, &entry)?, entry)));
    let path = required("path", PATH).and_then(|(_, entry)| file(document, &entry, PATH));
    let tag = required("tag", TAG).and_then(|(text, entry)| tag(text, &entry));
    let (name, at) = name?;
    Some((ListConfig { name, path: path?, tag: tag? }, at))
}

/// A file that is there.
pub(super) fn file(document: &Document, entry: &Entry<'_>, help: &str) -> Option<PathBuf> {
    let path = document.path(entry.text(help)?);
    if path.is_file() {
        return Some(path);
    }
    let help = format!("{help}; a relative path starts at the folder of this file");
    entry.note(format!("names {}, which is no file", path.display()), help);
    None
}
