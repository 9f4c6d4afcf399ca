//! Who is in a group: one user a line.
//!
//! A user is the vendor's identifier or an e-mail address. `#` begins a comment at the beginning of a line or behind a space: it
//! may stand in an address. A line that is no user is counted and named, not fatal.

use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use super::{
    feed::{Content, Facts},
    lines::{self, Line, Tally},
    standing::Who,
    user::User,
};

/// The most that are held.
const MOST: u64 = 1_000_000;

/// The members of one group.
#[derive(Debug, Default)]
pub(super) struct Members {
    all: HashSet<User>,
    tally: Tally,
}

impl Members {
    /// Those whom the configuration names.
    pub(super) fn of(users: &[User]) -> Self {
        Self { all: users.iter().cloned().collect(), tally: Tally::default() }
    }

    /// By identifier, else by e-mail address.
    pub(super) fn have(&self, who: &Who<'_>) -> bool {
        who.names().any(|name| self.all.contains(name))
    }

    fn parse(text: impl BufRead) -> Result<Self, String> {
        let mut all = HashSet::new();
        let tally = lines::each(text, MOST, |line| {
            let Ok(line) = std::str::from_utf8(line) else { return Ok(Line::Wrong) };
            let comment = line.char_indices().find(|(at, c)| *c == '#' && line.get(..*at).is_some_and(ends_a_word));
            let entry = comment.and_then(|(at, _)| line.get(..at)).unwrap_or(line);
            if entry.trim().is_empty() {
                return Ok(Line::Nothing);
            }
            Ok(match User::parse(entry) {
                Some(user) => {
                    all.insert(user);
                    Line::Entry
                }
                None => Line::Wrong,
            })
        })?;
        Ok(Self { all, tally })
    }
}

/// Nothing, or something with a space behind it.
fn ends_a_word(text: &str) -> bool {
    text.is_empty() || text.ends_with(char::is_whitespace)
}

impl Content for Members {
    fn read(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|why| why.to_string())?;
        Self::parse(BufReader::with_capacity(1 << 16, file))
    }

    fn facts(&self) -> Facts {
        let wrong = self.tally.concern("no user").map(|said| format!("{said}; expected a user's id or e-mail address"));
        let concern = wrong.or_else(|| (self.tally.entries == 0).then(|| "it names nobody".to_owned()));
        Facts { what: "users".to_owned(), entries: self.tally.entries, built: None, concern }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_a_line_by_id_or_address_with_comments() {
        let members = Members::parse(
            "\u{feff}# admins\r\nAnn@Acme.Example  # the first\r\n\n3458764\nbob_home.example#EXT#@acme.example\nAnn Smith\n".as_bytes(),
        );
        let members = members.unwrap();
        assert_eq!((members.tally.entries, members.all.len()), (3, 3));
        assert_eq!(members.facts().concern.unwrap(), "line 6 is no user: Ann Smith; expected a user's id or e-mail address");
        for (id, email, expected) in [
            (None, Some("ANN@acme.example"), true),
            (Some("3458764"), None, true),
            (Some("1"), Some("bob_home.example#EXT#@acme.example"), true),
            (Some("1"), Some("zoe@acme.example"), false),
            (None, None, false),
        ] {
            assert_eq!(members.have(&Who::new(id, email)), expected, "{id:?} {email:?}");
        }
        assert_eq!(Members::parse("# nobody\n".as_bytes()).unwrap().facts().concern.as_deref(), Some("it names nobody"));
    }
}
