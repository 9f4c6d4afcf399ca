//! What is known of the address an event came from, and of who did it: looked up when the event is stored, and stored with it.
//!
//! In goes an event of a source; out comes [`Known`](crate::store::Known): the contract's [`Network`] of its address, as text, as
//! the vendor wrote it, and the contract's `Standing` of its actor; or nothing. Each kind of knowledge comes from files that the
//! operator names or from the configuration itself:
//!
//! | knowledge | from | gives |
//! |---|---|---|
//! | databases | MaxMind's format: city, country, ASN (`database`, `record`) | country, city, place, ASN, ISP |
//! | ranges | the operator, for each source its own (`range`) | category, tags, and ISP and place instead of the feed's |
//! | threat lists | files of addresses (`list`) | tags |
//! | groups | the operator, for each source its own, or files of users (`members`, `standing`) | the groups that the actor is in |
//! | departures | files for each source (`departures`, `standing`) | whether the actor had left by the time of the event |
//! | directories | whoever reads one, for the sources it is configured for (`board`) | both |
//!
//! What always holds:
//!
//! - **The operator's word beats the feed.** A place or an ISP that a range names replaces the feed's whole: never a city of
//!   one beside the country of the other. Tags add up and override nothing.
//! - **The category decides, the tags stay.** An address that is `corporate` and on a list keeps the list's tag; a detector
//!   judges it by the category and treats the tags of the feeds as said only where there is no category.
//! - **Nothing of one source reaches another (I5).** A range, a group and a file of departures belong to the sources that they
//!   name.
//! - **Addresses inside somebody's own network mean something to the operator only.** Private, loopback and link-local ones get
//!   what a range says, and nothing from a feed. An IPv4 address mapped into IPv6 is the IPv4 address.
//! - **A user is known by the vendor's identifier, else by e-mail address**, without regard to case. An address may be given to
//!   somebody else; an identifier is not.
//! - **No text fails.** What is no address is nothing known. A record that does not decode is nothing known, and one warning.
//! - **The last good file serves.** A feed that changes on disk is read anew (`watch`) and takes the place of the old one
//!   between two lookups; one that cannot be read, or is damaged, changes nothing but the log.
//! - **What is new can be told from what was known.** For a day after a database or a list was replaced, the version before it is
//!   asked too (`past`, `change`): a detector's host says which findings rest on the change. Another process knows nothing of it.
//! - **A file that the host fetches itself may be missing** ([`crate::feeds`]): nothing is known by it until it is there.
//!
//! A file is read into memory as a whole: a database takes as much as it is large, and twice that for a day after it was replaced,
//! three times where it is replaced again by then; a list takes 8 bytes for an IPv4 entry and 32 for an IPv6 entry, of each version.

mod address;
mod board;
mod change;
mod database;
mod departures;
mod feed;
mod inspect;
mod interval;
mod lines;
mod list;
mod members;
mod page;
mod past;
mod range;
mod record;
mod standing;
mod supply;
#[cfg(test)]
mod tests;
mod user;
mod watch;

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use audit_pipeline::detector::Network;

pub(crate) use self::address::parse as address;
pub use self::{
    address::block,
    board::Board,
    change::FeedChange,
    feed::{FeedErrors, FeedStatus, Unreadable},
    inspect::{Found, Holds, inspect},
    supply::Supply,
    user::User,
    watch::{renew, tell, watch},
};
use self::{
    change::Instead,
    database::Database,
    feed::{Feed, Watched},
    list::List,
    range::Ranges,
    standing::Rosters,
};
use crate::{
    config::EnrichConfig,
    model::{Instant, SourceName},
};

/// Knows addresses and users. See the module's documentation for what always holds.
#[derive(Default)]
pub struct Enricher {
    ranges: BTreeMap<SourceName, Ranges>,
    databases: Databases,
    lists: Vec<Listed>,
    rosters: Rosters,
}

#[derive(Default)]
struct Databases {
    city: Option<Arc<Feed<Database>>>,
    country: Option<Arc<Feed<Database>>>,
    asn: Option<Arc<Feed<Database>>>,
}

struct Listed {
    tag: String,
    feed: Arc<Feed<List>>,
}

impl Enricher {
    /// Reads every feed. Blocks on the disk. Fails where one of them cannot be read, naming all that cannot.
    pub fn open(config: &EnrichConfig, now: Instant) -> Result<Self, FeedErrors> {
        let mut errors = Vec::new();
        let mut database = |name: &str, path: &Option<std::path::PathBuf>| {
            let opened = path.as_ref().map(|path| feed(config, name, path, now)).transpose();
            opened.unwrap_or_else(|why| {
                errors.push(why);
                None
            })
        };
        let databases = Databases {
            city: database("city", &config.city).map(Arc::new),
            country: database("country", &config.country).map(Arc::new),
            asn: database("asn", &config.asn).map(Arc::new),
        };
        let mut lists = Vec::with_capacity(config.lists.len());
        for each in &config.lists {
            match feed(config, &each.feed(), &each.path, now) {
                Ok(feed) => lists.push(Listed { tag: each.tag.clone(), feed: Arc::new(feed) }),
                Err(why) => errors.push(why),
            }
        }
        let rosters = Rosters::open(&config.standing, now, &mut errors);
        let ranges = range::by_source(&config.ranges);
        if errors.is_empty() { Ok(Self { ranges, databases, lists, rosters }) } else { Err(FeedErrors(errors)) }
    }

