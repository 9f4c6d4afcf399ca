//! What a directory says of people: who left, and who is in which group. Put up whole, by whoever reads the directory.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwapOption;
use audit_pipeline::detector::{Departure, DepartureKind};

use super::{departures::Departures, members::Members, standing::Who, user::User};
use crate::directory::{Person, PersonState};

/// What a directory says, for the sources that it is configured for. Nothing until it was read for the first time.
#[derive(Default)]
pub struct Board(ArcSwapOption<Said>);

/// One reading of a directory.
#[derive(Default)]
struct Said {
    departures: Departures,
    groups: Vec<(String, Members)>,
}

impl Board {
    /// Puts up what is so now: everybody who left, and the groups that are read, each with its members' addresses.
    pub fn put_up(&self, departed: &[Person], groups: &[(String, Vec<String>)]) {
        let mut of: HashMap<User, Vec<Departure>> = HashMap::new();
        for person in departed {
            let kind = match person.state {
                PersonState::Active => continue,
                PersonState::Disabled => DepartureKind::Disabled,
                PersonState::Deleted => DepartureKind::Deleted,
            };
            let departure = Departure { kind, at: person.since.unwrap_or(person.learned).0 };
            for user in person.emails.iter().filter_map(|email| User::parse(email)) {
                of.entry(user).or_default().push(departure);
            }
        }
        let users = |members: &[String]| members.iter().filter_map(|email| User::parse(email)).collect::<Vec<_>>();
        let groups = groups.iter().map(|(name, members)| (name.clone(), Members::of(&users(members)))).collect();
        self.0.store(Some(Arc::new(Said { departures: Departures::of(of), groups })));
    }

    /// How somebody had left by then.
    pub(super) fn departed(&self, who: &Who<'_>, at: crate::model::Instant) -> Option<Departure> {
        self.0.load().as_ref()?.departures.find(who, at)
    }

    /// The groups that somebody is in.
    pub(super) fn groups(&self, who: &Who<'_>) -> Vec<String> {
        let said = self.0.load();
        let groups = said.iter().flat_map(|said| &said.groups);
        groups.filter(|(_, members)| members.have(who)).map(|(name, _)| name.clone()).collect()
    }
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").field("read", &self.0.load().is_some()).finish()
    }
}
