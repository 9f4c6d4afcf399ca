//! A line of the file as it may be shown: with a caret, and nothing in it that could be a secret.

use std::ops::Range;

/// Keys whose values are harmless on a line of their own. Anything else is masked in an excerpt.
const HARMLESS: &[&str] = &[
    "name",
    "type",
    "component",
    "interval",
    "learn",
    "allow",
    "sources",
    "format",
    "category",
    "source_name",
    "host",
    "path",
    "retention",
    "alerts_retention",
    "behaviours_retention",
    "level",
    "batch_bytes",
    "include",
    "policies",
    "behaviours",
    "severity",
    "match",
    "repeated",
    "raise",
    "enabled",
    "source",
    "sink",
    "store",
    "network",
    "log",
    "components",
    "signatures",
    "digests",
    "notify",
    "template",
    "hours",
    "zone",
    "always",
    "limit",
    "respond",
    "responder",
    "action",
    "dry_run",
    "act_within",
    "approve",
    "four_eyes",
    "suspensions_per_hour",
    "suspensions_per_day",
    "actions",
    "directory",
    "do",
    "with",
    "subject",
    "manager",
];

/// Line and column, both from 1, the column in characters.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..floor(text, offset)).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count();
    (before.matches('\n').count() + 1, column + 1)
}

/// The line of `span` with carets below it.
pub(super) fn excerpt(text: &str, span: &Range<usize>) -> String {
    const WIDEST: usize = 100;
    let start = floor(text, span.start);
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let rest = text.get(line_start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let (number, column) = position(text, start);
    let shown: String = if is_harmless(text, line_start, line) { clean(line) } else { mask(line) };
    let width = text.get(start..floor(text, span.end)).unwrap_or_default().lines().next().unwrap_or_default().chars().count();

    // A window around the caret, so that a long line stays readable.
    let skip = if shown.chars().count() <= WIDEST { 0 } else { column.saturating_sub(WIDEST / 2) };
    let window: String = shown.chars().skip(skip).take(WIDEST).collect();
    let carets = "^".repeat(width.clamp(1, WIDEST));
    let gutter = " ".repeat(number.to_string().len());
    let indent = " ".repeat(column.saturating_sub(1).saturating_sub(skip));
    format!("  {number} | {window}\n  {gutter} | {indent}{carets}")
}

/// Whether a key names something that must not be shown.
pub(super) fn looks_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["secret", "token", "password", "passwd", "passphrase", "credential", "private", "key", "url", "proxy", "auth", "bearer", "cookie"]
        .iter()
        .any(|word| key.contains(word))
}

fn is_harmless(text: &str, line_start: usize, line: &str) -> bool {
    let trimmed = line.trim_start();
    if looks_secret(line) {
        // A header may name `secrets`; it holds no value.
        return trimmed.starts_with('[') && !line.contains(['=', '"', '\'']);
    }
    // The table it stands in, from its header down: nothing of secrets may be open here.
    for above in text.get(..line_start).unwrap_or_default().lines().rev() {
        if looks_secret(above) {
            return false;
        }
        if above.trim_start().starts_with('[') {
            break;
        }
    }
    if trimmed.starts_with('[') || trimmed.starts_with('#') || trimmed.is_empty() {
        return true;
    }
    let key = trimmed.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
    HARMLESS.contains(&key)
}

/// Keeps the key and the punctuation that a syntax error is about. What stands before a `=` is a key only where it is written as ours
/// are: it may as well be the end of a text of several lines, or base64.
fn mask(line: &str) -> String {
    let key = line.find('=').unwrap_or(0);
    let ours = |c: char| c.is_ascii_lowercase() || c.is_ascii_whitespace() || "_-.{".contains(c);
    let key = if line.get(..key).is_some_and(|key| key.chars().all(ours)) { key } else { 0 };
    let hide = |c: char| if c.is_whitespace() || "\"'={}[],".contains(c) { c } else { '*' };
    line.char_indices().map(|(at, c)| if at < key { c } else { hide(c) }).map(visible).collect()
}

fn clean(line: &str) -> String {
    line.chars().map(visible).collect()
}

/// One column for one character; nothing that steers a terminal.
fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() || is_steering(c) => '\u{fffd}',
        c => c,
    }
}

/// Characters that reorder or hide text on a screen.
pub(super) fn is_steering(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text as it may be printed: short, one line, nothing that steers a terminal.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).map(visible).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