    /// The same with a directory, whose board is put up by whoever reads it.
    #[must_use]
    pub fn told_by(mut self, board: &Arc<Board>, sources: &[SourceName]) -> Self {
        self.rosters.hang(board, sources);
        self
    }

    /// What is known of this address, as an event of this source shows it. Never fails: of what is no address nothing is known.
    pub fn network(&self, source: &SourceName, ip: &str) -> Option<Network> {
        self.told(source, address::parse(ip)?, None)
    }

    fn told(&self, source: &SourceName, ip: IpAddr, instead: Option<Instead<'_>>) -> Option<Network> {
        let range = self.ranges.get(source).and_then(|ranges| ranges.find(ip));
        let mut network = if address::is_internal(ip) { nothing() } else { self.fed(ip, instead) };
        if let Some(range) = range {
            range::overrule(range, &mut network);
        }
        (range.is_some() || network != nothing()).then_some(network)
    }

    /// What the feeds say, one of them in another version where that is asked for.
    fn fed(&self, ip: IpAddr, instead: Option<Instead<'_>>) -> Network {
        let Databases { city, country, asn } = &self.databases;
        let find = |feed: &Option<Arc<Feed<Database>>>| {
            let feed = feed.as_ref()?;
            let other = instead.and_then(|instead| instead.database(feed, ip));
            other.unwrap_or_else(|| feed.now().content.as_ref()?.find(ip))
        };
        let (city, country, asn) = (find(city), find(country), find(asn));
        let mut network = nothing();
        // The most exact first: a place is taken whole from one file.
        for found in [&city, &country, &asn].into_iter().flatten() {
            record::take_place(&mut network, found);
        }
        for found in [&asn, &city, &country].into_iter().flatten() {
            record::take_operator(&mut network, found);
        }
        for Listed { tag, feed } in &self.lists {
            let other = instead.and_then(|instead| instead.list(feed, ip));
            let holds = || other.unwrap_or_else(|| feed.now().content.as_ref().is_some_and(|list| list.contains(ip)));
            if !network.tags.contains(tag) && holds() {
                network.tags.push(tag.clone());
            }
        }
        network
    }

    /// Whether nothing can be known of any event of this source.
    pub fn is_blind(&self, source: &SourceName) -> bool {
        let Databases { city, country, asn } = &self.databases;
        let fed = [city, country, asn].into_iter().any(Option::is_some) || !self.lists.is_empty();
        !fed && !self.ranges.contains_key(source) && self.rosters.of(source).is_none()
    }

    /// Every feed as it stands: databases first, then lists, groups and departures in the order of the configuration.
    pub fn feeds(&self) -> Vec<FeedStatus> {
        self.watched().iter().map(|feed| feed.status()).collect()
    }

    fn watched(&self) -> Vec<Arc<dyn Watched>> {
        let Databases { city, country, asn } = &self.databases;
        let databases = [city, country, asn].into_iter().flatten().map(|feed| Arc::clone(feed) as Arc<dyn Watched>);
        let lists = self.lists.iter().map(|list| Arc::clone(&list.feed) as Arc<dyn Watched>);
        databases.chain(lists).chain(self.rosters.files.iter().cloned()).collect()
    }
}

/// Reads every feed and says of each what it holds or why it cannot be read. Blocks on the disk.
pub fn examine(config: &EnrichConfig, now: Instant) -> Vec<(String, Result<FeedStatus, Unreadable>)> {
    let databases = [("city", &config.city), ("country", &config.country), ("asn", &config.asn)];
    let databases = databases.into_iter().filter_map(|(name, path)| Some((name.to_owned(), path.as_ref()?)));
    let databases = databases.map(|(name, path)| {
        let read = feed::<Database>(config, &name, path, now).map(|feed| feed.status());
        (name, read)
    });
    let lists =
        config.lists.iter().map(|each| (each.feed(), feed::<List>(config, &each.feed(), &each.path, now).map(|feed| feed.status())));
    databases.chain(lists).chain(standing::examine(&config.standing, now)).collect()
}

/// A file that the operator names must be there; one that the host fetches may still be on its way.
fn feed<C: feed::Content>(config: &EnrichConfig, name: &str, path: &std::path::Path, now: Instant) -> Result<Feed<C>, Unreadable> {
    if config.is_fetched(name) { Ok(Feed::expected(name, path, now)) } else { Feed::open(name, path, now) }
}

fn nothing() -> Network {
    let (country, city, isp, category) = (None, None, None, None);
    Network { country, city, latitude: None, longitude: None, radius: None, asn: None, isp, category, tags: Vec::new() }
}
