//! Durations, sizes and instants as people write them.

use std::time::Duration;

use crate::model::Instant;

/// A text that is none of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {help}")]
pub struct UnitError {
    /// What was expected.
    pub what: &'static str,
    /// What to write.
    pub help: &'static str,
}

const fn error(what: &'static str, help: &'static str) -> UnitError {
    UnitError { what, help }
}

const DURATION: UnitError = error("a duration", "write a number with ms, s, m, h, d or w, like \"90s\", \"5m\", \"1h30m\" or \"30d\"");
const SIZE: UnitError = error("a size", "write a number of bytes with B, kB, MB, GB, KiB, MiB or GiB, like \"900kB\" or \"64KiB\"");
const RATE: UnitError = error("a rate", "write a size and \"/min\", like \"1MB/min\"; \"/s\", \"/h\" and \"/d\" are understood too");
const INSTANT: UnitError =
    error("an instant", "write a date \"2026-03-01\", a time \"2026-03-01T08:00:00Z\", or how long ago, like \"3d\"");

/// `5m`, `90s`, `24h`, `30d`, `1h30m`, `500ms`, `2 weeks`.
pub fn duration(text: &str) -> Result<Duration, UnitError> {
    let parts = parts(text).ok_or(DURATION)?;
    let mut millis: u64 = 0;
    for (number, unit) in parts {
        let each: u64 = match unit.to_ascii_lowercase().as_str() {
            "ms" | "millisecond" | "milliseconds" => 1,
            "s" | "sec" | "secs" | "second" | "seconds" => 1_000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            "w" | "week" | "weeks" => 604_800_000,
            _ => return Err(DURATION),
        };
        millis = number.checked_mul(each).and_then(|part| millis.checked_add(part)).ok_or(DURATION)?;
    }
    Ok(Duration::from_millis(millis))
}

/// Bytes: `1MB`, `900kB`, `64KiB`, `512`.
pub fn size(text: &str) -> Result<u64, UnitError> {
    if let Ok(bytes) = text.trim().replace('_', "").parse() {
        return Ok(bytes);
    }
    let parts = parts(text).ok_or(SIZE)?;
    let [(number, unit)] = parts.as_slice() else { return Err(SIZE) };
    let each: u64 = match unit.to_ascii_lowercase().as_str() {
        "b" | "byte" | "bytes" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(SIZE),
    };
    number.checked_mul(each).ok_or(SIZE)
}

/// Bytes a minute: `1MB/min`, `20kB/s`, `2GB/d`. What is less than a byte a minute is none.
pub fn rate(text: &str) -> Result<u64, UnitError> {
    let (bytes, each) = text.split_once('/').ok_or(RATE)?;
    let bytes = size(bytes).map_err(|_| RATE)?;
    match each.trim().to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" => bytes.checked_mul(60).ok_or(RATE),
        "m" | "min" | "minute" => Ok(bytes),
        "h" | "hour" => Ok(bytes / 60),
        "d" | "day" => Ok(bytes / 1440),
        _ => Err(RATE),
    }
}

/// Bytes as people read them: `256 MB`, `1.5 GB`. Rounded.
pub fn bytes(bytes: u64) -> String {
    let of = |each: u64, unit: &str| match (bytes / each, bytes % each * 10 / each) {
        (whole @ 0..10, tenth @ 1..) => format!("{whole}.{tenth} {unit}"),
        (whole, _) => format!("{whole} {unit}"),
    };
    match bytes {
        1_000_000_000.. => of(1_000_000_000, "GB"),
        1_000_000.. => of(1_000_000, "MB"),
        1_000.. => of(1_000, "kB"),
        _ => of(1, "bytes"),
    }
}

