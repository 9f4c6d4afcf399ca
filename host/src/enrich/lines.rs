//! A file of lines that somebody else keeps: read as it comes, never whole; what is no entry is counted, and the first is named.

use std::io::{BufRead, Read as _};

use crate::neutral::brief;

/// No line is longer.
const LINE: u64 = 4096;

/// What a line is.
pub(super) enum Line {
    /// One of those that the file is for.
    Entry,
    /// Nothing: empty, or a comment.
    Nothing,
    /// Neither.
    Wrong,
}

/// What came of the lines.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) entries: u64,
    pub(super) wrong: u64,
    /// The number of the first that is wrong, from 1, and what stands there.
    first: Option<(u64, String)>,
}

impl Tally {
    /// What a person should look at: `what` a line is that is wrong (`no address`).
    pub(super) fn concern(&self, what: &str) -> Option<String> {
        let (line, text) = self.first.as_ref()?;
        Some(match self.wrong {
            1 => format!("line {line} is {what}: {text}"),
            wrong => format!("{wrong} lines are {what}, the first is line {line}: {text}"),
        })
    }
}

/// Takes every line, without the space around it, and at most so many entries.
pub(super) fn each(mut text: impl BufRead, most: u64, mut take: impl FnMut(&[u8]) -> Result<Line, String>) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let (mut line, mut number, mut fresh) = (Vec::new(), 0_u64, true);
    loop {
        line.clear();
        let read = text.by_ref().take(LINE).read_until(b'\n', &mut line).map_err(|why| why.to_string())?;
        if read == 0 {
            return Ok(tally);
        }
        let begins = std::mem::replace(&mut fresh, line.last() == Some(&b'\n'));
        // What follows of a line that is too long can only be comment, or more of what is no entry anyway.
        if !begins {
            continue;
        }
        number += 1;
        let line = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line };
        let line = line.trim_ascii();
        match take(line)? {
            Line::Entry => tally.entries += 1,
            Line::Nothing => {}
            Line::Wrong => {
                tally.wrong += 1;
                tally.first.get_or_insert_with(|| (number, brief(&String::from_utf8_lossy(line), 60)));
            }
        }
        if tally.entries > most {
            return Err(format!("it has more than {most} entries"));
        }
    }
}
