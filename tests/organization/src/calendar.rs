//! Days, weekends and quarters.

/// Milliseconds.
pub(crate) const MINUTE: u64 = 60_000;
/// Milliseconds.
pub(crate) const HOUR: u64 = 60 * MINUTE;
/// Milliseconds.
pub(crate) const DAY: u64 = 24 * HOUR;

/// The days that are watched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Period {
    pub(crate) start: u64,
    pub(crate) days: u32,
}

impl Period {
    pub(crate) const fn end(self) -> u64 {
        self.start + self.days as u64 * DAY
    }

    pub(crate) const fn contains(self, time: u64) -> bool {
        self.start <= time && time < self.end()
    }

    /// Where everybody has a past: attacks come from here on.
    pub(crate) const fn ripe(self) -> u64 {
        self.start + self.days as u64 * DAY / 3
    }

    /// When day `day` begins on a clock that is `ahead` minutes ahead of UTC.
    pub(crate) const fn midnight(self, day: u32, ahead: i32) -> u64 {
        (self.start + day as u64 * DAY).saturating_add_signed(-(ahead as i64) * MINUTE as i64)
    }

    /// Whether people of `country` work on day `day`.
    pub(crate) fn works(self, day: u32, country: &str) -> bool {
        // The epoch was a Thursday: 0 is Monday.
        let weekday = (self.start / DAY + u64::from(day) + 3) % 7;
        match country {
            "IL" | "EG" | "IR" | "BD" => !(4..=5).contains(&weekday),
            _ => weekday < 5,
        }
    }

    /// Whether day `day` is one of the first nine of a quarter.
    pub(crate) fn quarter_begins(self, day: u32) -> bool {
        let (month, day) = month_and_day(self.start / DAY + u64::from(day));
        month % 3 == 1 && day <= 9
    }

    /// The days in which a quarter begins.
    pub(crate) fn quarter_days(self) -> Vec<u32> {
        (0..self.days).filter(|&day| self.quarter_begins(day) && self.works(day, "")).collect()
    }
}

/// Month from 1 and day from 1 of a number of days since the epoch, by the civil calendar.
const fn month_and_day(days: u64) -> (u64, u64) {
    // Years begin in March, so that the odd day comes last.
    let day_of_era = (days + 719_468) % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    (if month < 10 { month + 3 } else { month - 9 }, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(month_and_day(0), (1, 1));
        assert_eq!(month_and_day(1_771_200_000_000 / DAY), (2, 16));
        assert_eq!(month_and_day(1_771_200_000_000 / DAY + 44), (4, 1));
        assert_eq!(month_and_day(19_782), (2, 29));
    }

    #[test]
    fn weekends_differ_between_countries() {
        let period = Period { start: 1_771_200_000_000, days: 60 };
        let week = |country| (0..7).map(|day| period.works(day, country)).collect::<Vec<_>>();
        assert_eq!(week("DE"), [true, true, true, true, true, false, false]);
        assert_eq!(week("IL"), [true, true, true, true, false, false, true]);
    }

    #[test]
    fn a_quarter_begins_on_the_first_of_april() {
        let period = Period { start: 1_771_200_000_000, days: 60 };
        assert_eq!(period.quarter_days().first(), Some(&44));
    }
}
