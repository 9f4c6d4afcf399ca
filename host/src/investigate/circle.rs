//! The activities that have one thing in common, within a stretch of time.

use std::collections::{BTreeSet, VecDeque};

use audit_pipeline::detector::Sighting;
use serde::Serialize;

use super::{Attribute, Fact, Person};
use crate::model::{Instant, Seq};

/// One of them: how many, and a few.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Circle {
    /// What they have in common.
    pub same: Common,
    /// Which.
    pub values: Vec<String>,
    /// From then on.
    pub from: Instant,
    /// Up to then.
    pub to: Instant,
    /// How many.
    pub count: u64,
    /// The first of them, or the last, in the order of the log.
    pub events: VecDeque<Fact>,
}

/// What activities have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Common {
    /// The vendor's verb, whoever did it.
    Type,
    /// Who acted.
    User,
    /// Whom somebody else acted upon.
    Target,
    /// The address.
    Address,
    /// The country.
    Location,
}

/// Which of them are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// So many from the beginning.
    First(usize),
    /// So many up to the end.
    Last(usize),
}

/// A circle that is still growing.
#[derive(Clone, Debug)]
pub(super) struct Drawing {
    keep: Keep,
    wanted: BTreeSet<String>,
    circle: Circle,
}

impl Drawing {
    /// Around these values; around the user where the values of users are meant.
    pub(super) fn new(same: Common, wanted: BTreeSet<String>, (from, to): (Instant, Instant), keep: Keep) -> Self {
        let values = wanted.iter().cloned().collect();
        Self { keep, wanted, circle: Circle { same, values, from, to, count: 0, events: VecDeque::new() } }
    }

    /// Takes an event in if it belongs. `acted`: it is the user's.
    pub(super) fn add(&mut self, sighting: &Sighting, acted: bool, person: &Person, evidence: &BTreeSet<Seq>) {
        let at = Instant(sighting.event.time);
        if at < self.circle.from || at > self.circle.to {
            return;
        }
        let says = |attribute: Attribute| attribute.of(sighting).is_some_and(|value| self.wanted.contains(value.as_ref()));
        let belongs = match self.circle.same {
            Common::Type => says(Attribute::Action),
            Common::Address => says(Attribute::Address),
            Common::Location => says(Attribute::Country),
            Common::User => acted,
            Common::Target => !acted && sighting.event.object.as_ref().is_some_and(|object| person.is(object.id.as_deref(), None, None)),
        };
        if !belongs {
            return;
        }
        self.circle.count = self.circle.count.saturating_add(1);
        let (most, first) = match self.keep {
            Keep::First(most) => (most, true),
            Keep::Last(most) => (most, false),
        };
        let full = self.circle.events.len() >= most;
        if most == 0 || full && first {
            return;
        }
        if full {
            self.circle.events.pop_front();
        }
        let seq = Seq(i64::try_from(sighting.seq).unwrap_or(i64::MAX));
        self.circle.events.push_back(Fact::new(sighting, evidence.contains(&seq)));
    }

    /// Nothing more comes. None where there was nothing to be common.
    pub(super) fn done(self, person: &Person) -> Option<Circle> {
        let drawn = match self.circle.same {
            Common::User | Common::Target => !person.is_nobody(),
            Common::Type | Common::Address | Common::Location => !self.wanted.is_empty(),
        };
        drawn.then_some(self.circle)
    }
}
