//! When a channel may be told: days of the week and times of day, in a time zone.

use std::fmt;

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use crate::model::Instant;

/// Days, from one to another, and a time of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    first: Weekday,
    last: Weekday,
    /// When it begins.
    from: Time,
    /// When it ends: on the next day where that is not later.
    to: Time,
}

/// A text that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no span of days and times such as \"Mon-Fri 08:00-18:00\"")]
pub struct NoSpan;

impl std::str::FromStr for Span {
    type Err = NoSpan;
    fn from_str(text: &str) -> Result<Self, NoSpan> {
        let (days, times) = text.trim().split_once(' ').ok_or(NoSpan)?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, to) = times.trim().split_once('-').ok_or(NoSpan)?;
        let span = Self { first: weekday(first)?, last: weekday(last)?, from: time(from)?, to: time(to)? };
        // Only a whole day begins and ends at the same time.
        if span.from == span.to && span.from != Time::midnight() { Err(NoSpan) } else { Ok(span) }
    }
}

fn weekday(text: &str) -> Result<Weekday, NoSpan> {
    let days = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    let text = text.to_ascii_lowercase();
    days.iter().find(|(name, _)| *name == text).map(|(_, day)| *day).ok_or(NoSpan)
}

/// `08:00`; `24:00` is the midnight that ends a day.
fn time(text: &str) -> Result<Time, NoSpan> {
    let (hour, minute) = text.split_once(':').ok_or(NoSpan)?;
    let number = |text: &str| match text.len() {
        1 | 2 if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<i8>().map_err(|_| NoSpan),
        _ => Err(NoSpan),
    };
    match (number(hour)?, number(minute)?) {
        (24, 0) => Ok(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).map_err(|_| NoSpan),
    }
}

impl Span {
    fn holds(&self, day: Weekday) -> bool {
        let place = |day: Weekday| day.to_monday_zero_offset();
        let (first, last, day) = (place(self.first), place(self.last), place(day));
        // Sat-Mon goes over the end of the week.
        if first <= last { (first..=last).contains(&day) } else { day >= first || day <= last }
    }

    /// From when to when it is on a day.
    fn on(&self, date: Date, zone: &TimeZone) -> Option<(Instant, Instant)> {
        let end = if self.to > self.from { date } else { date.tomorrow().ok()? };
        // A time that the clock skips begins after the gap, one that comes twice is the first of the two.
        let at = |date: Date, time: Time| {
            let at = date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp();
            u64::try_from(at.as_millisecond()).ok().map(Instant)
        };
        Some((at(date, self.from)?, at(end, self.to)?))
    }
}

/// When a channel may be told.
#[derive(Clone, PartialEq, Eq)]
pub struct Hours {
    spans: Vec<Span>,
    zone: TimeZone,
}

impl fmt::Debug for Hours {
    /// The zone by its name: its rules are many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hours").field("spans", &self.spans).field("zone", &self.zone.iana_name().unwrap_or("UTC")).finish()
    }
}

impl Hours {
    /// These spans, by the clocks of this zone.
    pub fn new(spans: Vec<Span>, zone: TimeZone) -> Self {
        Self { spans, zone }
    }

    /// When they begin next. `None`: they are now, or never.
    pub fn closed_until(&self, now: Instant) -> Option<Instant> {
        let at = i64::try_from(now.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())?;
        let today = at.to_zoned(self.zone.clone()).date();
        let mut next: Option<Instant> = None;
        // From yesterday, whose hours may reach into today, to the same day of the next week.
        for ahead in -1..=8_i64 {
            let Ok(date) = today.checked_add(jiff::Span::new().days(ahead)) else { continue };
            for span in self.spans.iter().filter(|span| span.holds(date.weekday())) {
                let Some((begin, end)) = span.on(date, &self.zone) else { continue };
                if begin <= now && now < end {
                    return None;
                }
                if begin > now && next.is_none_or(|next| begin < next) {
                    next = Some(begin);
                }
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::units::instant;

    fn hours(spans: &[&str], zone: &str) -> Hours {
        Hours::new(spans.iter().map(|text| text.parse().unwrap()).collect(), TimeZone::get(zone).unwrap())
    }

    fn until(hours: &Hours, at: &str) -> Option<String> {
        hours.closed_until(instant(at, Instant::EPOCH).unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn outside_of_hours_is_held_until_they_begin_by_the_clocks_of_the_zone() {
        let office = hours(&["Mon-Fri 08:00-18:00"], "Europe/Berlin");
        // 2026-03-27 is a Friday in winter time, the Monday after it is summer time.
        assert_eq!(until(&office, "2026-03-27T07:00:00Z"), None);
        assert_eq!(until(&office, "2026-03-27T16:59:59Z"), None);
        assert_eq!(until(&office, "2026-03-27T17:00:00Z"), Some("2026-03-30T06:00:00.000Z".into()));
        assert_eq!(until(&office, "2026-03-30T05:59:59Z"), Some("2026-03-30T06:00:00.000Z".into()));
        assert_eq!(until(&office, "2026-03-30T06:00:00Z"), None);
    }

    #[test]
    fn a_span_may_go_over_midnight_and_over_the_end_of_the_week() {
        let night = hours(&["Sat-Mon 22:00-06:00", "Wed 00:00-24:00"], "UTC");
        assert_eq!(until(&night, "2026-03-29T23:00:00Z"), None, "Sunday");
        assert_eq!(until(&night, "2026-03-31T05:59:59Z"), None, "the night of Monday");
        assert_eq!(until(&night, "2026-03-31T06:00:00Z"), Some("2026-04-01T00:00:00.000Z".into()), "a whole Wednesday");
        assert_eq!(until(&night, "2026-04-01T23:59:59Z"), None);
        assert_eq!(until(&night, "2026-04-02T00:00:00Z"), Some("2026-04-04T22:00:00.000Z".into()));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "Mon",
            "08:00-18:00",
            "Mon-Fri",
            "Mon-Fri 8-18",
            "Mo-Fr 08:00-18:00",
            "Mon 25:00-26:00",
            "Mon 08:00-08:00",
            "Mon 8:00-18:60",
            "Mon-Fri 08:00-+9:00",
        ] {
            assert_eq!(text.parse::<Span>(), Err(NoSpan), "{text}");
        }
        assert!("mon-fri 8:00-18:00".parse::<Span>().is_ok());
    }
}
