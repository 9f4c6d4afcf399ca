//! What is remembered of the organization as a whole.

use super::recent::Recent;
use crate::{
    codec::{Reader, Writer},
    country::Country,
    moment::Day,
};

const VERSION: u8 = 1;
/// More codes than there are countries.
const COUNTRIES: usize = 676;

/// The organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// Countries by code, each with users active from it.
    countries: Vec<(Country, Recent<4>)>,
    /// Autonomous systems that a finding named.
    pub alerted: Recent<32>,
}

impl Organization {
    /// This user was active from there.
    pub fn see(&mut self, country: Country, user: u32, day: Day) {
        let place = match self.countries.binary_search_by_key(&country, |(country, _)| *country) {
            Ok(place) => place,
            Err(place) => {
                self.countries.insert(place, (country, Recent::default()));
                place
            }
        };
        if let Some((_, users)) = self.countries.get_mut(place) {
            users.see(user, day);
        }
    }

    /// How many other users, up to three, were active from there in the `days` before this one.
    pub fn others(&self, country: Country, user: u32, day: Day, days: u16) -> usize {
        let found = self.countries.binary_search_by_key(&country, |(country, _)| *country).ok();
        found.and_then(|place| self.countries.get(place)).map_or(0, |(_, users)| users.others(user, day, days))
    }

    /// Into a body.
    pub fn write(&self) -> Vec<u8> {
        let mut into = Writer::new(VERSION);
        into.list(self.countries.len());
        for (country, users) in &self.countries {
            into.raw(&country.0);
            users.write(&mut into);
        }
        self.alerted.write(&mut into);
        into.finish()
    }

    /// Out of a body. Nothing where it is not one of ours.
    pub fn read(body: &[u8]) -> Option<Self> {
        let (VERSION, mut from) = Reader::new(body)? else { return None };
        let countries = from.list(COUNTRIES, |from| Some((Country(from.raw()?), Recent::read(from)?)))?;
        let read = Self { countries, alerted: Recent::read(&mut from)? };
        (from.ended() && read.countries.is_sorted_by_key(|(country, _)| *country)).then_some(read)
    }
}
