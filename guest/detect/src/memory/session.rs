//! One kind of activity of one user: how much in the session under way, and in those before.

use super::habit::Habit;
use crate::{
    codec::{Reader, Writer},
    moment::{Moment, Week},
};

/// So many of its latest events a session keeps for evidence.
const EVIDENCE: usize = 8;

/// How a session is written that never was: nothing is under way, and there is no habit.
const NEVER: [u8; 3] = [0; 3];

/// The session under way, and the habit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// When its first event happened.
    pub start: Moment,
    /// When its last event happened.
    pub last: Moment,
    /// Its events.
    pub count: u32,
    /// How many of them are of a rare kind.
    pub rare: u32,
    /// The count at which it was last reported; 0: never.
    pub told: u32,
    /// The places of its latest events in the log.
    pub evidence: Vec<u64>,
    /// Sessions that are over.
    pub habit: Habit,
}

/// The same of what most users never do: room is made for it once they do it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seldom(Option<Box<Session>>);

impl Session {
    /// One more, after [`Self::end`]. What belongs to a session that is over is passed over, which says `false`.
    pub fn add(&mut self, at: Moment, seq: u64, gap: u32) -> bool {
        if self.count > 0 && self.start.since(at) > gap {
            return false;
        }
        self.start = if self.count == 0 { at } else { self.start.min(at) };
        self.last = self.last.max(at);
        self.count = self.count.saturating_add(1);
        if self.evidence.len() >= EVIDENCE {
            self.evidence.remove(0);
        }
        self.evidence.push(seq);
        true
    }

    /// Ends the session where the gap before `at` is longer than `gap` seconds: in which week it began, and how much was done.
    pub fn end(&mut self, at: Moment, gap: u32) -> Option<(Week, u32)> {
        let ended = (self.count > 0 && at.since(self.last) > gap).then_some((self.start.week(), self.weight()));
        if ended.is_some() {
            self.close();
        }
        self.habit.decay(at.week());
        ended
    }

    /// Ends the session: it becomes part of the habit.
    pub fn close(&mut self) {
        self.habit.add(self.start.week(), self.weight());
        *self = Self { habit: std::mem::take(&mut self.habit), ..Self::default() };
    }

    /// Its events; twice where most of them are of a rare kind.
    pub fn weight(&self) -> u32 {
        if self.rare.saturating_mul(2) > self.count { self.count.saturating_mul(2) } else { self.count }
    }

    /// Whether more than `most` is news: past it for the first time in this session, or twice what was told.
    pub fn news(&mut self, most: u32) -> bool {
        let weight = self.weight();
        let news = weight > most && (self.told == 0 || weight >= self.told.saturating_mul(2));
        if news {
            self.told = weight;
        }
        news
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.number(self.count);
        if self.count > 0 {
            into.number(self.start.0);
            into.number(self.last.since(self.start));
            into.number(self.told);
            into.number(self.rare);
            into.list(self.evidence.len());
            let mut before = 0;
            for seq in &self.evidence {
                into.number(seq.saturating_sub(before));
                before = *seq;
            }
        }
        self.habit.write(into);
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let count = from.number()?;
        let mut read = Self { count, ..Self::default() };
        if count > 0 {
            read.start = from.moment()?;
            read.last = Moment(read.start.0.checked_add(from.number()?)?);
            read.told = from.number()?;
            read.rare = from.number()?;
            let mut before = 0_u64;
            read.evidence = from.list(EVIDENCE, |from| {
                before = before.checked_add(from.number()?)?;
                Some(before)
            })?;
        }
        read.habit = Habit::read(from)?;
        Some(read)
    }
}

impl Seldom {
    /// The session.
    pub fn get(&mut self) -> &mut Session {
        self.0.get_or_insert_default()
    }

    /// Into a body, as [`Session::write`] does.
    pub fn write(&self, into: &mut Writer) {
        match &self.0 {
            Some(session) => session.write(into),
            None => into.raw(&NEVER),
        }
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        if from.skip(&NEVER) { Some(Self(None)) } else { Session::read(from).map(|session| Self(Some(Box::new(session)))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_done_is_written_as_a_session_would_be() {
        let mut into = [Writer::new(1), Writer::new(1), Writer::new(1)];
        let [session, seldom, looked_at] = &mut into;
        let mut seen = Seldom::default();
        let _ = seen.get();
        Session::default().write(session);
        Seldom::default().write(seldom);
        seen.write(looked_at);
        let [session, seldom, looked_at] = into.map(Writer::finish);
        assert_eq!((&session, &session), (&seldom, &looked_at));
        let (_, mut from) = Reader::new(&seldom).unwrap();
        assert_eq!(Seldom::read(&mut from), Some(Seldom::default()));
        assert!(from.ended());
    }
}
