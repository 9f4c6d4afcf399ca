//! Profiles of one kind while a batch is judged: read once, changed in place, and written where they changed.

use std::{
    collections::{BTreeSet, HashMap},
    mem::take,
};

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
    profiles: &'a [Profile],
    index: HashMap<&'a str, Entry, FixedState>,
    /// Subjects whose profiles were not given.
    pub missing: BTreeSet<String>,
}

#[derive(Debug)]
struct Entry {
    /// Which of the profiles that were given.
    given: usize,
    /// Its place on its shelf, once it was read.
    place: Option<usize>,
}

impl<'a> Given<'a> {
    /// Of these profiles.
    pub fn new(profiles: &'a [Profile]) -> Self {
        let mut index = HashMap::with_capacity_and_hasher(profiles.len(), FixedState::default());
        index.extend(profiles.iter().enumerate().map(|(given, profile)| (profile.subject.as_str(), Entry { given, place: None })));
        Self { profiles, index, missing: BTreeSet::new() }
    }
}

/// Profiles of one kind.
#[derive(Debug)]
pub struct Shelf<T>(Vec<Slot<T>>);

#[derive(Debug)]
struct Slot<T> {
    /// Which of the profiles that were given.
    given: usize,
    value: T,
}

impl<T: Body> Shelf<T> {
    /// An empty one with room for so many.
    pub fn of(most: usize) -> Self {
        Self(Vec::with_capacity(most))
    }

    /// The place of a subject's profile. Nothing where it was not given, which is noted.
    pub fn find(&mut self, subject: &str, from: &mut Given<'_>) -> Option<usize> {
        let Some(Entry { given, place }) = from.index.get_mut(subject) else {
            from.missing.insert(subject.to_owned());
            return None;
        };
        Some(*place.get_or_insert_with(|| {
            let value = from.profiles.get(*given).and_then(|profile| T::read(&profile.body)).unwrap_or_default();
            self.0.push(Slot { given: *given, value });
            self.0.len() - 1
        }))
    }

    /// The profile at a place that [`Self::find`] gave.
    pub fn get(&mut self, place: usize) -> Option<&mut T> {
        self.0.get_mut(place).map(|slot| &mut slot.value)
    }

    /// Takes those that changed out of what was given, as they are now, in the order of their first use.
    pub fn changed(self, given: &mut [Profile], into: &mut Vec<Profile>) {
        for slot in self.0 {
            let Some(profile) = given.get_mut(slot.given) else { continue };
            let body = slot.value.write();
            if body == profile.body {
                continue;
            }
            // Where it was, if there is room: memory that nobody touched yet costs more than the bytes.
            if body.len() <= profile.body.capacity() {
                profile.body.clear();
                profile.body.extend_from_slice(&body);
            } else {
                profile.body = body;
            }
            into.push(Profile { subject: take(&mut profile.subject), body: take(&mut profile.body) });
        }
    }
}
