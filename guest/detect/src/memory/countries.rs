//! The countries a user is active from.

use super::weeks::Weeks;
use crate::{
    codec::{Reader, Writer},
    country::Country,
    moment::{DAY, Moment},
};

/// So many are kept, those seen last.
const KEPT: usize = 10;

/// Activity by country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Countries(Vec<Visited>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Visited {
    country: Country,
    first: Moment,
    last: Moment,
    weeks: Weeks,
}

impl Countries {
    /// The user was active from there.
    pub fn add(&mut self, country: Country, at: Moment) {
        let found = match self.0.iter().position(|visited| visited.country == country) {
            Some(found) => found,
            None => {
                if self.0.len() >= KEPT
                    && let Some(oldest) = self.0.iter().enumerate().min_by_key(|(_, visited)| visited.last).map(|(place, _)| place)
                {
                    self.0.remove(oldest);
                }
                self.0.push(Visited { country, first: at, last: at, weeks: Weeks::default() });
                self.0.len() - 1
            }
        };
        if let Some(visited) = self.0.get_mut(found) {
            visited.first = visited.first.min(at);
            visited.last = visited.last.max(at);
            visited.weeks.add(at.week());
        }
    }

    /// Whether no country of the user is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the user was active from there in the `days` before this time.
    pub fn within(&self, country: Country, at: Moment, days: u16) -> bool {
        self.0.iter().any(|visited| visited.country == country && at.since(visited.last) <= u32::from(days) * DAY)
    }

    /// Whether the user was active from there on an earlier day.
    pub fn before(&self, country: Country, at: Moment) -> bool {
        self.0.iter().any(|visited| visited.country == country && visited.first.day() < at.day())
    }

    /// Whether the user was active from there so many seconds ago already.
    pub fn settled(&self, country: Country, at: Moment, seconds: u32) -> bool {
        self.0.iter().any(|visited| visited.country == country && at.since(visited.first) >= seconds)
    }

    /// Activities of the last five weeks by country, most first.
    pub fn past(&self, at: Moment) -> Vec<(Country, u32)> {
        let mut all: Vec<_> =
            self.0.iter().map(|visited| (visited.country, visited.weeks.total(at.week()))).filter(|(_, count)| *count > 0).collect();
        all.sort_by_key(|(country, count)| (std::cmp::Reverse(*count), *country));
        all
    }

    /// Which part of the last five weeks' activities came from there, in percent.
    pub fn share(&self, country: Country, at: Moment) -> u32 {
        let (mut all, mut there) = (0_u32, 0_u32);
        for visited in &self.0 {
            let count = visited.weeks.total(at.week());
            all = all.saturating_add(count);
            if visited.country == country {
                there = count;
            }
        }
        there.saturating_mul(100).checked_div(all).unwrap_or_default()
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.list(self.0.len());
        for visited in &self.0 {
            into.raw(&visited.country.0);
            into.number(visited.first.0);
            into.number(visited.last.since(visited.first));
            visited.weeks.write(into);
        }
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.list(KEPT, |from| {
            let (country, first) = (Country(from.raw()?), from.moment()?);
            Some(Visited { country, first, last: Moment(first.0.checked_add(from.number()?)?), weeks: Weeks::read(from)? })
        })
        .map(Self)
    }
}
