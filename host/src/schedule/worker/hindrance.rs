//! What holds backfills up: each by itself, so that one that cannot be read lets the others go on.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    backoff::Backoff,
    model::Instant,
    schedule::state::{Kind, Problem, Remedy},
    store::History,
};

/// What holds one backfill up.
#[derive(Debug)]
pub(super) struct Hindrance {
    pub(super) problem: Option<Problem>,
    pub(super) backoff: Backoff,
    /// When it is tried again.
    pub(super) due: Instant,
    /// How often in a row it failed.
    pub(super) tries: u32,
}

impl Hindrance {
    /// Records what is wrong. Returns whether that is new.
    pub(super) fn fail(&mut self, kind: Kind, message: String, remedy: Remedy, now: Instant) -> bool {
        Problem::replace(&mut self.problem, kind, message, remedy, now)
    }
}

/// What holds the backfills of a source up, by their numbers.
#[derive(Debug)]
pub(super) struct Hindrances {
    source: String,
    all: BTreeMap<i64, Hindrance>,
}

impl Hindrances {
    /// None yet.
    pub(super) fn new(source: &str) -> Self {
        Self { source: source.to_owned(), all: BTreeMap::new() }
    }

    /// That of this one, which is held up by nothing yet where it is not known.
    pub(super) fn of(&mut self, id: i64, now: Instant) -> &mut Hindrance {
        let backoff = || Backoff::new(&self.source, Duration::from_secs(5), Duration::from_secs(300));
        self.all.entry(id).or_insert_with(|| Hindrance { problem: None, backoff: backoff(), due: now, tries: 0 })
    }

    /// That of this one, where something holds it up.
    pub(super) fn get(&self, id: i64) -> Option<&Hindrance> {
        self.all.get(&id)
    }

    /// It goes on. Returns whether it did not before.
    pub(super) fn mended(&mut self, id: i64) -> bool {
        self.all.remove(&id).is_some()
    }

    /// Forgets all but these.
    pub(super) fn keep(&mut self, left: &[History]) {
        self.all.retain(|id, _| left.iter().any(|history| history.id == *id));
    }

    /// All of them are tried again now.
    pub(super) fn nudge(&mut self, now: Instant) {
        self.all.values_mut().for_each(|each| each.due = each.due.min(now));
    }

    /// What an operator sees of them.
    pub(super) fn problems(&self) -> BTreeMap<i64, Problem> {
        self.all.iter().filter_map(|(id, each)| Some((*id, each.problem.clone()?))).collect()
    }
}
