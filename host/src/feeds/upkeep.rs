//! How every file that the configuration asks for stands, for people and for whoever tells them.

use serde::Serialize;

use super::{
    order::{Order, orders},
    record::Standing,
    shelf::Shelf,
};
use crate::{config::Config, model::Instant};

/// How one file of a feed stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upkeep {
    /// The name in `[[feed]]`.
    pub name: &'static str,
    /// What the file is called among the feeds that are read: `city`, `threat-list tor`.
    pub feed: String,
    /// Whether the host fetches it, or a person brings it.
    pub fetched: bool,
    /// Whether what is held still can be believed.
    pub standing: Standing,
    /// How many entries it has.
    pub entries: Option<u64>,
    /// How large it is, in bytes.
    pub bytes: Option<u64>,
    /// When it was made, where it says so.
    pub built: Option<Instant>,
    /// When it was put in place.
    pub installed: Option<Instant>,
    /// When it last was known to be the latest.
    pub checked: Option<Instant>,
    /// When it was last tried to fetch it.
    pub tried: Option<Instant>,
    /// How many tries failed since.
    pub failures: u32,
    /// Why the latest did, or why what came is not taken yet.
    pub problem: Option<String>,
}

/// Every file that the configuration asks for. Blocks on the disk.
pub fn upkeep(config: &Config, now: Instant) -> Vec<Upkeep> {
    let shelf = Shelf::beside(&config.store.path);
    orders(config).iter().map(|order| Upkeep::of(&shelf, order, now)).collect()
}

impl Upkeep {
    /// Of one file. Blocks on the disk.
    pub fn of(shelf: &Shelf, order: &Order, now: Instant) -> Self {
        let record = shelf.record(order.part);
        let held = record.held.as_ref();
        Self {
            name: order.publication.name,
            feed: order.part.feed(),
            fetched: order.fetch,
            standing: record.standing(order.every, now),
            entries: held.map(|held| held.entries),
            bytes: held.map(|held| held.bytes),
            built: held.and_then(|held| held.built),
            installed: held.map(|held| held.installed),
            checked: record.checked,
            tried: record.tried,
            failures: record.failures,
            problem: record.problem,
        }
    }

    /// What a person should do, where something should be done.
    pub fn advice(&self) -> Option<&'static str> {
        match (self.standing, self.fetched) {
            (Standing::Fresh, _) => None,
            (Standing::Missing, true) => Some("`miro-source feeds update` fetches it now; `feeds import FILE` brings one by hand"),
            (Standing::Stale, true) => {
                Some("the last good one serves on; `miro-source feeds update` tries now, `url` in its [[feed]] names a mirror")
            }
            (_, false) => Some("it is not fetched: `miro-source feeds import FILE` brings a newer one"),
        }
    }
}
