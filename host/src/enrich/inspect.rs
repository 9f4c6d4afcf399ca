//! A file looked at before it serves: read whole, and described.

use std::path::Path;

use audit_pipeline::detector::Network;
use ipnet::IpNet;

use super::{
    database::Database,
    feed::{Content as _, Facts},
    list::List,
};
use crate::model::Instant;

/// What a file is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Where addresses are, in MaxMind's format.
    Places,
    /// Who runs them, in MaxMind's format.
    Operators,
    /// Addresses and blocks, one a line.
    Addresses,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// As in [`super::FeedStatus`].
    pub entries: u64,
    /// When it was made, where it says so.
    pub built: Option<Instant>,
    /// Of a list, lines that are no entries.
    pub strange: u64,
    /// Of a list, a block that is wider than any should be.
    pub wide: Option<IpNet>,
}

impl Holds {
    /// What the type of such a database says, in lower case.
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Places => &["city", "location", "enterprise"],
            Self::Operators => &["asn", "isp"],
            Self::Addresses => &[],
        }
    }

    /// Whether a record says what it is there for.
    fn is_in(self, network: &Network) -> bool {
        match self {
            Self::Places => network.country.is_some(),
            Self::Operators => network.asn.is_some(),
            Self::Addresses => false,
        }
    }
}

/// Reads a file whole, every record of it. The error says why it is not what it is to be. Blocks on the disk.
pub fn inspect(holds: Holds, path: &Path) -> Result<Found, String> {
    if holds == Holds::Addresses {
        let list = List::read(path)?;
        return Ok(Found { entries: list.facts().entries, built: None, strange: list.strange(), wide: list.wide() });
    }
    let database = Database::read(path)?;
    let Facts { what, entries, built, .. } = database.facts();
    let lower = what.to_ascii_lowercase();
    if !holds.kinds().iter().any(|kind| lower.contains(kind)) {
        return Err(format!("it is a database of another type: {what}"));
    }
    let (records, telling) = database.walk(|network| holds.is_in(network))?;
    // Reserved networks have records that say nothing.
    if telling.saturating_mul(2) < records || telling == 0 {
        return Err(format!("only {telling} of its {records} records say what it is there for"));
    }
    Ok(Found { entries, built, strange: 0, wide: None })
}
