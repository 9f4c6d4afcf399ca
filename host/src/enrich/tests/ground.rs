//! Databases small enough to read, and a configuration around them.

use std::path::{Path, PathBuf};

use maxminddb_writer::{Database, metadata::IpVersion, paths::IpAddrWithMask};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    config::{Config, load},
    enrich::Enricher,
    model::Instant,
};

pub(super) const NOW: Instant = Instant(1_772_366_400_000);

/// A database of these records, by block.
pub(super) fn database(kind: &str, records: &[(&str, Value)]) -> Vec<u8> {
    let mut database = Database::default();
    database.metadata.ip_version = IpVersion::V6;
    database.metadata.database_type = kind.to_owned();
    database.metadata.binary_format_major_version = 2;
    database.metadata.build_epoch = NOW.0 / 1000 - 86_400;
    for (block, record) in records {
        let data = database.insert_value(Record(record)).unwrap();
        // An IPv4 address stands in the tree of IPv6 behind 96 zeros.
        let block = match block.split_once('/') {
            Some((four, prefix)) if four.contains('.') => format!("::{four}/{}", prefix.parse::<u8>().unwrap() + 96),
            _ => (*block).to_owned(),
        };
        database.insert_node(block.parse::<IpAddrWithMask>().unwrap(), data);
    }
    database.write_to(Vec::new()).unwrap()
}

/// JSON as the writer can write it: whole numbers up to 32 bits as such.
struct Record<'a>(&'a Value);

impl Serialize for Record<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => match number.as_u64().and_then(|number| u32::try_from(number).ok()) {
                Some(number) => to.serialize_u32(number),
                None => to.serialize_f64(number.as_f64().unwrap_or_default()),
            },
            Value::Object(members) => to.collect_map(members.iter().map(|(key, value)| (key, Record(value)))),
            other => other.serialize(to),
        }
    }
}

/// As MaxMind and DB-IP write a city.
pub(super) fn city(country: &str, city: &str, latitude: f64, longitude: f64) -> Value {
    json!({
        "country": { "geoname_id": 1, "iso_code": country, "names": { "de": "…", "en": "…" } },
        "city": { "names": { "de": "…", "en": city } },
        "location": { "latitude": latitude, "longitude": longitude, "accuracy_radius": 20, "time_zone": "UTC" },
        "registered_country": { "iso_code": "US" },
    })
}

pub(super) fn asn(number: u32, isp: &str) -> Value {
    json!({ "autonomous_system_number": number, "autonomous_system_organization": isp })
}

/// Files in a folder of their own, and a configuration that names them.
pub(super) struct Ground(TempDir);

impl Ground {
    /// The usual databases and one list.
    pub(super) fn new() -> Self {
        let ground = Self(tempfile::tempdir().unwrap());
        ground.write("city.mmdb", database("City", &[("203.0.113.0/24", city("DE", "Berlin", 52.5244, 13.4105))]));
        ground.write("asn.mmdb", database("ASN", &[("203.0.113.0/25", asn(64_500, "Spree Netz")), ("2001:db8::/32", asn(64_501, "Six"))]));
        ground.write("tor.txt", "203.0.113.66\n198.51.100.66\n");
        ground
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Two sources, and this.
    pub(super) fn config(&self, rest: &str) -> Config {
        let source = |name: &str| format!("[[source]]\nname = \"{name}\"\nallow = [\"https://api.miro.com\"]\n");
        self.write("c.toml", format!("{}{}{rest}", source("acme"), source("beta")));
        load(&self.path("c.toml")).unwrap()
    }

    pub(super) fn enricher(&self, rest: &str) -> Enricher {
        Enricher::open(&self.config(rest).enrich, NOW).unwrap()
    }
}

pub(super) const FEEDS: &str =
    "[enrich]\ncity = \"city.mmdb\"\nasn = \"asn.mmdb\"\n[[threat-list]]\nname = \"tor\"\npath = \"tor.txt\"\ntag = \"tor\"\n";

/// A range of acme with these keys.
pub(super) fn range(keys: &str) -> String {
    format!("[[range]]\nname = \"Office\"\nsources = [\"acme\"]\n{keys}\n")
}
