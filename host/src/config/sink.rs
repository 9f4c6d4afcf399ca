//! `[[sink]]`: where events go, whose, and in which form.

use std::{collections::BTreeMap, ops::Range};

use toml::de::DeValue;

use super::{
    Format, SearchConfig, SinkConfig, SinkKind, SumoConfig,
    document::Document,
    excerpt::quoted,
    mask::mask,
    reference::reference,
    section::{Entry, Section},
    settings::choice,
    sieve::sieve,
    source::name,
    units,
};
use crate::{
    alert::AlertFormat,
    egress::endpoint::endpoint,
    model::{SinkName, SourceName},
};

const ANY: &[&str] = &["name", "type", "sources", "format", "alerts", "health", "max_rate", "keep", "drop", "mask"];
const FILE: &[&str] = &["name", "type", "sources", "format", "alerts", "health", "max_rate", "keep", "drop", "mask", "path"];
const SUMO: &[&str] = &[
    "name",
    "type",
    "sources",
    "format",
    "alerts",
    "health",
    "max_rate",
    "keep",
    "drop",
    "mask",
    "url",
    "token",
    "source_name",
    "category",
    "alert_category",
    "host",
    "fields",
    "batch_bytes",
    "access_id",
    "access_key",
    "api_url",
];
const NAME: &str = "write a name of 1 to 64 letters, digits, '_' or '-', like name = \"sumo\"";
const WANTED: &str = "name the sources whose events it gets, like sources = [\"acme\"]";
const TYPE: &str = "write type = \"sumo\", type = \"file\" or type = \"stdout\"";

/// The most that Sumo Logic takes uncompressed in one request without cutting.
const LARGEST_BATCH: u64 = 1_000_000;

/// A sink whose sources are still only names.
pub(super) struct Sunk {
    pub(super) config: SinkConfig,
    pub(super) name_span: Range<usize>,
    /// What stands in `sources`. None where it was left out.
    pub(super) wanted: Option<Vec<(SourceName, Range<usize>)>>,
    /// Where to say that `sources` is missing.
    pub(super) span: Range<usize>,
}

#[derive(Clone, Copy)]
enum Kind {
    Sumo,
    File,
    Stdout,
}

/// Reads one; what is wrong is noted.
pub(super) fn sink(document: &Document, entry: &Entry<'_>) -> Option<Sunk> {
    const SECTION: &str = "write [[sink]] on a line of its own and its keys below";
    let kind = match entry.free_table(SECTION)?.text("type", TYPE) {
        Some((text, entry)) => choice(text, &entry, &[("sumo", Kind::Sumo), ("file", Kind::File), ("stdout", Kind::Stdout)]),
        None => {
            let section = entry.free_table(SECTION)?;
            if section.entry("type").is_none() {
                section.missing("type", TYPE);
            }
            None
        }
    };
    let of = |word: &str| entry.labelled(format!("[[sink]] of type \"{word}\""));
    let section = match kind {
        Some(Kind::Sumo) => of("sumo").table(SUMO, SECTION)?,
        Some(Kind::File) => of("file").table(FILE, SECTION)?,
        Some(Kind::Stdout) => of("stdout").table(ANY, SECTION)?,
        // Without a type, which keys are right is anybody's guess.
        None => entry.free_table(SECTION)?,
    };
    let name = match section.text("name", NAME) {
        Some((text, entry)) => name::<SinkName>(text, &entry).map(|name| (name, entry.span)),
        None => {
            if section.entry("name").is_none() {
                section.missing("name", NAME);
            }
            None
        }
    };
    let wanted = optional(section.entry("sources"), |entry| wanted(entry, WANTED, "this sink would get nothing"));
    let format = match section.entry("format") {
        None => Some(Format::Record),
        Some(entry) => entry
            .text("write format = \"record\" or format = \"ocsf\"")
            .and_then(|text| choice(text, &entry, &[("record", Format::Record), ("ocsf", Format::Ocsf)])),
    };
    let alerts = optional(section.entry("alerts"), alerts);
    let max_rate = optional(section.entry("max_rate"), max_rate);
    let sieve = sieve(&section);
    let mask = mask(&section);
    let health = optional(section.entry("health"), |entry| {
        truth(entry, "write health = false where it is to get no health events, or leave it out")
    });
    let kind = kind?;
    // Whoever reads events from standard output did not ask for anything else there.
    let plain = matches!(kind, Kind::Stdout);
    let usual = if plain { None } else { Some(AlertFormat::Ocsf) };
    let kind = match kind {
        Kind::Sumo => sumo(&section).map(SinkKind::Sumo),
        Kind::File => {
            let help = "name the file, like path = \"events.ndjson\"";
            if section.entry("path").is_none() {
                section.missing("path", help);
            }
            section.text("path", help).map(|(text, _)| SinkKind::File { path: document.path(text) })
        }
        Kind::Stdout => Some(SinkKind::Stdout),
    };
    let (name, name_span) = name?;
    let wanted = wanted.ok()?;
    let alerts = match alerts.ok()? {
        Some(Alerts(wanted)) => wanted,
        None => usual,
    };
    let health = health.ok()?.unwrap_or(!plain);
    let (max_rate, sieve, mask) = (max_rate.ok()?, sieve.ok()?, mask.ok()?);
    let config =
        SinkConfig { name, sources: Vec::new(), lost: Vec::new(), format: format?, alerts, max_rate, sieve, mask, health, kind: kind? };
    Some(Sunk { config, name_span, wanted, span: section.span })
}

