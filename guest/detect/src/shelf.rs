//! Profiles of one kind while a batch is judged: read once, changed in place, and written where they changed.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, DefaultHasher},
};

use crate::detector::Profile;

/// Looked up, never walked through: the order of what comes out is that of first use.
type Index<V> = HashMap<String, V, BuildHasherDefault<DefaultHasher>>;

/// How a profile becomes bytes and back.
pub trait Body: Default {
    /// Out of a body. Nothing where it is not one of ours.
    fn read(body: &[u8]) -> Option<Self>;
    /// Into a body.
    fn write(&self) -> Vec<u8>;
}

/// The bodies that the host handed over, by subject.
#[derive(Debug, Default)]
pub struct Given(Index<Vec<u8>>);

impl Given {
    /// Of these profiles.
    pub fn new(profiles: Vec<Profile>) -> Self {
        Self(profiles.into_iter().map(|profile| (profile.subject, profile.body)).collect())
    }
}

/// Profiles of one kind.
#[derive(Debug)]
pub struct Shelf<T> {
    index: Index<usize>,
    slots: Vec<Slot<T>>,
}

#[derive(Debug)]
struct Slot<T> {
    subject: String,
    before: Vec<u8>,
    value: T,
    missing: bool,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { index: Index::default(), slots: Vec::new() }
    }
}

impl<T: Body> Shelf<T> {
    /// The place of a subject's profile: as it was given, empty where the host holds none, and noted as missing where it was not
    /// asked for yet.
    pub fn find(&mut self, subject: String, given: &mut Given) -> usize {
        if let Some(place) = self.index.get(&subject) {
            return *place;
        }
        let place = self.slots.len();
        let body = given.0.remove(&subject);
        let missing = body.is_none();
        let before = body.unwrap_or_default();
        let value = T::read(&before).unwrap_or_default();
        self.index.insert(subject.clone(), place);
        self.slots.push(Slot { subject, before, value, missing });
        place
    }

    /// The profile at a place that [`Self::find`] gave.
    pub fn get(&mut self, place: usize) -> Option<&mut T> {
        self.slots.get_mut(place).map(|slot| &mut slot.value)
    }

    /// Those that were not given.
    pub fn missing(&self) -> impl Iterator<Item = String> {
        self.slots.iter().filter(|slot| slot.missing).map(|slot| slot.subject.clone())
    }

    /// Those that changed, as they are now.
    pub fn changed(self) -> impl Iterator<Item = Profile> {
        self.slots.into_iter().filter_map(|slot| {
            let body = slot.value.write();
            (body != slot.before).then_some(Profile { subject: slot.subject, body })
        })
    }
}
