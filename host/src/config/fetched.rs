//! `[[feed]]`: what the host fetches by itself, of what the catalogue knows.

use std::{path::Path, time::Duration};

use toml::de::DeValue;
use url::Url;

use super::{
    EnrichConfig, ListConfig,
    document::Document,
    section::{Entry, Section, listed, nearest},
    settings::duration,
    source::origins,
};
use crate::{
    egress::Origin,
    feeds::{
        catalogue::{Gives, Publication},
        filled, folder,
    },
};

const KEYS: [&str; 6] = ["name", "licence", "url", "allow", "every", "fetch"];
const NAME: &str = "write name = \"tor\"; `miro-source feeds list` shows what there is";
const ADDRESS: &str =
    "write the whole address, like url = \"https://mirror.example/tor.txt\"; {part} and {month} in it are filled in (dbip-{part}-{month})";
const ALLOW: &str = "write the origins that it may be fetched from, like allow = [\"https://mirror.example\"]";
const MONTH: &str = "2026-03";

/// `[[feed]]`
#[derive(Clone, Debug)]
pub struct FeedConfig {
    /// `name`: one of the catalogue. `licence` says that its terms are agreed to, where something is to be agreed to.
    pub publication: &'static Publication,
    /// `url`: where it is, for a mirror; `{part}` and `{month}` are filled in. Default the publisher's.
    pub url: String,
    /// `allow`: the origins that may be reached for it. Default that of `url`. Never empty.
    pub allow: Vec<Origin>,
    /// `every`: how often it is looked for, a minute to 90 days. Default as often as it changes.
    pub every: Duration,
    /// `fetch`: `false` where it is only ever imported. Default `true`.
    pub fetch: bool,
}

