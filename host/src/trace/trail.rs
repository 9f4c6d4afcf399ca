//! Which commit stored what, as far as that was traced and not long ago.

use std::{
    collections::VecDeque,
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
};

use super::recorder::Place;

/// So many commits are remembered.
const ROOM: usize = 1024;
/// To so many of them a span is linked: a batch may hold the events of many pages.
const LINKS: usize = 16;

/// The latest commits.
#[derive(Debug, Default)]
pub(super) struct Trail(Mutex<VecDeque<Commit>>);

#[derive(Debug)]
struct Commit {
    source: String,
    places: RangeInclusive<i64>,
    span: Place,
}

impl Trail {
    /// That span stored these places of the log.
    pub(super) fn stored(&self, source: &str, places: RangeInclusive<i64>, span: Place) {
        let mut commits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if commits.len() >= ROOM {
            commits.pop_front();
        }
        commits.push_back(Commit { source: source.to_owned(), places, span });
    }

    /// The spans that stored what is at these places, the latest where they are many.
    pub(super) fn of(&self, source: &str, places: &RangeInclusive<i64>) -> Vec<Place> {
        let commits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let met =
            |commit: &&Commit| commit.source == source && commit.places.start() <= places.end() && places.start() <= commit.places.end();
        commits.iter().rev().filter(met).take(LINKS).map(|commit| commit.span).collect()
    }
}
