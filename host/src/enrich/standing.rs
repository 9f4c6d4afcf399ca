//! Who somebody is to the operator: their groups, and whether they left. Of each source its own (I5).
//!
//! What a directory says is on a board of its own, which its reader puts up anew.

use std::{collections::BTreeMap, sync::Arc};

use audit_pipeline::{
    detector::{Departure, Standing},
    types::Actor,
};

use super::{
    board::Board,
    departures::Departures,
    feed::{Feed, FeedStatus, Unreadable, Watched},
    members::Members,
    user::mail,
};
use crate::{
    config::{MembersConfig, StandingConfig},
    model::{Instant, SourceName},
    store,
};

/// Somebody as an event names them.
pub(super) struct Who<'a> {
    id: Option<&'a str>,
    email: Option<String>,
}

impl<'a> Who<'a> {
    pub(super) fn new(id: Option<&'a str>, email: Option<&str>) -> Self {
        Self { id: id.filter(|id| !id.is_empty()), email: email.filter(|email| !email.is_empty()).map(mail) }
    }

    /// The identifier first: addresses are given away again.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.id.into_iter().chain(self.email.as_deref())
    }
}

impl<'a> From<&'a Actor> for Who<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self::new(actor.id.as_deref(), actor.email.as_deref())
    }
}

/// What the operator says of the users of one source.
#[derive(Default)]
pub(super) struct Roster {
    groups: Vec<Arc<Group>>,
    departures: Vec<Arc<Feed<Departures>>>,
    boards: Vec<Arc<Board>>,
}

struct Group {
    name: String,
    members: Roll,
}

enum Roll {
    Listed(Members),
    File(Arc<Feed<Members>>),
}

impl Roster {
    /// Of somebody who has not left.
    pub(super) fn here(&self, who: &Who<'_>) -> Option<Standing> {
        store::standing(self.groups(who), None)
    }

    /// Of somebody who has.
    pub(super) fn gone(&self, who: &Who<'_>, departed: Departure) -> Option<Standing> {
        store::standing(self.groups(who), Some(departed))
    }

    /// How they had left by then.
    pub(super) fn departed(&self, who: &Who<'_>, at: Instant) -> Option<Departure> {
        let each = self.departures.iter().filter_map(|feed| feed.now().content.as_ref()?.find(who, at));
        let said = self.boards.iter().filter_map(|board| board.departed(who, at));
        each.chain(said).max_by_key(|departure| (departure.at, departure.kind as u8))
    }

    fn groups<'a>(&'a self, who: &'a Who<'_>) -> impl Iterator<Item = String> + 'a {
        let has = |group: &&Arc<Group>| match &group.members {
            Roll::Listed(members) => members.have(who),
            Roll::File(feed) => feed.now().content.as_ref().is_some_and(|members| members.have(who)),
        };
        let said = self.boards.iter().flat_map(|board| board.groups(who));
        self.groups.iter().filter(has).map(|group| group.name.clone()).chain(said)
    }
}

/// Rosters by source, and the files that they come from.
#[derive(Default)]
pub(super) struct Rosters {
    of: BTreeMap<SourceName, Roster>,
    pub(super) files: Vec<Arc<dyn Watched>>,
}

impl Rosters {
    /// Reads every file; what cannot be read is added to the errors. Blocks on the disk.
    pub(super) fn open(config: &StandingConfig, now: Instant, errors: &mut Vec<Unreadable>) -> Self {
        let mut rosters = Self::default();
        for each in &config.groups {
            let members = match &each.members {
                MembersConfig::Listed(users) => Roll::Listed(Members::of(users)),
                MembersConfig::File(path) => match Feed::open(&each.feed(), path, now) {
                    Ok(feed) => {
                        let feed = Arc::new(feed);
                        rosters.files.push(Arc::clone(&feed) as Arc<dyn Watched>);
                        Roll::File(feed)
                    }
                    Err(why) => {
                        errors.push(why);
                        continue;
                    }
                },
            };
            let group = Arc::new(Group { name: each.name.clone(), members });
            for source in &each.sources {
                rosters.of.entry(source.clone()).or_default().groups.push(Arc::clone(&group));
            }
        }
        for each in &config.departures {
            match Feed::open(&each.feed(), &each.file, now) {
                Ok(feed) => {
                    let feed = Arc::new(feed);
                    rosters.files.push(Arc::clone(&feed) as Arc<dyn Watched>);
                    for source in &each.sources {
                        rosters.of.entry(source.clone()).or_default().departures.push(Arc::clone(&feed));
                    }
                }
                Err(why) => errors.push(why),
            }
        }
        rosters
    }

    /// What a directory says goes for these sources.
    pub(super) fn hang(&mut self, board: &Arc<Board>, sources: &[SourceName]) {
        for source in sources {
            self.of.entry(source.clone()).or_default().boards.push(Arc::clone(board));
        }
    }

    pub(super) fn of(&self, source: &SourceName) -> Option<&Roster> {
        self.of.get(source)
    }
}

/// Reads every file and says of each what it holds or why it cannot be read. Blocks on the disk.
pub(super) fn examine(config: &StandingConfig, now: Instant) -> impl Iterator<Item = (String, Result<FeedStatus, Unreadable>)> {
    let groups = config.groups.iter().filter_map(move |each| match &each.members {
        MembersConfig::File(path) => Some((each.feed(), Feed::<Members>::open(&each.feed(), path, now).map(|feed| feed.status()))),
        MembersConfig::Listed(_) => None,
    });
    let departures = config.departures.iter();
    groups
        .chain(departures.map(move |each| (each.feed(), Feed::<Departures>::open(&each.feed(), &each.file, now).map(|feed| feed.status()))))
}