/// RFC 3339, a date, a date with a time (UTC where no offset is given), `now`, `today`, `yesterday`, or how long ago:
/// `3d`, `36h ago`.
pub fn instant(text: &str, now: Instant) -> Result<Instant, UnitError> {
    const DAY: u64 = 86_400_000;
    let text = text.trim();
    let midnight = Instant(now.0 - now.0 % DAY);
    match text.to_ascii_lowercase().as_str() {
        "now" => return Ok(now),
        "today" => return Ok(midnight),
        "yesterday" => return Ok(midnight.minus(Duration::from_millis(DAY))),
        _ => {}
    }
    let ago = text.strip_suffix("ago").map_or(text, str::trim_end);
    if let Ok(by) = duration(ago) {
        return Ok(now.minus(by));
    }
    let at = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| {
            let civil = text.parse::<jiff::civil::DateTime>()?;
            civil.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
        })
        .map_err(|_| INSTANT)?;
    u64::try_from(at.as_millisecond()).map(Instant).map_err(|_| INSTANT)
}

/// As people write it: `1h30m`, `500ms`.
pub fn spoken(duration: Duration) -> String {
    let mut left = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (each, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")] {
        if left >= each {
            text.push_str(&format!("{}{unit}", left / each));
            left %= each;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Numbers and their units: `1h 30m` is `[(1, h), (30, m)]`. None unless every number has a unit.
fn parts(text: &str) -> Option<Vec<(u64, &str)>> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let tail = tail.trim_start();
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(end)?;
        if unit.is_empty() {
            return None;
        }
        parts.push((number.parse().ok()?, unit));
        rest = tail.trim_start();
    }
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        let cases = [("5m", 300_000), ("90s", 90_000), ("24h", 86_400_000), ("30d", 2_592_000_000), ("1h30m", 5_400_000), ("500ms", 500)];
        for (text, millis) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
            assert_eq!(duration(&spoken(Duration::from_millis(millis))), Ok(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(duration("1 hour 5 minutes"), Ok(Duration::from_secs(3_900)));
        for text in ["", "5", "m", "5 parsecs", "-5m", "1.5h", "99999999999999999999d", "1h30"] {
            assert_eq!(duration(text), Err(DURATION), "{text}");
        }
    }

    #[test]
    fn sizes_read_as_people_write_them() {
        for (text, bytes) in [("1MB", 1_000_000), ("900kB", 900_000), ("64KiB", 65_536), ("512", 512), ("1_000_000", 1_000_000)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "1 MB 2 kB", "1.5MB", "20 bananas"] {
            assert_eq!(size(text), Err(SIZE), "{text}");
        }
    }

    #[test]
    fn rates_read_as_people_write_them() {
        for (text, bytes) in
            [("1MB/min", 1_000_000), ("20 kB / s", 1_200_000), ("6MB/h", 100_000), ("2 GB/d", 1_388_888), ("512/minute", 512)]
        {
            assert_eq!(rate(text), Ok(bytes), "{text}");
        }
        for text in ["", "1MB", "/min", "1MB/week", "fast/min", "99999999999GB/s"] {
            assert_eq!(rate(text), Err(RATE), "{text}");
        }
    }

    #[test]
    fn sizes_are_told_as_people_read_them() {
        for (number, text) in [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (256_000_000, "256 MB"), (20_000_000_000, "20 GB")] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn instants_read_as_people_write_them() {
        let now: Instant = Instant(1_772_366_400_000); // 2026-03-01T12:00:00Z
        let noon = "2026-03-01T12:00:00.000Z";
        assert_eq!(now.to_string(), noon);
        for (text, expected) in [
            (noon, noon),
            ("2026-03-01T13:00:00+01:00", noon),
            ("2026-03-01T12:00:00", noon),
            ("2026-03-01 12:00", noon),
            ("2026-03-01", "2026-03-01T00:00:00.000Z"),
            ("12h", "2026-03-01T00:00:00.000Z"),
            ("1d ago", "2026-02-28T12:00:00.000Z"),
            ("yesterday", "2026-02-28T00:00:00.000Z"),
            ("today", "2026-03-01T00:00:00.000Z"),
            ("now", noon),
        ] {
            assert_eq!(instant(text, now).map(|at| at.to_string()), Ok(expected.to_owned()), "{text}");
        }
        for text in ["", "1969-01-01", "soon", "03/01/2026", "2026-02-30"] {
            assert_eq!(instant(text, now), Err(INSTANT), "{text}");
        }
    }
}
