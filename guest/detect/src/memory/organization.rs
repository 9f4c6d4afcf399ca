//! What is remembered of the organization as a whole.

use super::{
    crowd::Crowd,
    habit::{BULK, Habit},
    recent::Recent,
};
use crate::{
    codec::{Reader, Writer},
    country::Country,
    moment::{DAY, Day, Moment},
};

const VERSION: u8 = 2;
/// More codes than there are countries.
const COUNTRIES: usize = 676;
/// More administrative actions than a vendor has.
const ACTIONS: usize = 96;
/// What was counted so often is halved, so that the past month weighs most.
const HALVED: u32 = 1 << 16;

/// The organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// The earliest activity of anybody.
    first: Moment,
    /// Countries by code, each with users active from it.
    countries: Vec<(Country, Recent<4>)>,
    /// Autonomous systems that a finding named.
    pub alerted: Recent<32>,
    /// Administrative actions, by name, with who did them.
    actions: Vec<Done>,
    /// Other actions that are counted, by name.
    kinds: Vec<Kind>,
    /// Users whose role somebody else changed, and no crowd with them.
    pub appointed: Recent<256>,
    /// Administrative sessions of anybody.
    pub administration: Habit,
}

/// An administrative action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Done {
    what: u32,
    users: Crowd<4>,
    /// Those who did nothing else of the sort.
    lone: Crowd<4>,
    /// Those who did it in bulk.
    bulk: Crowd<1>,
}

impl Done {
    fn is_everybodys(&self, percent: u32) -> bool {
        let lone = self.lone.count();
        lone >= 10 && lone.saturating_mul(100) >= self.users.count().saturating_mul(percent)
    }
}

/// How often an action was done: one of several of the same sort, such as shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kind {
    what: u32,
    sort: u8,
    count: u32,
}

impl Organization {
    /// Somebody did something.
    pub fn see(&mut self, at: Moment) {
        self.first = if self.first.0 == 0 { at } else { self.first.min(at) };
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

    /// This user did this administrative action for the so-manieth time in a session, and `others` besides it in the past month.
    pub fn administrate(&mut self, action: u32, user: u32, day: Day, times: u32, others: usize) {
        let place = self.actions.iter().position(|done| done.what == action);
        let place = place.or_else(|| {
            (self.actions.len() < ACTIONS).then(|| {
                self.actions.push(Done { what: action, ..Done::default() });
                self.actions.len() - 1
            })
        });
        if let Some(done) = place.and_then(|place| self.actions.get_mut(place)) {
            done.users.see(user, day);
            if others == 0 {
                done.lone.see(user, day);
            }
            if times == BULK {
                done.bulk.see(user, day);
            }
        }
    }

    fn done(&self, action: u32) -> Option<&Done> {
        self.actions.iter().find(|done| done.what == action)
    }

    /// Whether this administrative action makes nobody an administrator: such a part of those who do it, and ten at least, do nothing
    /// else of the sort.
    pub fn is_everybodys(&self, action: u32, percent: u32) -> bool {
        self.done(action).is_some_and(|done| done.is_everybodys(percent))
    }

    /// Whether it is rare: fewer than a tenth of those who administrate do it, and there are enough of them to say so.
    pub fn is_rare(&self, action: u32, percent: u32) -> bool {
        let others = self.actions.iter().filter(|done| done.what != action && !done.is_everybodys(percent));
        let most = others.map(|done| done.users.count()).max().unwrap_or_default();
        most >= 10 && self.done(action).map_or(0, |done| done.users.count()).saturating_mul(10) < most
    }

    /// Whether it is done in bulk by others too: by three at least, and by one in eight of those who do it.
    pub fn is_bulk(&self, action: u32) -> bool {
        self.done(action).is_some_and(|done| {
            let bulk = done.bulk.count();
            bulk >= 3 && bulk.saturating_mul(8) >= done.users.count()
        })
    }

    /// An action of this sort was done.
    pub fn count(&mut self, sort: u8, what: u32) {
        if let Some(kind) = self.kinds.iter_mut().find(|kind| kind.sort == sort && kind.what == what) {
            kind.count = kind.count.saturating_add(1);
        } else if self.kinds.len() < ACTIONS {
            self.kinds.push(Kind { what, sort, count: 1 });
        }
        if self.kinds.iter().any(|kind| kind.count >= HALVED) {
            self.kinds.iter_mut().for_each(|kind| kind.count /= 2);
        }
    }

    /// Whether it is a rare one of its sort: fewer than one in five, where a hundred are known.
    pub fn is_seldom(&self, sort: u8, what: u32) -> bool {
        let of_sort = || self.kinds.iter().filter(|kind| kind.sort == sort);
        let all = of_sort().fold(0_u32, |all, kind| all.saturating_add(kind.count));
        let this = of_sort().find(|kind| kind.what == what).map_or(0, |kind| kind.count);
        all >= 100 && this.saturating_mul(5) < all
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
        into.list(self.actions.len());
        for Done { what, users, lone, bulk } in &self.actions {
            into.number(*what);
            users.write(&mut into);
            lone.write(&mut into);
            bulk.write(&mut into);
        }
        into.list(self.kinds.len());
        for Kind { what, sort, count } in &self.kinds {
            into.number(*what);
            into.number(*sort);
            into.number(*count);
        }
        self.appointed.write(&mut into);
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
            actions: from.list(ACTIONS, |from| {
                Some(Done { what: from.number()?, users: Crowd::read(from)?, lone: Crowd::read(from)?, bulk: Crowd::read(from)? })
            })?,
            kinds: from.list(ACTIONS, |from| Some(Kind { what: from.number()?, sort: from.number()?, count: from.number()? }))?,
            appointed: Recent::read(from)?,
            administration: Habit::read(from)?,
        };
        (from.ended() && read.countries.is_sorted_by_key(|(country, _)| *country)).then_some(read)
    }
}
