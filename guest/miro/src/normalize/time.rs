//! Miro's times, in every form seen or likely, and the one form that is delivered.
//!
//! | read | example |
//! |---|---|
//! | any number of fraction digits, cut to milliseconds | `2023-09-01T09:30:10Z`, `….840Z`, `….840687Z`, `….840687123Z` |
//! | an offset, converted to UTC | `+0000`, `+00:00`, `+02`, `-0530` |
//! | no offset: UTC | `2023-09-01T09:30:10.840` |
//! | `t`, `z` and a space for `T` | `2023-09-01 09:30:10z` |
//! | a leap second, only as the last second of a UTC day; the first instant of the next day | `2016-12-31T23:59:60Z` |
//! | seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size | `1693560610`, `1693560610.84`, `1693560610840` |
//!
//! Dates that no calendar has, years before 1970 or after 9999 and the number 0 are not readable.

/// The last instant that four digits of a year can say.
const LAST: u64 = 253_402_300_799_999;
/// Milliseconds in a day.
const DAY: u64 = 86_400_000;

/// Milliseconds since 1970, or `None` where `text` is no readable time.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    civil(text).or_else(|| number(text)).filter(|&at| at <= LAST)
}

/// Whether `text` is already exactly `yyyy-MM-dd'T'HH:mm:ss.SSS+0000`.
pub(crate) fn is_canonical(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd.ddd+0000";
    text.len() == shape.len()
        && text.bytes().zip(shape).all(|(byte, &wanted)| if wanted == b'd' { byte.is_ascii_digit() } else { byte == wanted })
        && text.get(17..19) != Some("60")
        && civil(text).is_some()
}

/// `yyyy-MM-dd'T'HH:mm:ss.SSS+0000`: the only form that Sumo Logic's Cloud SIEM parser for Miro reads.
pub(crate) fn canonical(at: u64) -> String {
    let at = at.min(LAST);
    let (days, rest) = (at / DAY, at % DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}+0000")
}

/// A date and a time of day.
fn civil(text: &str) -> Option<u64> {
    let mut rest = Rest(text.as_bytes());
    let year = rest.digits(4)?;
    rest.one_of(b"-")?;
    let month = rest.digits(2)?;
    rest.one_of(b"-")?;
    let day = rest.digits(2)?;
    rest.one_of(b"Tt ")?;
    let hour = rest.digits(2)?;
    rest.one_of(b":")?;
    let minute = rest.digits(2)?;
    rest.one_of(b":")?;
    let second = rest.digits(2)?;
    let milli = if rest.one_of(b".,").is_some() { rest.fraction()? } else { 0 };
    let offset = rest.offset()?;
    if !rest.0.is_empty() || hour > 23 || minute > 59 || second > 60 || day == 0 || day > days_in(year, month)? {
        return None;
    }
    let seconds = days_since_1970(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second - offset;
    if second == 60 && seconds.rem_euclid(86_400) != 0 {
        return None;
    }
    u64::try_from(seconds * 1000 + milli).ok()
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn one_of(&mut self, allowed: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first().filter(|(first, _)| allowed.contains(first))?;
        self.0 = rest;
        Some(first)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        (0..count).try_fold(0, |sum, _| Some(sum * 10 + i64::from(self.one_of(b"0123456789")? - b'0')))
    }

    /// One digit or more, as milliseconds.
    fn fraction(&mut self) -> Option<i64> {
        let mut milli = self.digits(1)? * 100;
        let mut scale = 10;
        while let Some(digit) = self.digits(1) {
            milli += digit * scale;
            scale /= 10;
        }
        Some(milli)
    }

    /// `Z`, nothing, `±hh`, `±hhmm` or `±hh:mm`, in seconds.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-") {
            None | Some(b'Z' | b'z') => return Some(0),
            Some(b'-') => -1,
            Some(_) => 1,
        };
        let hour = self.digits(2)?;
        let minute = match self.one_of(b":") {
            None if self.0.is_empty() => 0,
            _ => self.digits(2)?,
        };
        (hour < 24 && minute < 60).then_some(sign * (hour * 3600 + minute * 60))
    }
}