fn max_rate(entry: &Entry<'_>) -> Option<u64> {
    const HELP: &str = "write it like max_rate = \"1MB/min\", or leave it out to send as much as there is";
    const LEAST: u64 = 10_000;
    match units::rate(entry.text(HELP)?) {
        Ok(rate @ LEAST..) => Some(rate),
        _ => {
            entry.wrong("a rate of at least 10 kB a minute", HELP);
            None
        }
    }
}

/// `true` or `false`.
pub(super) fn truth(entry: &Entry<'_>, help: &str) -> Option<bool> {
    if let DeValue::Boolean(value) = entry.value {
        return Some(*value);
    }
    entry.wrong("true or false", help);
    None
}

/// What `alerts` says: as what it gets them, if at all.
struct Alerts(Option<AlertFormat>);

fn alerts(entry: &Entry<'_>) -> Option<Alerts> {
    const HELP: &str = "write alerts = \"ocsf\", alerts = \"cef\", or alerts = false";
    if let DeValue::Boolean(false) = entry.value {
        return Some(Alerts(None));
    }
    let format = choice(entry.text(HELP)?, entry, &[("ocsf", AlertFormat::Ocsf), ("cef", AlertFormat::Cef)])?;
    Some(Alerts(Some(format)))
}

/// The names of sources, one at least. `means`: what none would mean.
pub(super) fn wanted(entry: &Entry<'_>, help: &str, means: &str) -> Option<Vec<(SourceName, Range<usize>)>> {
    let texts = entry.texts(help)?;
    if texts.is_empty() {
        entry.note(format!("is empty: {means}"), help);
        return None;
    }
    let each = texts.into_iter().map(|(text, entry)| name::<SourceName>(text, &entry).map(|name| (name, entry.span)));
    each.collect::<Vec<_>>().into_iter().collect()
}

fn sumo(section: &Section<'_>) -> Option<SumoConfig> {
    let url = match section.entry("url") {
        Some(entry) => reference(&entry),
        None => {
            section.missing(
                "url",
                "say where the URL of the HTTP Source is, like url = { env = \"SUMO_HTTP_SOURCE_URL\" }; the URL is a credential",
            );
            None
        }
    };
    let token = optional(section.entry("token"), reference);
    let source_name = header(section, "source_name", 128);
    let category = header(section, "category", 1024);
    let alert_category = header(section, "alert_category", 1024);
    let host = header(section, "host", 128);
    let fields = optional(section.entry("fields"), fields);
    let batch_bytes = optional(section.entry("batch_bytes"), batch_bytes);
    let search = search(section);
    if let (Ok(Some(_)), None, None, None) = (&search, section.entry("category"), section.entry("source_name"), section.entry("host")) {
        section.missing("category", "say by what the events are found, like category = \"miro\"");
    }
    Some(SumoConfig {
        url: url?,
        token: token.ok()?,
        source_name: source_name.ok()?,
        category: category.ok()?,
        alert_category: alert_category.ok()?,
        host: host.ok()?,
        fields: fields.ok()?.unwrap_or_default(),
        batch_bytes: batch_bytes.ok()?.unwrap_or(LARGEST_BATCH as usize),
        search: search.ok()?.map(Box::new),
    })
}

