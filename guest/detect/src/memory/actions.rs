//! The administrative actions of a user, by name: since when, and how often in one session.

use crate::{
    codec::{Reader, Writer},
    moment::Day,
};

/// So many are kept, those done last.
const KEPT: usize = 20;
/// What is told is written into the highest bit of how often.
const TOLD: u16 = 1 << 15;

/// Administrative actions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions(Vec<Done>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Done {
    what: u32,
    first: Day,
    last: Day,
    /// How often in the session under way.
    now: u16,
    /// That much is new in the session under way was told at this action.
    told: bool,
    /// How often in one session of those before: each week takes a quarter of it.
    most: u16,
}

impl Actions {
    /// It was done. How often in the session under way, and how often at most in one before.
    pub fn add(&mut self, what: u32, day: Day, past: u16) -> (u16, u16) {
        let found = match self.0.iter().position(|done| done.what == what) {
            Some(found) => found,
            None => {
                if self.0.len() >= KEPT
                    && let Some(oldest) = self.0.iter().enumerate().min_by_key(|(_, done)| done.last).map(|(place, _)| place)
                {
                    self.0.remove(oldest);
                }
                self.0.push(Done { what, first: day, last: day, now: 0, told: false, most: 0 });
                self.0.len() - 1
            }
        };
        let Some(done) = self.0.get_mut(found) else { return (0, 0) };
        if day.since(done.last) > past {
            (done.first, done.most) = (day, 0);
        }
        for _ in 0..day.week().0.saturating_sub(done.last.week().0).min(8) {
            done.most -= done.most / 4;
        }
        (done.first, done.last) = (done.first.min(day), done.last.max(day));
        done.now = done.now.saturating_add(1).min(TOLD - 1);
        (done.now, done.most)
    }

    /// The session under way has ended.
    pub fn end(&mut self) {
        for done in &mut self.0 {
            done.most = done.most.max(done.now);
            (done.now, done.told) = (0, false);
        }
    }

    /// Whether this is to be told, which it is once in a session: it never was, and is from here on.
    pub fn tell(&mut self, what: u32) -> bool {
        let news = !self.0.iter().any(|done| done.told);
        if let Some(done) = self.0.iter_mut().find(|done| done.what == what) {
            done.told |= news;
        }
        news
    }

    /// Whether it was done in the `past` days before this one.
    pub fn within(&self, what: u32, day: Day, past: u16) -> bool {
        self.past(day, past).any(|done| done == what)
    }

    /// Whether it was done on an earlier day, and in the `past` days before this one.
    pub fn before(&self, what: u32, day: Day, past: u16) -> bool {
        self.0.iter().any(|done| done.what == what && done.first < day && day.since(done.last) <= past)
    }

    /// Those done in the `past` days before this one.
    pub fn past(&self, day: Day, past: u16) -> impl Iterator<Item = u32> {
        self.0.iter().filter(move |done| day.since(done.last) <= past).map(|done| done.what)
    }

    /// Those of the session under way that were not done before this day, with how often.
    pub fn since(&self, day: Day) -> impl Iterator<Item = (u32, u16)> {
        self.0.iter().filter(move |done| done.now > 0 && done.first >= day).map(|done| (done.what, done.now))
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.list(self.0.len());
        for done in &self.0 {
            into.raw(&done.what.to_le_bytes());
            into.number(done.first.0);
            into.number(done.last.since(done.first));
            into.number(if done.told { done.now | TOLD } else { done.now });
            into.number(done.most);
        }
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let read = from.list(KEPT, |from| {
            let (what, first) = (u32::from_le_bytes(from.raw()?), from.day()?);
            let last = Day(first.0.checked_add(from.number()?)?);
            let now: u16 = from.number()?;
            Some(Done { what, first, last, now: now & !TOLD, told: now & TOLD != 0, most: from.number()? })
        });
        read.map(Self)
    }
}
