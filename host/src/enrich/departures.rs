//! Who left, how and when: a file of comma-separated values with the header `user,kind,at`.
//!
//! ```text
//! user,kind,at
//! ann@acme.example,disabled,2026-03-01T08:00:00Z
//! 3458764512345678901,deleted,2026-03-02T17:30:00+01:00
//! ```
//!
//! A file with another header is none; a line that is no departure is counted and named, not fatal. Empty lines and lines that
//! begin with `#` mean nothing.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use audit_pipeline::detector::{Departure, DepartureKind};

use super::{
    feed::{Content, Facts},
    lines::{self, Line, Tally},
    standing::Who,
    user::User,
};
use crate::{model::Instant, neutral::brief};

const HEADER: [&str; 3] = ["user", "kind", "at"];
const LIKE: &str = "expected a user's id or e-mail address, `deleted` or `disabled`, and an instant like 2026-03-01T08:00:00Z";
/// The most that are held.
const MOST: u64 = 1_000_000;

/// Who left.
#[derive(Debug, Default)]
pub(super) struct Departures {
    of: HashMap<User, Vec<Departure>>,
    tally: Tally,
}

impl Departures {
    /// Those that a directory says.
    pub(super) fn of(of: HashMap<User, Vec<Departure>>) -> Self {
        Self { of, tally: Tally::default() }
    }

    /// The latest by then: by identifier, else by e-mail address.
    pub(super) fn find(&self, who: &Who<'_>, at: Instant) -> Option<Departure> {
        let all = who.names().find_map(|name| self.of.get(name))?;
        all.iter().filter(|departure| departure.at <= at.0).max_by_key(|departure| (departure.at, departure.kind as u8)).copied()
    }

    fn parse(text: impl BufRead) -> Result<Self, String> {
        let mut of: HashMap<User, Vec<Departure>> = HashMap::new();
        let mut begun = false;
        let tally = lines::each(text, MOST, |line| {
            if line.is_empty() || line.starts_with(b"#") {
                return Ok(Line::Nothing);
            }
            let line = String::from_utf8_lossy(line);
            if !std::mem::replace(&mut begun, true) {
                let fits = fields(&line).is_some_and(|header| header.iter().zip(HEADER).all(|(is, be)| is.eq_ignore_ascii_case(be)));
                let wrong = || format!("its first line is {}, expected the header `{}`", brief(&line, 60), HEADER.join(","));
                return if fits { Ok(Line::Nothing) } else { Err(wrong()) };
            }
            Ok(match fields(&line).and_then(departure) {
                Some((user, departure)) => {
                    of.entry(user).or_default().push(departure);
                    Line::Entry
                }
                None => Line::Wrong,
            })
        })?;
        if begun { Ok(Self { of, tally }) } else { Err(format!("it is empty, expected the header `{}`", HEADER.join(","))) }
    }
}

/// Three fields, in quotes or not. None of them can have a comma of its own.
fn fields(line: &str) -> Option<[&str; 3]> {
    let mut each = line.split(',').map(|field| {
        let field = field.trim();
        field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field)
    });
    let fields = [each.next()?, each.next()?, each.next()?];
    each.next().is_none().then_some(fields)
}

fn departure([user, kind, at]: [&str; 3]) -> Option<(User, Departure)> {
    let kind = match kind.to_ascii_lowercase().as_str() {
        "deleted" => DepartureKind::Deleted,
        "disabled" => DepartureKind::Disabled,
        _ => return None,
    };
    let at = u64::try_from(at.parse::<jiff::Timestamp>().ok()?.as_millisecond()).ok()?;
    Some((User::parse(user)?, Departure { kind, at }))
}

impl Content for Departures {
    fn read(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|why| why.to_string())?;
        Self::parse(BufReader::with_capacity(1 << 16, file))
    }

    fn facts(&self) -> Facts {
        let concern = self.tally.concern("no departure").map(|said| format!("{said}; {LIKE}"));
        Facts { what: "departures".to_owned(), entries: self.tally.entries, built: None, concern }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const T: u64 = 1_772_323_200_000;

    fn parse(text: &str) -> Result<Departures, String> {
        Departures::parse(text.as_bytes())
    }

    #[test]
    fn the_latest_departure_by_the_time_of_the_event_counts_and_deleted_is_stronger() {
        let departures = parse(
            "\u{feff}\"User\",\"Kind\",\"At\"\r\nann@acme.example,disabled,2026-03-01T08:00:00Z\r\n\n# left for good\n\
             Ann@acme.example,Deleted,2026-03-02T09:00:00+01:00\n\"77\",disabled,2026-03-01T08:00:00Z\n",
        );
        let departures = departures.unwrap();
        assert_eq!((departures.tally.entries, departures.facts().concern), (3, None));
        let at = |hours: u64| departures.find(&Who::new(Some("5"), Some("ANN@ACME.EXAMPLE")), Instant(T + hours * 3_600_000));
        assert_eq!(at(7), None, "not gone yet");
        assert_eq!(at(8), Some(Departure { kind: DepartureKind::Disabled, at: T + 8 * 3_600_000 }));
        assert_eq!(at(40).map(|departure| departure.kind), Some(DepartureKind::Deleted));
        assert!(departures.find(&Who::new(Some("77"), None), Instant(T + 9 * 3_600_000)).is_some());
        assert_eq!(departures.find(&Who::new(Some("78"), None), Instant(u64::MAX)), None);
    }

    #[test]
    fn a_wrong_line_is_named_with_what_was_expected_and_the_others_count() {
        let departures =
            parse("user,kind,at\nann,gone,2026-03-01T08:00:00Z\nbob,deleted,2026-03-01\ncem,deleted,2026-03-01T08:00:00Z\na,b\n");
        let departures = departures.unwrap();
        assert_eq!((departures.tally.entries, departures.tally.wrong), (1, 3));
        let concern = departures.facts().concern.unwrap();
        assert!(concern.starts_with("3 lines are no departure, the first is line 2: ann,gone,2026-03-01T08:00:00Z; expected"), "{concern}");
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        for (text, why) in [
            ("", "it is empty, expected the header `user,kind,at`"),
            ("who;what\n", "its first line is who;what, expected the header `user,kind,at`"),
            ("ann,deleted,2026-03-01T08:00:00Z\n", "its first line is ann,deleted,2026-03-01T08:00:00Z, expected"),
        ] {
            assert!(parse(text).unwrap_err().starts_with(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Departures::parse([b"user,kind,at\n".as_slice(), &bytes].concat().as_slice()).map(|departures| departures.facts());
        }
    }
}
