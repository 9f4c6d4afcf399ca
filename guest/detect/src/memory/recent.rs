//! A short list of what was seen lately: the oldest makes room.

use crate::{
    codec::{Reader, Writer},
    moment::Day,
};

/// Up to `N` things, each by a number, with the day on which it was last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent<const N: usize>(Vec<Seen>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    what: u32,
    first: Day,
    last: Day,
}

impl<const N: usize> Recent<N> {
    /// It was seen on this day. Where all places are taken by things at least as recent, it is passed over.
    pub fn see(&mut self, what: u32, day: Day) {
        if let Some(seen) = self.0.iter_mut().find(|seen| seen.what == what) {
            (seen.first, seen.last) = (seen.first.min(day), seen.last.max(day));
        } else if self.0.len() < N {
            self.0.push(Seen { what, first: day, last: day });
        } else if let Some(oldest) = self.0.iter_mut().min_by_key(|seen| seen.last)
            && oldest.last < day
        {
            *oldest = Seen { what, first: day, last: day };
        }
    }

    /// Whether it was seen in the `days` before this one.
    pub fn within(&self, what: u32, day: Day, days: u16) -> bool {
        self.0.iter().any(|seen| seen.what == what && day.since(seen.last) <= days)
    }

    /// Whether it was seen on an earlier day too, and in the `days` before this one.
    pub fn before(&self, what: u32, day: Day, days: u16) -> bool {
        self.0.iter().any(|seen| seen.what == what && seen.first < day && day.since(seen.last) <= days)
    }

    /// How many others than this were seen in the `days` before this one.
    pub fn others(&self, what: u32, day: Day, days: u16) -> usize {
        self.0.iter().filter(|seen| seen.what != what && day.since(seen.last) <= days).count()
    }

    /// How many were seen in the `days` before this one.
    pub fn count(&self, day: Day, days: u16) -> usize {
        self.0.iter().filter(|seen| day.since(seen.last) <= days).count()
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.list(self.0.len());
        for seen in &self.0 {
            into.raw(&seen.what.to_le_bytes());
            into.number(seen.first.0);
            into.number(seen.last.since(seen.first));
        }
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let seen = from.list(N, |from| {
            let (what, first) = (u32::from_le_bytes(from.raw()?), from.day()?);
            Some(Seen { what, first, last: Day(first.0.checked_add(from.number()?)?) })
        });
        seen.map(Self)
    }
}
