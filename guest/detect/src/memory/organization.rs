//! What is remembered of the organization as a whole.

use super::{crowd::Crowd, habit::Habit, recent::Recent};
use crate::{
    codec::{Reader, Writer},
    country::Country,
    moment::{DAY, Day, Moment},
};

const VERSION: u8 = 1;
/// More codes than there are countries.
const COUNTRIES: usize = 676;
/// More administrative actions than a vendor has.
const ACTIONS: usize = 96;

/// The organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// The earliest activity of anybody.
    first: Moment,
    /// Countries by code, each with users active from it.
    countries: Vec<(Country, Recent<4>)>,
    /// Autonomous systems that a finding named.
    pub alerted: Recent<32>,
    /// Everybody who did anything.
    everybody: Crowd<32>,
    /// Administrative actions, by name, with who did them.
    actions: Vec<(u32, Crowd<4>)>,
    /// Administrative sessions of anybody.
    pub administration: Habit,
}

impl Organization {
    /// Somebody did something.
    pub fn see(&mut self, user: u32, at: Moment) {
        self.first = if self.first.0 == 0 { at } else { self.first.min(at) };
        self.everybody.see(user, at.day());
    }

    /// Whether so many days of it are known by then.
    pub fn is_known(&self, at: Moment, days: u16) -> bool {
        self.first.0 != 0 && at.since(self.first) >= u32::from(days) * DAY
    }

    /// This user is active from there.
    pub fn visit(&mut self, country: Country, user: u32, day: Day) {
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

    /// This user did this administrative action.
    pub fn administrate(&mut self, action: u32, user: u32, day: Day) {
        let place = self.actions.iter().position(|(known, _)| *known == action);
        let place = place.or_else(|| {
            (self.actions.len() < ACTIONS).then(|| {
                self.actions.push((action, Crowd::default()));
                self.actions.len() - 1
            })
        });
        if let Some((_, crowd)) = place.and_then(|place| self.actions.get_mut(place)) {
            crowd.see(user, day);
        }
    }

    /// Whether this administrative action is everybody's: at least ten users do it, and a hundredth of all.
    pub fn is_everybodys(&self, action: u32) -> bool {
        let users = self.actions.iter().find(|(known, _)| *known == action).map_or(0, |(_, crowd)| crowd.count());
        users >= 10 && users.saturating_mul(100) >= self.everybody.count()
    }

    /// Into a body.
    pub fn write(&self) -> Vec<u8> {
        let mut into = Writer::new(VERSION);
        into.number(self.first.0);
        into.list(self.countries.len());
        for (country, users) in &self.countries {
            into.raw(&country.0);
            users.write(&mut into);
        }
        self.alerted.write(&mut into);
        self.everybody.write(&mut into);
        into.list(self.actions.len());
        for (action, crowd) in &self.actions {
            into.number(*action);
            crowd.write(&mut into);
        }
        self.administration.write(&mut into);
        into.finish()
    }

    /// Out of a body. Nothing where it is not one of ours.
    pub fn read(body: &[u8]) -> Option<Self> {
        let (VERSION, mut from) = Reader::new(body)? else { return None };
        let from = &mut from;
        let first = from.moment()?;
        let countries = from.list(COUNTRIES, |from| Some((Country(from.raw()?), Recent::read(from)?)))?;
        let read = Self {
            first,
            countries,
            alerted: Recent::read(from)?,
            everybody: Crowd::read(from)?,
            actions: from.list(ACTIONS, |from| Some((from.number()?, Crowd::read(from)?)))?,
            administration: Habit::read(from)?,
        };
        (from.ended() && read.countries.is_sorted_by_key(|(country, _)| *country)).then_some(read)
    }
}
