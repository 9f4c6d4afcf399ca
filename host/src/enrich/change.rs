//! What a new version of a feed says of an address that the one before it did not.

use std::{net::IpAddr, sync::Arc};

use audit_pipeline::detector::Network;
use serde::{Deserialize, Serialize};

use super::{
    Enricher, address,
    database::Database,
    feed::{Feed, Reading},
    list::List,
    nothing,
    past::Step,
};
use crate::model::{Instant, SourceName};

/// A feed of which a new version was taken up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedChange {
    /// What it is called, as in [`FeedStatus`](super::FeedStatus).
    pub feed: String,
    /// When.
    pub at: Instant,
}

/// Another version of one feed, asked instead of the one that it holds.
#[derive(Clone, Copy)]
pub(super) enum Instead<'a> {
    Database(&'a Feed<Database>, &'a Reading<Database>),
    List(&'a Feed<List>, &'a Reading<List>),
}

impl Enricher {
    /// The changes of the last day on which what was stored of an address rests: nothing but the version makes the difference, in a
    /// fact that `reads` wants and that was stored as the new version says it. The latest of each feed. None for versions that
    /// another process took up.
    pub fn changes(
        &self,
        source: &SourceName,
        ip: &str,
        stored: Option<&Network>,
        now: Instant,
        reads: impl Fn(&str) -> bool,
    ) -> Vec<FeedChange> {
        let Some(ip) = address::parse(ip) else { return Vec::new() };
        let (none, mut found) = (nothing(), Vec::new());
        let stored = stored.unwrap_or(&none);
        let rests = |before: Instead<'_>, after: Instead<'_>| {
            let says = |instead: Instead<'_>| self.told(source, ip, Some(instead)).unwrap_or_else(nothing);
            differences(&says(before), &says(after), stored).iter().any(|fact| reads(fact))
        };
        let mut add = |feed: &str, at: Option<Instant>| found.extend(at.map(|at| FeedChange { feed: feed.to_owned(), at }));
        let databases = &self.databases;
        for feed in [&databases.city, &databases.country, &databases.asn].into_iter().flatten() {
            let latest = latest(feed.steps(now), |step| rests(Instead::Database(feed, &step.before), Instead::Database(feed, &step.after)));
            add(feed.name(), latest);
        }
        for feed in self.lists.iter().map(|listed| &listed.feed) {
            let latest = latest(feed.steps(now), |step| rests(Instead::List(feed, &step.before), Instead::List(feed, &step.after)));
            add(feed.name(), latest);
        }
        found
    }
}

fn latest<C>(steps: Vec<Step<C>>, rests: impl Fn(&Step<C>) -> bool) -> Option<Instant> {
    steps.iter().find(|step| rests(step)).map(|step| step.at)
}

/// The facts in which two versions differ and what was stored is as the later one says, by the contract's names for them.
fn differences(before: &Network, after: &Network, stored: &Network) -> Vec<String> {
    let at = |network: &Network| (network.latitude, network.longitude, network.radius);
    let plain = [
        ("country", before.country != after.country && stored.country == after.country),
        ("city", before.city != after.city && stored.city == after.city),
        ("coordinates", at(before) != at(after) && at(stored) == at(after)),
        ("asn", before.asn != after.asn && stored.asn == after.asn),
        ("isp", before.isp != after.isp && stored.isp == after.isp),
    ];
    let new = after.tags.iter().filter(|tag| !before.tags.contains(tag) && stored.tags.contains(tag));
    let gone = before.tags.iter().filter(|tag| !after.tags.contains(tag) && !stored.tags.contains(tag));
    let plain = plain.into_iter().filter(|(_, differs)| *differs).map(|(fact, _)| fact.to_owned());
    plain.chain(new.chain(gone).map(|tag| format!("tags:{tag}"))).collect()
}

impl Instead<'_> {
    /// What a database says where it is this one.
    pub(super) fn database(self, feed: &Arc<Feed<Database>>, ip: IpAddr) -> Option<Option<Network>> {
        match self {
            Self::Database(other, reading) if std::ptr::eq(other, feed.as_ref()) => {
                Some(reading.content.as_ref().and_then(|database| database.find(ip)))
            }
            _ => None,
        }
    }

    /// Whether a list holds it where it is this one.
    pub(super) fn list(self, feed: &Arc<Feed<List>>, ip: IpAddr) -> Option<bool> {
        match self {
            Self::List(other, reading) if std::ptr::eq(other, feed.as_ref()) => {
                Some(reading.content.as_ref().is_some_and(|list| list.contains(ip)))
            }
            _ => None,
        }
    }
}