/// Reads all of them; what is wrong is noted. `enrich`: the files that the operator names, of which none may be fetched too.
pub(super) fn fetched(document: &Document, entries: &[Entry<'_>], enrich: Option<&EnrichConfig>) -> Option<Vec<FeedConfig>> {
    let mut known: Vec<(&str, usize)> = Vec::new();
    let each = entries.iter().map(|entry| {
        let read = feed(document, entry, enrich)?;
        let (name, line) = (read.publication.name, document.line(entry.span.start));
        if let Some((_, there)) = known.iter().find(|(other, _)| *other == name) {
            entry.note(format_args!("asks for \"{name}\", and so does the one on line {there}"), "remove one of them");
            return None;
        }
        known.push((name, line));
        Some(read)
    });
    each.collect::<Vec<_>>().into_iter().collect()
}

fn feed(document: &Document, entry: &Entry<'_>, enrich: Option<&EnrichConfig>) -> Option<FeedConfig> {
    let section = entry.table(&KEYS, "write [[feed]] on a line of its own and its keys below")?;
    if section.entry("name").is_none() {
        section.missing("name", NAME);
    }
    let publication = section.text("name", NAME).and_then(|(text, entry)| named(text, &entry));
    let address = match section.entry("url") {
        None => Some(None),
        Some(entry) => address(&entry).map(Some),
    };
    let allow = match section.entry("allow") {
        None => Some(None),
        Some(entry) => allow(&entry).map(Some),
    };
    let within = Duration::from_secs(60)..=Duration::from_secs(90 * 24 * 3600);
    let every = match section.entry("every") {
        None => Some(None),
        Some(entry) => duration(&entry, within, "a duration of a minute to 90 days", "write it like every = \"6h\"").map(Some),
    };
    let fetch = match section.entry("fetch").map(|entry| (entry.value, entry)) {
        None => Some(true),
        Some((DeValue::Boolean(fetch), _)) => Some(*fetch),
        Some((_, entry)) => {
            entry.wrong("true or false", "write fetch = false where it is only ever brought by `miro-source feeds import`");
            None
        }
    };
    let publication = publication?;
    let agreed = agreed(&section, publication);
    let free = free(document, entry, publication, enrich);
    let url = address?.unwrap_or_else(|| publication.url.to_owned());
    let allow = match allow? {
        Some(allow) => allow,
        None => vec![origin(&url, publication)?],
    };
    let every = every?.unwrap_or(publication.every);
    (agreed? && free).then_some(FeedConfig { publication, url, allow, every, fetch: fetch? })
}

fn named(text: &str, entry: &Entry<'_>) -> Option<&'static Publication> {
    let names = Publication::names();
    let publication = Publication::of(text);
    if publication.is_none() {
        let help = match nearest(text, &names) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "`miro-source feeds list` shows what each is; a file of your own is a [[threat-list]]".to_owned(),
        };
        entry.wrong(&format!("one of {}", listed(&names)), help);
    }
    publication
}

/// Whether the terms are agreed to, where something must be said for that.
fn agreed(section: &Section<'_>, publication: &Publication) -> Option<bool> {
    let licence = &publication.licence;
    let help = format!("write licence = \"{}\" once its terms suit you ({}): {}", licence.name, licence.url, licence.terms);
    match section.entry("licence") {
        None if licence.attribution.is_none() => Some(true),
        None => {
            section.missing("licence", &help);
            None
        }
        Some(entry) if entry.text(&help)? == licence.name => Some(true),
        Some(entry) => {
            entry.wrong(&format!("\"{}\"", licence.name), help);
            None
        }
    }
}

/// Whether nothing else takes the place of its files.
fn free(document: &Document, entry: &Entry<'_>, publication: &Publication, enrich: Option<&EnrichConfig>) -> bool {
    let Some(enrich) = enrich else { return true };
    let taken = publication.parts.iter().find_map(|part| match part.gives {
        Gives::City => enrich.city.as_ref().map(|_| "`city` in [enrich]".to_owned()),
        Gives::Asn => enrich.asn.as_ref().map(|_| "`asn` in [enrich]".to_owned()),
        Gives::Tag(_) => {
            enrich.lists.iter().find(|list| list.name.as_str() == part.name).map(|list| format!("the [[threat-list]] \"{}\"", list.name))
        }
    });
    if let Some(other) = &taken {
        let what = format!("{} asks for \"{}\", whose place {other} has", entry.label, publication.name);
        document.note(&entry.span, what, "remove one of them: a file of your own is not fetched, and a fetched one is not yours");
    }
    taken.is_none()
}

/// An address that can be asked, for any part and month.
fn address(entry: &Entry<'_>) -> Option<String> {
    let text = entry.text(ADDRESS)?;
    // Never repeated: it may hold a password or a token.
    match Url::parse(&filled(text, "city", MONTH)) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            entry.note("holds a user or a password", "leave it out: a feed is fetched without");
            None
        }
        Ok(url) if url.origin().ascii_serialization().parse::<Origin>().is_ok() => Some(text.to_owned()),
        Ok(_) => {
            entry.note("is not https", "use https; http is for loopback only (127.0.0.1, [::1], localhost)");
            None
        }
        Err(why) => {
            entry.note(format_args!("is no address: {why}"), ADDRESS);
            None
        }
    }
}

fn allow(entry: &Entry<'_>) -> Option<Vec<Origin>> {
    let origins = origins(entry, ALLOW)?;
    if origins.is_empty() {
        entry.note("is empty: nothing could be fetched", "leave it out, or write fetch = false");
        return None;
    }
    Some(origins)
}

fn origin(url: &str, publication: &Publication) -> Option<Origin> {
    let part = publication.parts.first()?;
    Url::parse(&filled(url, part.name, MONTH)).ok()?.origin().ascii_serialization().parse().ok()
}

/// The files of what is fetched, beside those that the operator names.
pub(super) fn join(mut enrich: EnrichConfig, fetched: &[FeedConfig], database: &Path) -> EnrichConfig {
    for part in fetched.iter().flat_map(|each| each.publication.parts) {
        let path = folder(database).join(part.file);
        match part.gives {
            Gives::City => enrich.city = Some(path),
            Gives::Asn => enrich.asn = Some(path),
            // A part's name is a name.
            Gives::Tag(tag) => enrich.lists.extend(part.name.parse().ok().map(|name| ListConfig { name, path, tag: tag.to_owned() })),
        }
        enrich.fetched.push(part.feed());
    }
    enrich
}
