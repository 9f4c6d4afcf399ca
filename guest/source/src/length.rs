//! Lengths of time as people write them: `500ms`, `90s`, `10m`, `24h`, `7d`, `1h30m`.

use serde::{Deserialize, Deserializer, de::Error as _};

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length(pub u64);

const UNITS: [(&str, u64); 6] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

impl std::str::FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a length of time; write it like \"10m\", \"24h\", \"7d\" or \"90s\"");
        let mut rest = text.trim();
        let mut sum: u64 = 0;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?);
            let (unit, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len()));
            let (_, each) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
            let number: u64 = number.parse().map_err(|_| wrong())?;
            sum = number.checked_mul(*each).and_then(|more| sum.checked_add(more)).ok_or_else(wrong)?;
            rest = tail.trim_start();
        }
        Ok(Self(sum))
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl std::fmt::Display for Length {
    /// In the largest unit that needs no fraction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fits = |each: u64| self.0 != 0 && self.0.is_multiple_of(each);
        let (unit, each) = UNITS.iter().rev().find(|(name, each)| *name != "w" && fits(*each)).unwrap_or(&("s", 1000));
        write!(f, "{}{unit}", self.0 / each)
    }
}

#[cfg(test)]
mod tests {
    use super::Length;

    #[test]
    fn lengths_read_as_people_write_them() {
        for (text, ms) in
            [("500ms", 500), ("90s", 90_000), ("10m", 600_000), ("24h", 86_400_000), ("7d", 604_800_000), ("1h30m", 5_400_000)]
        {
            assert_eq!(text.parse::<Length>().unwrap(), Length(ms), "{text}");
        }
        assert_eq!(Length(86_400_000 * 2).to_string(), "2d");
        assert_eq!(Length(90_000).to_string(), "90s");
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in ["", "10", "m", "10 parsecs", "-5m", "1.5h", "99999999999999999999d"] {
            assert!(text.parse::<Length>().unwrap_err().contains("write it like"), "{text}");
        }
    }
}
