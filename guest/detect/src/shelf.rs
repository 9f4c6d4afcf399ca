//! Profiles of one kind while a batch is judged: read once, changed in place, and written where they changed.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;

use crate::detector::Profile;

/// How a profile becomes bytes and back.
pub trait Body: Default {
    /// Out of a body. Nothing where it is not one of ours.
    fn read(body: &[u8]) -> Option<Self>;
    /// Into a body.
    fn write(&self) -> Vec<u8>;
}

/// What the host handed over, by subject, and what it should have.
///
/// Looked up, never walked through, so that its hashes decide nothing. They are the same in every call: who chooses names that
/// collide makes a batch cost the square of its few thousand events, and nothing more.
#[derive(Debug)]
pub struct Given<'a> {
    index: HashMap<&'a str, Entry<'a>, FixedState>,
    /// Subjects whose profiles were not given.
    pub missing: BTreeSet<String>,
}

#[derive(Debug)]
struct Entry<'a> {
    profile: &'a Profile,
    /// Its place on its shelf, once it was read.
    place: Option<usize>,
}

impl<'a> Given<'a> {
    /// Of these profiles.
    pub fn new(profiles: &'a [Profile]) -> Self {
        let mut index = HashMap::with_capacity_and_hasher(profiles.len(), FixedState::default());
        index.extend(profiles.iter().map(|profile| (profile.subject.as_str(), Entry { profile, place: None })));
        Self { index, missing: BTreeSet::new() }
    }
}

/// Profiles of one kind.
#[derive(Debug)]
pub struct Shelf<'a, T>(Vec<Slot<'a, T>>);

#[derive(Debug)]
struct Slot<'a, T> {
    before: &'a Profile,
    value: T,
}

impl<'a, T: Body> Shelf<'a, T> {
    /// An empty one with room for so many.
    pub fn of(most: usize) -> Self {
        Self(Vec::with_capacity(most))
    }

    /// The place of a subject's profile. Nothing where it was not given, which is noted.
    pub fn find(&mut self, subject: String, given: &mut Given<'a>) -> Option<usize> {
        let Some(entry) = given.index.get_mut(subject.as_str()) else {
            given.missing.insert(subject);
            return None;
        };
        Some(*entry.place.get_or_insert_with(|| {
            let before = entry.profile;
            self.0.push(Slot { before, value: T::read(&before.body).unwrap_or_default() });
            self.0.len() - 1
        }))
    }

    /// The profile at a place that [`Self::find`] gave.
    pub fn get(&mut self, place: usize) -> Option<&mut T> {
        self.0.get_mut(place).map(|slot| &mut slot.value)
    }

    /// Those that changed, as they are now, in the order of their first use.
    pub fn changed(self, into: &mut Vec<Profile>) {
        for Slot { before, value } in self.0 {
            let body = value.write();
            if body != before.body {
                into.push(Profile { subject: before.subject.clone(), body });
            }
        }
    }
}