/// A number since 1970, its unit told by its size.
fn number(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits(whole) && digits(fraction) {
        let whole: u64 = whole.parse().ok()?;
        let milli = if whole < SECONDS { Rest(fraction.as_bytes()).fraction()?.unsigned_abs() } else { 0 };
        return scaled(whole, milli);
    }
    // What is left is a number with an exponent, such as `1.69356061084E9`.
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 1.0)?;
    // Casts saturate; the number is positive.
    let (whole, milli) = (value as u64, (value.fract() * 1000.0).round() as u64);
    scaled(whole, if whole < SECONDS { milli } else { 0 })
}

/// Below this a number counts seconds; a thousand times that, milliseconds; and so on.
const SECONDS: u64 = 100_000_000_000;

fn scaled(whole: u64, milli: u64) -> Option<u64> {
    match whole {
        0 => None,
        seconds if seconds < SECONDS => Some(seconds * 1000 + milli),
        millis if millis < SECONDS * 1000 => Some(millis),
        micros if micros < SECONDS * 1_000_000 => Some(micros / 1000),
        nanos => Some(nanos / 1_000_000),
    }
}

fn days_in(year: i64, month: i64) -> Option<i64> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// Howard Hinnant's `days_from_civil`, <https://howardhinnant.github.io/date_algorithms.html>.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

/// The inverse: year, month, day.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT: u64 = 1_693_560_610_840;

    #[test]
    fn every_documented_form_is_the_same_instant() {
        for form in [
            "2023-09-01T09:30:10.840+0000",
            "2023-09-01T09:30:10.84Z",
            "2023-09-01T09:30:10.840687Z",
            "2023-09-01t09:30:10,840687123z",
            "2023-09-01T09:30:10.840+00:00",
            "2023-09-01T11:30:10.840+02",
            "2023-09-01T04:00:10.840-0530",
            "2023-09-01 09:30:10.840",
            "1693560610840",
            "1693560610.840",
            "1693560610.840687123",
            "1693560610840687",
            "1693560610840687123",
            "1.69356061084E12",
        ] {
            assert_eq!(parse(form), Some(AT), "{form}");
        }
        assert_eq!(parse("2018-10-19T23:59:45Z"), Some(1_539_993_585_000));
    }

    #[test]
    fn what_no_calendar_has_is_not_readable() {
        for form in [
            "",
            "yesterday",
            "2023-09-01",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "2023-01-00T00:00:00Z",
            "2023-04-31T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:60:00Z",
            "2023-01-01T00:00:61Z",
            "2023-01-01T12:00:60Z",
            "2023-01-01T00:00:00.Z",
            "2023-01-01T00:00:00+0",
            "2023-01-01T00:00:00+00000",
            "2023-01-01T00:00:00+2400",
            "1969-12-31T23:59:59Z",
            "0",
            "-1",
            "NaN",
            "inf",
            "1e999",
            "99999999999999999999999",
            "2023-09-01T09:30:10.840Z#1",
            "２０２３-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(form), None, "{form}");
        }
    }

    #[test]
    fn a_leap_second_is_the_first_instant_of_the_next_day() {
        assert_eq!(parse("2016-12-31T23:59:60.250Z").map(canonical).as_deref(), Some("2017-01-01T00:00:00.250+0000"));
        assert_eq!(parse("2017-01-01T01:59:60+02:00"), parse("2017-01-01T00:00:00Z"));
        assert!(!is_canonical("2016-12-31T23:59:60.250+0000"), "no Java parser reads it");
    }

    #[test]
    fn only_the_delivered_form_is_canonical() {
        assert!(is_canonical("2023-09-01T09:30:10.840+0000"));
        for form in
            ["2023-09-01T09:30:10.840Z", "2023-09-01T09:30:10.840+00:00", "2023-09-01T09:30:10+0000", "2023-02-30T09:30:10.840+0000"]
        {
            assert!(!is_canonical(form), "{form}");
        }
    }

    proptest! {
        #[test]
        fn canonical_and_parse_are_inverse(at in 0..=LAST) {
            let text = canonical(at);
            prop_assert!(is_canonical(&text));
            prop_assert_eq!(parse(&text), Some(at));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[0-9:.TZ+-]{0,32}") {
            let _ = parse(&text);
        }
    }
}
