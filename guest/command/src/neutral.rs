//! Text that others wrote, made harmless to look at. The same characters as in `host/src/neutral.rs`, so that both write
//! the same bytes; `tests/runtimes` compares them.

use std::{borrow::Cow, fmt::Write as _};

/// For standard error: one line, nothing in it moves the cursor, hides or reorders.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(deceives) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if deceives(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The same JSON with every such character inside its strings as `\uXXXX`: equal to a parser, and on one line.
pub fn json(line: &str) -> Cow<'_, str> {
    if !line.chars().any(deceives) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        match c {
            // Between the tokens of JSON a line break is only a space; inside a string it cannot stand.
            '\n' | '\r' | '\t' => out.push(' '),
            c if deceives(c) => {
                let mut units = [0_u16; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control, bidirectional and invisible characters. The joiners U+200C and U+200D stay: scripts and emoji need them.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
