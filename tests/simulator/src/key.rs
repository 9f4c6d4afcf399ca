//! A place in the audit log: microseconds and a serial number, which is also what Miro's ids and cursors spell out.

use jiff::Timestamp;

/// Where an event stands. The order of keys is the order of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Microseconds since the Unix epoch.
    pub micros: u64,
    /// Nineteen digits that part events of one microsecond.
    pub serial: u64,
}

impl Key {
    /// The smallest serial number; every serial has nineteen digits, so that ids sort as text too.
    pub const FIRST_SERIAL: u64 = 3_458_764_500_000_000_000;

    /// The first key of a millisecond.
    pub fn at(millis: u64) -> Self {
        Self { micros: millis.saturating_mul(1000), serial: 0 }
    }

    /// Milliseconds, as `createdAt` shows them.
    pub fn millis(self) -> u64 {
        self.micros / 1000
    }

    /// As Miro writes ids and cursors: `2023-09-01T09:30:10.840687Z#1234567890123456789-DDB`.
    pub fn id(self) -> String {
        format!("{}#{:019}-DDB", instant(self.micros, 6), self.serial)
    }

    /// Reads what [`Key::id`] writes, and nothing else.
    pub fn parse(id: &str) -> Option<Self> {
        let (time, rest) = id.split_once('#')?;
        let serial = rest.strip_suffix("-DDB").filter(|s| s.len() == 19)?.parse().ok()?;
        let micros = bound(time).filter(|_| time.len() == "2023-09-01T09:30:10.840687Z".len())?;
        Some(Self { micros, serial })
    }
}

/// `micros` as ISO 8601 in UTC with that many fraction digits and a `Z`.
pub(crate) fn instant(micros: u64, digits: usize) -> String {
    let time = i64::try_from(micros).ok().and_then(|us| Timestamp::from_microsecond(us).ok()).unwrap_or_default();
    format!("{time:.digits$}")
}

/// Reads `createdAfter` and `createdBefore` as documented: UTC, ISO 8601, a fraction (2 to 6 digits) and a trailing `Z`.
pub(crate) fn bound(text: &str) -> Option<u64> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00.";
    let bytes = text.as_bytes();
    let (head, fraction) = bytes.split_at_checked(SHAPE.len())?;
    let shaped = head.iter().zip(SHAPE).all(|(b, s)| if *s == b'0' { b.is_ascii_digit() } else { b == s });
    let digits = fraction.strip_suffix(b"Z")?;
    if !shaped || !(2..=6).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    u64::try_from(text.parse::<Timestamp>().ok()?.as_microsecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_sorts_as_text() {
        let a = Key { micros: 1_693_560_610_840_687, serial: 1_234_567_890_123_456_789 };
        assert_eq!(a.id(), "2023-09-01T09:30:10.840687Z#1234567890123456789-DDB");
        assert_eq!(Key::parse(&a.id()), Some(a));
        let b = Key { serial: Key::FIRST_SERIAL, ..a };
        assert!(a < b && a.id() < b.id());
        assert_eq!(Key::parse("2023-09-01T09:30:10.840687Z"), None);
    }

    #[test]
    fn only_the_documented_time_is_a_bound() {
        assert_eq!(bound("2023-03-30T17:26:50.000Z"), Some(1_680_197_210_000_000));
        assert_eq!(bound("2023-03-30T17:26:50.00Z"), bound("2023-03-30T17:26:50.000000Z"));
        for wrong in [
            "",
            "2023-03-30T17:26:50Z",
            "2023-03-30T17:26:50.0Z",
            "2023-03-30T17:26:50.000+0000",
            "2023-03-30 17:26:50.000Z",
            "2023-03-30T17:26:50.000z",
            "2023-02-30T17:26:50.000Z",
            "2023-03-30T17:26:50.0000000Z",
            "2023-03-30",
        ] {
            assert_eq!(bound(wrong), None, "{wrong}");
        }
    }
}
