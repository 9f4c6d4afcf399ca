//! Who is meant by a name: one user, or as many as answer to it.

use std::collections::BTreeSet;

use audit_pipeline::types::Actor;
use serde::Serialize;

use super::{Seen, Trace};
use crate::{alert::Who, model::Instant};

/// Users that one name is kept for, at most.
const NAMED: usize = 20;
/// Identifiers that are learned of one e-mail address, at most.
const LEARNED: usize = 100;

/// How a user is recognized.
#[derive(Clone, Debug, Default)]
pub struct Person {
    ids: BTreeSet<String>,
    emails: BTreeSet<String>,
    /// Lower case.
    names: BTreeSet<String>,
    /// Who answered to it so far.
    met: Vec<Named>,
    /// More than are kept answered to it.
    crowded: bool,
}

/// One who answers to a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// All that is known of them.
    pub who: Who,
    /// When.
    pub seen: Seen,
}

impl Person {
    /// The one who did what an alert tells.
    pub fn who(who: &Who) -> Self {
        let some = |text: &Option<String>| text.iter().filter(|text| !text.is_empty()).cloned().collect::<BTreeSet<_>>();
        let (ids, emails) = (some(&who.id), some(&who.email).iter().map(|text| text.to_lowercase()).collect::<BTreeSet<_>>());
        // A name is anybody's: it counts where nothing better is known.
        let names = if ids.is_empty() && emails.is_empty() { some(&who.name) } else { BTreeSet::new() };
        Self { ids, emails, names: names.iter().map(|name| name.to_lowercase()).collect(), ..Self::default() }
    }

    /// Whoever has this identifier, e-mail address or name.
    pub fn called(text: &str) -> Self {
        let one = |text: String| BTreeSet::from([text]);
        Self { ids: one(text.to_owned()), emails: one(text.to_lowercase()), names: one(text.to_lowercase()), ..Self::default() }
    }

    /// Whether nobody is meant.
    pub fn is_nobody(&self) -> bool {
        self.ids.is_empty() && self.emails.is_empty() && self.names.is_empty()
    }

    /// What is searched for among what is stored under their name.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let all: BTreeSet<&str> = [&self.ids, &self.emails, &self.names].into_iter().flatten().map(String::as_str).collect();
        all.into_iter()
    }

    /// Whether these are the words of one who is meant.
    pub fn is(&self, id: Option<&str>, email: Option<&str>, name: Option<&str>) -> bool {
        let lower = |text: &str| text.to_lowercase();
        id.is_some_and(|id| self.ids.contains(id))
            || email.is_some_and(|email| !self.emails.is_empty() && self.emails.contains(&lower(email)))
            || !self.names.is_empty() && name.is_some_and(|name| self.names.contains(&lower(name)))
    }

    /// The same, of what an alert tells.
    pub fn is_who(&self, who: &Who) -> bool {
        self.is(who.id.as_deref(), who.email.as_deref(), who.name.as_deref())
    }

    /// Whether they acted here. From then on the identifier that goes with their e-mail address is theirs too.
    pub fn acted(&mut self, actor: &Actor, at: Instant) -> bool {
        if !self.is(actor.id.as_deref(), actor.email.as_deref(), actor.name.as_deref()) {
            return false;
        }
        let by_email = actor.email.as_ref().is_some_and(|email| self.emails.contains(&email.to_lowercase()));
        if let (true, Some(id)) = (by_email && self.ids.len() < LEARNED, &actor.id)
            && !self.ids.contains(id)
        {
            self.ids.insert(id.clone());
        }
        self.meet(actor, at);
        true
    }

    /// Who answered, the first to be met first, and whether there were more.
    pub fn met(self) -> (Vec<Named>, bool) {
        (self.met, self.crowded)
    }

    fn meet(&mut self, actor: &Actor, at: Instant) {
        let same = |named: &&mut Named| named.who.id == actor.id && named.who.email == actor.email && named.who.name == actor.name;
        let room = self.met.len() < NAMED;
        match self.met.iter_mut().find(same) {
            Some(named) => named.seen.add(at),
            None if room => {
                let who = Who { id: actor.id.clone(), email: actor.email.clone(), name: actor.name.clone() };
                self.met.push(Named { who, seen: Trace::first(at).seen });
            }
            None => self.crowded = true,
        }
    }
}
