//! What is known of addresses and users, as it is configured: `[enrich]`, `[[threat-list]]`, `[[range]]`, and what belongs to users.

use std::path::PathBuf;

use super::StandingConfig;
use crate::model::{ListName, SourceName};

/// What is known of addresses and users. By default nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnrichConfig {
    /// `city`: a database in MaxMind's format with countries, cities and places.
    pub city: Option<PathBuf>,
    /// `country`: one with countries.
    pub country: Option<PathBuf>,
    /// `asn`: one with autonomous systems and who runs them.
    pub asn: Option<PathBuf>,
    /// `[[threat-list]]`, in order of appearance.
    pub lists: Vec<ListConfig>,
    /// `[[range]]`, in order of appearance, includes after the main file. Those of one source do not overlap.
    pub ranges: Vec<RangeConfig>,
    /// `[[group]]` and `[[departures]]`
    pub standing: StandingConfig,
    /// Which of the feeds the host fetches by itself, so that their files may be missing.
    pub fetched: Vec<String>,
}

/// `[[threat-list]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListConfig {
    /// `name`
    pub name: ListName,
    /// `path`: a file of addresses and CIDR blocks, one a line.
    pub path: PathBuf,
    /// `tag`: what its addresses are said to be.
    pub tag: String,
}

impl ListConfig {
    /// What the list is called among the feeds.
    pub fn feed(&self) -> String {
        format!("threat-list {}", self.name)
    }
}

/// `[[range]]`
#[derive(Clone, Debug, PartialEq)]
pub struct RangeConfig {
    /// `name`, for people.
    pub name: String,
    /// `addresses`. Never empty.
    pub addresses: Vec<ipnet::IpNet>,
    /// `category`
    pub category: Option<Category>,
    /// `tags`, beside those of the threat lists.
    pub tags: Vec<String>,
    /// `isp`, instead of the feed's.
    pub isp: Option<String>,
    /// `country` and what belongs to it, instead of the feed's.
    pub place: Option<Place>,
    /// `sources`: whose events it is about. Never empty. May be left out while there is one source, and in an included file,
    /// where it is about all of that file's.
    pub sources: Vec<SourceName>,
}

/// `category` of a range: what its addresses are to the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// All public addresses of the own network.
    Corporate,
    /// Administrators'.
    Administrative,
    /// Known for attacks.
    Risky,
    /// Where remote workers come out.
    Vpn,
    /// Servers of a cloud provider.
    CloudProvider,
    /// Anything else.
    Other,
}

impl Category {
    /// Every one, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::Corporate, Self::Administrative, Self::Risky, Self::Vpn, Self::CloudProvider, Self::Other];

    /// Its name in the configuration and in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Corporate => "corporate",
            Self::Administrative => "administrative",
            Self::Risky => "risky",
            Self::Vpn => "vpn",
            Self::CloudProvider => "cloud-provider",
            Self::Other => "other",
        }
    }
}

/// Where a range is.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// `country`: ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// `city`
    pub city: Option<String>,
    /// `latitude` and `longitude`: degrees, north and east positive, to a millionth.
    pub at: Option<(f64, f64)>,
}