/// The access key of an account at Sumo Logic, of which both halves or none are given.
fn search(section: &Section<'_>) -> Result<Option<SearchConfig>, Noted> {
    const HELP: &str = "an access key of Sumo Logic has two halves: access_id = { env = \"SUMO_ACCESS_ID\" } and access_key = { env = \"SUMO_ACCESS_KEY\" }";
    let access_id = optional(section.entry("access_id"), reference)?;
    let access_key = optional(section.entry("access_key"), reference)?;
    let api_url = optional(section.entry("api_url"), |entry| {
        const HELP: &str = "write the API endpoint of the deployment, like api_url = \"https://api.eu.sumologic.com\"";
        let url = endpoint(entry.text(HELP)?);
        url.map_err(|why| entry.note(format!("cannot be used: {why}"), HELP)).ok()
    })?;
    match (access_id, access_key) {
        (Some(access_id), Some(access_key)) => Ok(Some(SearchConfig { access_id, access_key, api_url })),
        (None, None) => Ok(None),
        (given, _) => {
            section.missing(if given.is_some() { "access_key" } else { "access_id" }, HELP);
            Err(Noted)
        }
    }
}

/// A mistake that has been noted in the document.
pub(super) struct Noted;

/// A key that may be left out.
pub(super) fn optional<'a, T>(entry: Option<Entry<'a>>, read: impl FnOnce(&Entry<'a>) -> Option<T>) -> Result<Option<T>, Noted> {
    entry.map(|entry| read(&entry).ok_or(Noted)).transpose()
}

/// A text that becomes an HTTP header.
fn header(section: &Section<'_>, key: &str, longest: usize) -> Result<Option<String>, Noted> {
    optional(section.entry(key), |entry| {
        let text = entry.text(&format!("leave {key} out, or write it like {key} = \"miro\""))?;
        if let Some(odd) = text.chars().find(|c| !(' '..='~').contains(c)) {
            entry.note(
                format!("holds the character U+{:04X}, which an HTTP header cannot carry", u32::from(odd)),
                "use letters, digits, spaces and ASCII punctuation on one line",
            );
            return None;
        }
        if text.trim() != text {
            entry.note("begins or ends with a space, which an HTTP header loses", "remove it");
            return None;
        }
        if text.len() > longest {
            entry.note(format!("has {} characters; Sumo Logic takes at most {longest}", text.len()), "shorten it");
            return None;
        }
        Some(text.to_owned())
    })
}

fn fields(entry: &Entry<'_>) -> Option<BTreeMap<String, String>> {
    const MOST: usize = 30;
    let table = entry.free_table("write it like fields = { environment = \"production\" }")?;
    let entries = table.entries();
    if entries.len() > MOST {
        entry.note(format!("has {} fields; Sumo Logic takes at most {MOST} with a request", entries.len()), "remove some");
        return None;
    }
    let each = entries.into_iter().map(|(key, span, entry)| {
        let unfit = |text: &str| match text.chars().find(|c| !(' '..='~').contains(c) || *c == ',' || *c == '=') {
            Some(odd) if odd.is_ascii_graphic() => Some(format!("`{odd}`")),
            Some(odd) => Some(format!("the character U+{:04X}", u32::from(odd))),
            None => (text.trim() != text).then(|| "a space at its begin or end".to_owned()),
        };
        let plain = "use ASCII on one line, without commas, equals signs, or spaces around it";
        if let Some(odd) = unfit(key) {
            let what = format!("the field name {} in {} holds {odd}, which X-Sumo-Fields cannot carry", quoted(key), table.title);
            entry.document.note(&span, what, plain);
            return None;
        }
        if key.is_empty() || key.len() > 255 {
            let what = format!("a field name in {} has {} characters; Sumo Logic takes 1 to 255", table.title, key.len());
            entry.document.note(&span, what, "write a name such as environment");
            return None;
        }
        let value = match entry.value {
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            _ => entry.text("write a text, like environment = \"production\", or leave the field out")?.to_owned(),
        };
        if value.len() > 200 {
            entry.note(format!("has {} characters; Sumo Logic takes at most 200 for the value of a field", value.len()), "shorten it");
            return None;
        }
        if let Some(odd) = unfit(&value) {
            entry.note(format!("holds {odd}, which X-Sumo-Fields cannot carry"), plain);
            return None;
        }
        Some((key.to_owned(), value))
    });
    each.collect::<Vec<_>>().into_iter().collect()
}

fn batch_bytes(entry: &Entry<'_>) -> Option<usize> {
    const HELP: &str = "write it like batch_bytes = \"900kB\", or leave it out for 1 MB";
    let size = match entry.value {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        _ => units::size(entry.text(HELP)?).ok(),
    };
    match size {
        Some(size @ 1_000..=LARGEST_BATCH) => usize::try_from(size).ok(),
        _ => {
            entry.wrong("a size from 1 kB to 1,000,000 bytes", HELP);
            None
        }
    }
}
