//! Makes attacker-written text harmless to look at: control characters, escape sequences, bidirectional overrides and
//! invisible characters become visible escapes. Every outlet (terminal, log, page, NDJSON) goes through here.

use std::{borrow::Cow, fmt, fmt::Write as _};

/// Text for a terminal or a log: one line, nothing in it moves the cursor, hides or reorders what is read.
///
/// `\u{1b}[31m` stands for what was an escape sequence; ordinary text of any script comes back as it is.
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

/// At most `most` characters of `text`, visible: for a foreign answer quoted in a message.
pub fn brief(text: &str, most: usize) -> String {
    let mut out: String = visible(text.trim()).chars().take(most.saturating_add(1)).collect();
    if let Some((end, _)) = out.char_indices().nth(most) {
        out.truncate(end);
        out.push('…');
    }
    out
}

/// A beginning of a secret this long is covered too: foreign answers are cut off somewhere.
const TELLING: usize = 8;

/// The same text without these secrets, should a foreign answer repeat them: plain, as in a URL or a form, or cut off.
pub fn covered<'a>(text: &'a str, secrets: &[&str]) -> Cow<'a, str> {
    let encoded = |secret: &&str| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
    let all: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).chain(secrets.iter().map(encoded)).collect();
    let found = |at: &str| all.iter().map(|secret| shared(at, secret)).max().unwrap_or_default();
    let (mut out, mut rest) = (String::new(), text);
    let mut hidden = false;
    while let Some(c) = rest.chars().next() {
        let secret = found(rest);
        if secret > 0 {
            out.push_str("[hidden]");
            hidden = true;
        } else {
            out.push(c);
        }
        rest = rest.get(secret.max(c.len_utf8())..).unwrap_or_default();
    }
    if hidden { Cow::Owned(out) } else { Cow::Borrowed(text) }
}

/// How many bytes of a secret `text` begins with, where they are enough to tell something of it, to the end of the word:
/// tokens of one vendor begin alike, and an older one is nobody's business either.
fn shared(text: &str, secret: &str) -> usize {
    let same = text.bytes().zip(secret.bytes()).take_while(|(a, b)| a == b).count();
    let telling = same >= TELLING.min(secret.len()) && same >= 4;
    let ends = |end: &usize| {
        let rest = text.get(*end..)?;
        Some(!rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-'))
    };
    if telling { (same..=text.len()).find(|end| ends(end) == Some(true)).unwrap_or(text.len()) } else { 0 }
}

/// The same JSON with every deceiving character inside its strings written as `\uXXXX`: equal to a parser, harmless on
/// a terminal, and on one line.
pub fn json(line: &str) -> Cow<'_, str> {
    if is_plain(line.as_bytes()) || !line.chars().any(deceives) {
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

/// Shows anything through [`visible`].
#[derive(Clone, Copy, Debug)]
pub struct Visible<T>(pub T);

impl<T: fmt::Display> fmt::Display for Visible<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.0.to_string()))
    }
}

/// No byte that could be, or begin, a deceiving character: the quick answer for nearly every record.
fn is_plain(bytes: &[u8]) -> bool {
    // C2: C1 controls. D8: Arabic letter mark. E1, E2: Mongolian, bidi, separators. EF: BOM, annotations. F3: tags.
    bytes.iter().all(|b| *b >= b' ' && !matches!(b, 0x7f | 0xc2 | 0xd8 | 0xe1 | 0xe2 | 0xef | 0xf3))
}

/// Control, bidirectional and invisible characters. The joiners U+200C and U+200D stay: scripts and emoji need them.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_and_bidi_overrides_become_visible() {
        assert_eq!(visible("Eve\u{1b}]0;x\u{7}\r\nroot\u{202e}gpj"), "Eve\\u{1b}]0;x\\u{7}\\r\\nroot\\u{202e}gpj");
        assert_eq!(visible("\u{9b}31m\u{feff}\u{e0041}"), "\\u{9b}31m\\u{feff}\\u{e0041}");
    }

    #[test]
    fn ordinary_text_of_any_script_stays_as_it_is() {
        for text in ["plain", "Zoë", "日本語", "می\u{200c}خواهم", "👩\u{200d}💻", "C:\\temp"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn a_long_foreign_text_is_shortened() {
        assert_eq!(brief("  <html>\n<b>x", 8), "<html>\\n…");
        assert_eq!(brief("short", 8), "short");
    }

    proptest! {
        #[test]
        fn json_stays_equal_to_a_parser_and_holds_nothing_that_deceives(text in "\\PC*|[\\x00-\\x9f\\u{2020}-\\u{2070}\\u{e0000}-\\u{e007f}]*") {
            let line = serde_json::to_string(&text).unwrap();
            let safe = json(&line);
            prop_assert!(!safe.chars().any(deceives));
            prop_assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
        }

        #[test]
        fn what_is_shown_holds_nothing_that_deceives(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(deceives));
        }
    }
}
