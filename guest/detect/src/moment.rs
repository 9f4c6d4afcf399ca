//! Event time as detections reckon with it: whole seconds, days and weeks, UTC.

/// Seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u32);

/// Days since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub u16);

/// Weeks since the Unix epoch, beginning on Thursdays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Week(pub u16);

/// Seconds of an hour.
pub const HOUR: u32 = 3600;
/// Seconds of a day.
pub const DAY: u32 = 86_400;

impl Moment {
    /// Of milliseconds since the epoch. What is past 2106 is in 2106.
    pub fn of(instant: u64) -> Self {
        Self(u32::try_from(instant / 1000).unwrap_or(u32::MAX))
    }

    /// The day it is on.
    pub fn day(self) -> Day {
        Day(u16::try_from(self.0 / DAY).unwrap_or(u16::MAX))
    }

    /// The week it is in.
    pub fn week(self) -> Week {
        self.day().week()
    }

    /// Seconds after `earlier`; 0 where it is not after.
    pub fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Milliseconds since the epoch.
    pub fn instant(self) -> u64 {
        u64::from(self.0) * 1000
    }
}

impl Day {
    /// The week it is in.
    pub fn week(self) -> Week {
        Week(self.0 / 7)
    }

    /// Days after `earlier`; 0 where it is not after.
    pub fn since(self, earlier: Self) -> u16 {
        self.0.saturating_sub(earlier.0)
    }
}
