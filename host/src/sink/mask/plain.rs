//! What is to be masked in a plain text: e-mail addresses and addresses by what they look like, names by what is known.

use std::{net::IpAddr, ops::Range};

use super::known::Known;
use crate::config::Masked;

/// A value in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) range: Range<usize>,
    pub(super) field: Masked,
    pub(super) value: String,
}

/// What to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// All.
    Everything,
    /// What its form gives away, whoever's it is.
    Forms,
}

/// What there is, in order, nothing twice. Of two that overlap the one that begins first counts, and the longer one.
pub(super) fn hits(text: &str, fields: &[Masked], known: &Known, look: Look) -> Vec<Hit> {
    let mut found = Vec::new();
    if look == Look::Everything {
        known.find(text, &mut found);
    }
    if fields.contains(&Masked::UserEmail) {
        emails(text, &mut found);
    }
    if fields.contains(&Masked::IpAddress) {
        addresses(text, &mut found);
    }
    // An e-mail address before a name that is the same text: then it is one person wherever it stands.
    found.sort_by_key(|hit| (hit.range.start, std::cmp::Reverse(hit.range.end), hit.field != Masked::UserEmail));
    let mut end = 0;
    found.retain(|hit| {
        let free = hit.range.start >= end;
        end = if free { hit.range.end } else { end };
        free
    });
    found
}

/// Whatever has an `@`, also one of a URL, `%40`, between what may stand there.
fn emails(text: &str, found: &mut Vec<Hit>) {
    let begin = found.len();
    let signs = text.match_indices('@').map(|(at, _)| at..at + 1).chain(text.match_indices("%40").map(|(at, _)| at..at + 3));
    for sign in signs {
        let (before, after) = (text.get(..sign.start).unwrap_or_default(), text.get(sign.end..).unwrap_or_default());
        let (start, end) = (sign.start - local(before), sign.end + domain(after));
        if start == sign.start || end == sign.end {
            continue;
        }
        match found.get_mut(begin..).and_then(<[Hit]>::last_mut).filter(|last| last.range.end > start && last.range.start <= start) {
            // `a@b@c`: of one piece.
            Some(last) => last.range.end = end.max(last.range.end),
            None => found.push(Hit { range: start..end, field: Masked::UserEmail, value: String::new() }),
        }
    }
    for hit in found.get_mut(begin..).unwrap_or_default() {
        hit.value = decoded(text.get(hit.range.clone()).unwrap_or_default());
    }
}

/// No e-mail address has more signs before its `@` (RFC 5321 allows 64, each of which a URL may write as three).
const LOCAL: usize = 192;

/// How many bytes at the end of a text are what stands before an `@`.
fn local(before: &str) -> usize {
    let before = before.char_indices().rev().nth(LOCAL).and_then(|(at, _)| before.get(at..)).unwrap_or(before);
    if let Some(quoted) = before.strip_suffix('"') {
        return quoted.rfind('"').map_or(0, |at| before.len() - at);
    }
    let fits = |c: char| c.is_alphanumeric() || "._%+-'~!#$^*".contains(c);
    let mut part = before.get(before.trim_end_matches(fits).len()..).unwrap_or_default();
    // In a URL, what ends the address before it is written as `%3D` and the like.
    for (at, _) in part.match_indices('%').rev() {
        let sign = part.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if sign.is_some_and(|sign| sign.is_ascii() && !fits(char::from(sign))) {
            part = part.get(at + 3..).unwrap_or_default();
            break;
        }
    }
    part.trim_start_matches(['\'', '.']).len()
}

/// How many bytes at the beginning of a text are what stands behind an `@`.
fn domain(after: &str) -> usize {
    if after.starts_with('[') {
        return after.find(']').map_or(0, |at| at + 1);
    }
    let rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '-' || c == '.');
    after.get(..after.len() - rest.len()).unwrap_or_default().trim_end_matches(['.', '-']).len()
}

/// An e-mail address as it is, where a URL holds it.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn addresses(text: &str, found: &mut Vec<Hit>) {
    let part = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '.';
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(part)).map(|away| at + away) {
        let run = text.get(start..).unwrap_or_default();
        let run = run.get(..run.find(|c| !part(c)).unwrap_or(run.len())).unwrap_or_default();
        at = start + run.len();
        let (colons, points) = (run.matches(':').count(), run.matches('.').count());
        if colons < 2 && points < 3 {
            continue;
        }
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text.get(at..).and_then(|rest| rest.chars().next());
        if colons >= 2 && v6(run, start, before.is_some_and(char::is_alphanumeric), after.is_some_and(char::is_alphanumeric), found) {
            continue;
        }
        v4(run, start, found);
    }
}

/// The address of version 6 that a run of hexadecimal digits, colons and points is, without what else stands around it.
fn v6(run: &str, start: usize, worded: bool, wording: bool, found: &mut Vec<Hit>) -> bool {
    // `src:2001:db8::1` begins behind the word, and `::1x` ends before the last group.
    let skipped = if worded { run.find(':').map_or(run.len(), |at| at + 1) } else { 0 };
    let inner = run.get(skipped..).unwrap_or_default();
    let inner = if wording { inner.get(..inner.rfind([':', '.']).unwrap_or(0)).unwrap_or_default() } else { inner };
    let trimmed = inner.trim_end_matches('.');
    let unported = trimmed.rsplit_once(':').map_or("", |(address, _)| address);
    let behind = trimmed.trim_start_matches(':');
    let candidates = [trimmed, trimmed.strip_suffix(':').unwrap_or(""), behind, unported];
    for candidate in candidates {
        let telling =
            candidate.bytes().any(|byte| byte.is_ascii_digit()) || candidate.split(':').filter(|group| !group.is_empty()).count() > 2;
        if telling && matches!(candidate.parse(), Ok(IpAddr::V6(_))) {
            let from = start + skipped + (if candidate == behind { trimmed.len() - behind.len() } else { 0 });
            found.push(Hit { range: from..from + candidate.len(), field: Masked::IpAddress, value: candidate.to_owned() });
            return true;
        }
    }
    false
}

/// The addresses of version 4 in such a run.
fn v4(run: &str, start: usize, found: &mut Vec<Hit>) {
    let digit = |c: char| c.is_ascii_digit() || c == '.';
    let mut at = 0;
    while let Some(from) = run.get(at..).and_then(|rest| rest.find(digit)).map(|away| at + away) {
        let piece = run.get(from..).unwrap_or_default();
        let piece = piece.get(..piece.find(|c| !digit(c)).unwrap_or(piece.len())).unwrap_or_default();
        at = from + piece.len();
        let inner = piece.trim_matches('.');
        if matches!(inner.parse(), Ok(IpAddr::V4(_))) {
            let from = start + from + (piece.len() - piece.trim_start_matches('.').len());
            found.push(Hit { range: from..from + inner.len(), field: Masked::IpAddress, value: inner.to_owned() });
        }
    }
}
