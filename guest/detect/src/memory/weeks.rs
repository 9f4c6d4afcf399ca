//! Counts of the last five weeks.

use crate::{
    codec::{Reader, Writer},
    moment::Week,
};

const KEPT: usize = 5;

/// How often something was, this week and in each of the four before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weeks {
    latest: Week,
    counts: [u16; KEPT],
}

impl Weeks {
    /// One more in this week. What is older than five weeks counts no longer.
    pub fn add(&mut self, week: Week) {
        self.turn(week);
        if let Some(count) = self.counts.get_mut(usize::from(self.latest.0.saturating_sub(week.0))) {
            *count = count.saturating_add(1);
        }
    }

    /// How many in the five weeks that end with this one.
    pub fn total(&self, week: Week) -> u32 {
        let gone = usize::from(week.0.saturating_sub(self.latest.0));
        self.counts.iter().take(KEPT.saturating_sub(gone)).map(|count| u32::from(*count)).sum()
    }

    fn turn(&mut self, week: Week) {
        let by = usize::from(week.0.saturating_sub(self.latest.0)).min(KEPT);
        if by > 0 {
            self.counts.rotate_right(by % KEPT);
            self.counts.iter_mut().take(by).for_each(|count| *count = 0);
            self.latest = week;
        }
    }

    /// Into a body.
    pub fn write(&self, into: &mut Writer) {
        into.number(self.latest.0);
        self.counts.iter().for_each(|count| into.number(*count));
    }

    /// Out of a body.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let latest = Week(from.number()?);
        let mut counts = [0; KEPT];
        for count in &mut counts {
            *count = from.number()?;
        }
        Some(Self { latest, counts })
    }
}
