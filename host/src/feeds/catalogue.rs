//! What is published: the feeds that can be asked for by name.
//!
//! Each is free to use for this purpose by its publisher's own words, at the address beside it. Sizes are rounded; the bounds are wide
//! and only tell a file from an error page, a stub, or another file.

use std::{ops::RangeInclusive, time::Duration};

use crate::enrich::Holds;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// A feed that somebody publishes.
#[derive(Debug)]
pub struct Publication {
    /// What it is asked for by.
    pub name: &'static str,
    /// What it is and whose.
    pub title: &'static str,
    /// What is judged by it.
    pub serves: &'static str,
    /// Under which terms.
    pub licence: Licence,
    /// Where it is; `{part}` stands for a part's name, `{month}` for this month as `2026-03`, or the one before where that is not
    /// published yet.
    pub url: &'static str,
    /// The files that it consists of.
    pub parts: &'static [Part],
    /// How often it is looked for: as often as it changes, or its publisher asks.
    pub every: Duration,
    /// How much is fetched, for people.
    pub size: &'static str,
}

/// Under which terms a feed is published.
#[derive(Debug)]
pub struct Licence {
    /// What `licence` in the configuration says where it must be agreed to, by its SPDX name.
    pub name: &'static str,
    /// Where it stands.
    pub url: &'static str,
    /// What it comes to, in a line.
    pub terms: &'static str,
    /// What must be said wherever the data is shown. None where nothing must.
    pub attribution: Option<&'static str>,
}

/// One file of a feed.
#[derive(Debug)]
pub struct Part {
    /// Its name, and that of its place in `[enrich]` or among the lists.
    pub name: &'static str,
    /// What it is called in the folder.
    pub file: &'static str,
    /// What it gives.
    pub gives: Gives,
    /// How many entries are plausible: nodes of a database's tree, lines of a list.
    pub entries: RangeInclusive<u64>,
    /// How many bytes are, unpacked.
    pub bytes: RangeInclusive<u64>,
}

/// What a file gives, and where it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// `city` of `[enrich]`.
    City,
    /// `asn` of `[enrich]`.
    Asn,
    /// A threat list, by this tag.
    Tag(&'static str),
}

impl Part {
    /// What must be in it.
    pub fn holds(&self) -> Holds {
        match self.gives {
            Gives::City => Holds::Places,
            Gives::Asn => Holds::Operators,
            Gives::Tag(_) => Holds::Addresses,
        }
    }

    /// What it is called among the feeds that are read.
    pub fn feed(&self) -> String {
        match self.gives {
            Gives::City | Gives::Asn => self.name.to_owned(),
            Gives::Tag(_) => format!("threat-list {}", self.name),
        }
    }
}

impl Publication {
    /// The one of that name.
    pub fn of(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|each| each.name == name)
    }

    /// The names of all of them.
    pub fn names() -> Vec<&'static str> {
        ALL.iter().map(|each| each.name).collect()
    }

    /// Every part of every one, with what it is part of.
    pub fn parts() -> impl Iterator<Item = (&'static Self, &'static Part)> {
        ALL.iter().flat_map(|each| each.parts.iter().map(move |part| (each, part)))
    }
}

/// All that there are.
pub const ALL: &[Publication] = &[
    Publication {
        name: "geo",
        title: "DB-IP Lite: city and network operator of an address, by DB-IP",
        serves: "impossible-travel, infrequent-country, and what every alert says of a place",
        licence: Licence {
            name: "CC-BY-4.0",
            url: "https://creativecommons.org/licenses/by/4.0/",
            terms: "any use, also commercial, while DB-IP is named and linked wherever the data is shown; https://db-ip.com/db/lite.php",
            attribution: Some("IP Geolocation by DB-IP (https://db-ip.com)"),
        },
        url: "https://download.db-ip.com/free/dbip-{part}-lite-{month}.mmdb.gz",
        parts: &[
            Part { name: "city", file: "city.mmdb", gives: Gives::City, entries: 100_000..=100_000_000, bytes: 5_000_000..=1_000_000_000 },
            Part { name: "asn", file: "asn.mmdb", gives: Gives::Asn, entries: 10_000..=50_000_000, bytes: 500_000..=200_000_000 },
        ],
        every: Duration::from_secs(2 * DAY),
        size: "some 60 MB a month, 130 MB unpacked",
    },
    Publication {
        name: "tor",
        title: "Tor exit addresses, by the Tor Project",
        serves: "anonymous-ip",
        licence: Licence {
            name: "CC-BY-4.0",
            url: "https://www.torproject.org/about/trademark/",
            terms: "any use while the Tor Project is named: its sites' content is CC BY 4.0 unless noted otherwise, and the list notes nothing",
            attribution: Some("Tor exit addresses by The Tor Project (https://www.torproject.org)"),
        },
        url: "https://check.torproject.org/torbulkexitlist",
        parts: &[Part { name: "tor", file: "tor.txt", gives: Gives::Tag("tor"), entries: 200..=50_000, bytes: 1_500..=5_000_000 }],
        every: Duration::from_secs(HOUR),
        size: "some 20 kB an hour",
    },
    Publication {
        name: "vpn",
        title: "networks of commercial VPNs (IPv4), by X4BNet",
        serves: "impossible-travel, infrequent-country: places behind a VPN are not believed",
        licence: Licence {
            name: "MIT",
            url: "https://github.com/X4BNet/lists_vpn#license",
            terms: "any use; the notice stays with copies: Copyright (c) 2024 X4B (Mathew Heard)",
            attribution: None,
        },
        url: "https://raw.githubusercontent.com/X4BNet/lists_vpn/main/output/vpn/ipv4.txt",
        parts: &[Part { name: "vpn", file: "vpn.txt", gives: Gives::Tag("vpn"), entries: 1_000..=500_000, bytes: 10_000..=20_000_000 }],
        every: Duration::from_secs(DAY),
        size: "some 200 kB a day",
    },
    Publication {
        name: "abuse",
        title: "addresses that three or more blocklists name for attacks (IPsum level 3), by Miroslav Stampar",
        serves: "suspicious-ip",
        licence: Licence {
            name: "Unlicense",
            url: "https://github.com/stamparm/ipsum",
            terms: "any use; compiled from public lists, whose own terms may say more to whoever passes it on",
            attribution: None,
        },
        url: "https://raw.githubusercontent.com/stamparm/ipsum/master/levels/3.txt",
        parts: &[Part {
            name: "abuse",
            file: "abuse.txt",
            gives: Gives::Tag("brute-force"),
            entries: 1_000..=500_000,
            bytes: 10_000..=20_000_000,
        }],
        every: Duration::from_secs(DAY),
        size: "some 300 kB a day",
    },
];
