//! The customer's directory: people, their roles and groups, and who changed when. What Entra keeps and Graph shows.
//!
//! It is drawn from the same cast as the audit log, so that whoever acts at Miro is found here, each by another address. What
//! changed gets a number of its own, always greater than those before: that is what a delta query counts by. A deleted account
//! stays in the bin for thirty days, see <https://learn.microsoft.com/en-us/graph/api/directory-deleteditems-list>.

mod group;
mod part;
mod person;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use group::Group;
pub use part::Part;
pub use person::{Person, UserType};
pub(crate) use person::{ROLES, same};

use crate::cast::Cast;

/// How long a deleted account can be brought back.
const BIN_MS: u64 = 30 * 86_400_000;

/// What happens to somebody in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Departure {
    /// The account is there, and nobody gets in with it.
    Disabled,
    /// It is in the bin.
    Deleted,
    /// It is gone for good, from the bin too.
    Purged,
    /// Out of the bin and enabled again.
    Back,
}

/// An account in the bin.
#[derive(Clone, Debug)]
pub(crate) struct Binned {
    pub(crate) person: Person,
    pub(crate) at: u64,
}

/// One account as a delta query sees it.
pub(crate) enum Seen<'a> {
    Here(&'a Person),
    Binned,
    Gone,
}

/// Everybody.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    people: Vec<Person>,
    pub(crate) bin: Vec<Binned>,
    gone: Vec<String>,
    pub(crate) groups: Vec<Group>,
    /// The number of each account's last change.
    changed: HashMap<String, u64>,
    last: u64,
    /// What is still to happen.
    ahead: Vec<(u64, String, Departure)>,
}

impl Directory {
    pub(crate) fn draw(seed: u64, cast: &Cast, created: u64) -> Self {
        let mut people: Vec<Person> =
            cast.users.iter().enumerate().filter_map(|(n, user)| Part::of(n).person(seed, n, user, created)).collect();
        let shared = cast.users.get(Part::Shared.place()).and_then(|user| user.email.clone());
        people.extend(shared.map(|mail| Person {
            id: guid(seed, "double", 0),
            user_principal_name: "double@corp.acme.example".into(),
            mail: Some(mail),
            display_name: "Double".into(),
            account_enabled: true,
            created,
            ..Person::default()
        }));
        people.push(Person {
            id: guid(seed, "sender", 0),
            user_principal_name: SENDER.into(),
            mail: Some(SENDER.into()),
            proxy_addresses: vec![format!("SMTP:{SENDER}")],
            display_name: "Security".into(),
            // As a shared mailbox is: nobody signs in with it.
            account_enabled: false,
            mailbox: true,
            created,
            ..Person::default()
        });
        let groups = group::draw(seed, &people);
        Self { people, groups, ..Self::default() }
    }

    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    /// By object id or UPN.
    pub(crate) fn find(&self, key: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.answers_to(key))
    }

    /// Changes somebody; what was changed shows in the next delta. False where there is nobody of the kind.
    pub(crate) fn change(&mut self, key: &str, change: impl FnOnce(&mut Person)) -> bool {
        let Some(person) = self.people.iter_mut().find(|person| person.answers_to(key)) else { return false };
        let id = person.id.clone();
        change(person);
        // An object id is for ever.
        person.id.clone_from(&id);
        self.touch(&id);
        true
    }

    /// Adds somebody, with an object id of their own if they bring none. Returns it.
    pub(crate) fn add(&mut self, seed: u64, mut person: Person) -> String {
        if person.id.is_empty() {
            person.id = guid(seed, "added", self.people.len() + self.bin.len() + self.gone.len());
        }
        let id = person.id.clone();
        self.people.push(person);
        self.touch(&id);
        id
    }

    fn touch(&mut self, id: &str) {
        self.last += 1;
        self.changed.insert(id.to_owned(), self.last);
    }

    /// Sets down that `departure` happens at `at`.
    pub(crate) fn plan(&mut self, key: &str, departure: Departure, at: u64) {
        self.ahead.push((at, key.to_owned(), departure));
        self.ahead.sort_by_key(|(at, ..)| *at);
    }

    /// Everything happens that was to happen by now.
    pub(crate) fn advance(&mut self, now: u64) {
        let due = self.ahead.partition_point(|(at, ..)| *at <= now);
        for (at, key, departure) in self.ahead.drain(..due).collect::<Vec<_>>() {
            self.depart(&key, departure, at);
        }
        let old: Vec<String> = self.bin.iter().filter(|it| it.at + BIN_MS <= now).map(|it| it.person.id.clone()).collect();
        old.iter().for_each(|id| self.purge(id));
    }

    fn depart(&mut self, key: &str, departure: Departure, at: u64) {
        match departure {
            Departure::Disabled => drop(self.change(key, |person| person.account_enabled = false)),
            Departure::Deleted => {
                if let Some(place) = self.people.iter().position(|person| person.answers_to(key)) {
                    let person = self.people.remove(place);
                    self.touch(&person.id);
                    self.bin.push(Binned { person, at });
                }
            }
            Departure::Purged => {
                self.depart(key, Departure::Deleted, at);
                let id = self.bin.iter().find(|it| it.person.answers_to(key)).map(|it| it.person.id.clone());
                id.iter().for_each(|id| self.purge(id));
            }
            Departure::Back => {
                if let Some(place) = self.bin.iter().position(|it| it.person.answers_to(key)) {
                    let Binned { person, .. } = self.bin.remove(place);
                    self.people.push(person);
                }
                self.change(key, |person| person.account_enabled = true);
            }
        }
    }

    fn purge(&mut self, id: &str) {
        self.bin.retain(|it| it.person.id != id);
        self.gone.push(id.to_owned());
        self.touch(id);
    }

    /// The number of the last change of all.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// The ids of whoever changed after that number, in the order of change.
    pub(crate) fn since(&self, number: u64) -> Vec<String> {
        let mut changed: Vec<(u64, &String)> = self.changed.iter().filter(|(_, at)| **at > number).map(|(id, at)| (*at, id)).collect();
        changed.sort_unstable();
        changed.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// What there is of an account now.
    pub(crate) fn see(&self, id: &str) -> Seen<'_> {
        match self.people.iter().find(|person| person.id == id) {
            Some(person) => Seen::Here(person),
            None if self.bin.iter().any(|it| it.person.id == id) => Seen::Binned,
            None => Seen::Gone,
        }
    }
}

/// The mailbox that notices come from.
pub(crate) const SENDER: &str = "security@acme.example";

/// A GUID, always the same for the same thing.
pub(crate) fn guid(seed: u64, kind: &str, n: usize) -> String {
    let hash = Sha256::digest([seed.to_le_bytes().as_slice(), kind.as_bytes(), &n.to_le_bytes()].concat());
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
