//! `[[range]]`: what addresses are to the operator.

mod join;

use std::ops::Range;

use ipnet::IpNet;
use toml::de::DeValue;

pub(super) use self::join::join;
use super::{
    Category, Place, RangeConfig,
    section::{Entry, Section},
    settings::choice,
    sink::{optional, wanted},
};
use crate::{enrich::block, model::SourceName};

const KEYS: &[&str] = &["name", "addresses", "category", "tags", "isp", "country", "city", "latitude", "longitude", "sources"];
const NAME: &str = "give it a name that people know it by, like name = \"Lisbon office\"";
const ADDRESSES: &str = "write addresses and CIDR blocks, like addresses = [\"198.51.100.0/24\", \"2001:db8::/32\"]";
const CATEGORY: &str = "write it like category = \"corporate\"";
const TAGS: &str = "write words, like tags = [\"lisbon\", \"guest-wifi\"]";
const COUNTRY: &str = "write the two letters of ISO 3166-1, like country = \"PT\"";
const SOURCES: &str = "name the sources whose events it is about, like sources = [\"acme\"]";

/// The longest text of people that is kept with every event from a range, in characters.
const LONGEST: usize = 100;
const MOST_TAGS: usize = 32;

/// A range whose sources are still only names.
pub(super) struct Ranged {
    config: RangeConfig,
    /// Its addresses and where each of them stands.
    blocks: Vec<(IpNet, Range<usize>)>,
    /// What stands in `sources`. None where it was left out.
    wanted: Option<Vec<(SourceName, Range<usize>)>>,
    /// Where to say that `sources` is missing.
    span: Range<usize>,
}

/// Reads one; what is wrong is noted.
pub(super) fn range(entry: &Entry<'_>) -> Option<Ranged> {
    let section = entry.table(KEYS, "write [[range]] on a line of its own and its keys below")?;
    let required = |key: &str, help: &str| {
        let entry = section.entry(key);
        if entry.is_none() {
            section.missing(key, help);
        }
        entry
    };
    let name = required("name", NAME).and_then(|entry| words(&entry, NAME));
    let blocks = required("addresses", ADDRESSES).and_then(|entry| blocks(&entry));
    let category = optional(section.entry("category"), |entry| {
        let all = Category::ALL.map(|category| (category.as_str(), category));
        choice(entry.text(CATEGORY)?, entry, &all)
    });
    let tags = optional(section.entry("tags"), tags);
    let isp = optional(section.entry("isp"), |entry| words(entry, "write it like isp = \"Acme VPN\""));
    let place = place(&section);
    let wanted = optional(section.entry("sources"), |entry| wanted(entry, SOURCES, "this range would be about nothing"));
    let blocks = blocks?;
    let config = RangeConfig {
        name: name?,
        addresses: blocks.iter().map(|(block, _)| *block).collect(),
        category: category.ok()?,
        tags: tags.ok()?.unwrap_or_default(),
        isp: isp.ok()?,
        place: place?,
        sources: Vec::new(),
    };
    Some(Ranged { config, blocks, wanted: wanted.ok()?, span: section.span })
}

/// A text that people read: one line, not too long.
pub(super) fn words(entry: &Entry<'_>, help: &str) -> Option<String> {
    let text = entry.text(help)?.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        entry.wrong(&format!("a line of 1 to {LONGEST} characters"), help);
        return None;
    }
    Some(text.to_owned())
}

fn blocks(entry: &Entry<'_>) -> Option<Vec<(IpNet, Range<usize>)>> {
    let texts = entry.texts(ADDRESSES)?;
    if texts.is_empty() {
        entry.note("is empty: this range would hold nothing", ADDRESSES);
        return None;
    }
    let each = texts.into_iter().map(|(text, entry)| match block(text.trim()) {
        Some(block) if block == block.trunc() => Some((block, entry.span)),
        Some(block) => {
            entry.wrong("the first address of a block", format!("did you mean \"{}\", or only \"{}\"?", block.trunc(), block.addr()));
            None
        }
        None => {
            entry.wrong("an address or a CIDR block", ADDRESSES);
            None
        }
    });
    each.collect::<Vec<_>>().into_iter().collect()
}

fn tags(entry: &Entry<'_>) -> Option<Vec<String>> {
    let texts = entry.texts(TAGS)?;
    if texts.len() > MOST_TAGS {
        entry.note(format!("has {} tags, at most {MOST_TAGS} are kept with an event", texts.len()), "remove some");
        return None;
    }
    let each = texts.into_iter().map(|(text, entry)| tag(text, &entry));
    let mut tags: Vec<String> = each.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
    let mut seen = Vec::new();
    tags.retain(|tag| {
        let new = !seen.contains(tag);
        seen.push(tag.clone());
        new
    });
    Some(tags)
}

/// A word that is said of an address.
pub(super) fn tag(text: &str, entry: &Entry<'_>) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    if text.len() <= 64 && text.bytes().all(fits) {
        return Some(text.to_owned());
    }
    let lower = text.to_ascii_lowercase().replace(' ', "-");
    let help = if lower.len() <= 64 && lower.bytes().all(fits) {
        format!("write \"{lower}\"")
    } else {
        "write a word such as \"tor\", \"vpn\" or \"hosting\"".to_owned()
    };
    entry.wrong("a word of 1 to 64 lower-case letters, digits, '-', '_' or '.'", help);
    None
}

/// Where it is. The outer None: something is wrong.
fn place(section: &Section<'_>) -> Option<Option<Place>> {
    let country = optional(section.entry("country"), |entry| {
        let text = entry.text(COUNTRY)?;
        if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            entry.wrong("a country by its two letters", COUNTRY);
            return None;
        }
        Some(text.to_ascii_uppercase())
    });
    let city = optional(section.entry("city"), |entry| words(entry, "write it like city = \"Lisbon\""));
    let latitude = optional(section.entry("latitude"), |entry| degrees(entry, 90.0, "write it like latitude = 38.7223"));
    let longitude = optional(section.entry("longitude"), |entry| degrees(entry, 180.0, "write it like longitude = -9.1393"));
    let mut lacks = false;
    let mut lack = |here: &str, there: &str, means: &str, help: &str| {
        if section.entry(here).is_some() && section.entry(there).is_none() {
            section.lacks(there, means, help);
            lacks = true;
        }
    };
    lack("latitude", "longitude", ", and a place has both", "write it like longitude = -9.1393, or remove `latitude`");
    lack("longitude", "latitude", ", and a place has both", "write it like latitude = 38.7223, or remove `longitude`");
    if let Some(part) = ["city", "latitude", "longitude"].into_iter().find(|part| section.entry(part).is_some()) {
        lack(part, "country", ": a range says where it is as a whole, instead of the feed", COUNTRY);
    }
    let (country, city, latitude, longitude) = (country.ok()?, city.ok()?, latitude.ok()?, longitude.ok()?);
    if lacks {
        return None;
    }
    Some(country.map(|country| Place { country, city, at: latitude.zip(longitude) }))
}

/// An angle, to a millionth of a degree, which is how it is stored.
fn degrees(entry: &Entry<'_>, most: f64, help: &str) -> Option<f64> {
    let number = match entry.value {
        DeValue::Float(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
        DeValue::Integer(number) => i32::from_str_radix(number.as_str(), number.radix()).ok().map(f64::from),
        _ => None,
    };
    match number {
        Some(number) if number.abs() <= most => Some((number * 1e6).round() / 1e6),
        _ => {
            entry.wrong(&format!("degrees from -{most} to {most}"), help);
            None
        }
    }
}
