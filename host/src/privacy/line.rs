//! A person taken out of a line of JSON: what does not name them stays as it was, byte for byte.

use std::ops::Range;

use super::{MARKER, Marks};

/// Whose JSON it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A vendor's: a number may be an identifier.
    Vendor,
    /// The host's own: a number is never anybody.
    Host,
}

/// Digits below which a number is nobody's identifier.
const DIGITS: usize = 6;

/// Whether a line names somebody.
pub fn names(line: &str, marks: &Marks, whose: Whose) -> bool {
    texts(line).any(|piece| piece.found(line, marks, whose).is_some())
}

/// The line without them. None where it names nobody. What is no JSON is taken for plain text.
pub fn redact(line: &str, marks: &Marks, whose: Whose) -> Option<String> {
    if marks.is_empty() {
        return None;
    }
    // Digits alone are JSON too, and are the text of an identifier.
    let is_json = line.trim_start().starts_with(['{', '[', '"']) && serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
    if !is_json {
        return marks.redact(line);
    }
    let (mut left, mut from) = (String::new(), 0);
    for piece in texts(line) {
        let Some(instead) = piece.found(line, marks, whose) else { continue };
        left.push_str(line.get(from..piece.at.start).unwrap_or_default());
        left.push_str(&serde_json::Value::String(instead).to_string());
        from = piece.at.end;
    }
    (from > 0).then(|| left + line.get(from..).unwrap_or_default())
}

/// A text or a number in a line.
struct Piece {
    /// With its quotes.
    at: Range<usize>,
    text: bool,
}

impl Piece {
    /// What stands in its place where it names somebody, without quotes.
    fn found(&self, line: &str, marks: &Marks, whose: Whose) -> Option<String> {
        let raw = line.get(self.at.clone())?;
        if !self.text {
            return (whose == Whose::Vendor && raw.len() >= DIGITS && marks.name(raw)).then(|| MARKER.to_owned());
        }
        let inner = raw.get(1..raw.len().saturating_sub(1))?;
        match inner.contains('\\') {
            true => {
                let text = serde_json::from_str::<String>(raw).unwrap_or_else(|_| inner.to_owned());
                // Texts within texts are a vendor's, whoever wrote what is around them. Each level of them doubles its escapes.
                let left = redact(&text, marks, Whose::Vendor);
                marks.redact(left.as_ref().unwrap_or(&text)).or(left)
            }
            false => marks.redact(inner),
        }
    }
}

/// The texts and numbers of a line, in order. What is no JSON has whatever looks like them.
fn texts(line: &str) -> impl Iterator<Item = Piece> {
    let bytes = line.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at;
            match bytes.get(at)? {
                b'"' => {
                    at += 1;
                    while let Some(byte) = bytes.get(at) {
                        at += match byte {
                            b'\\' => 2,
                            b'"' => break,
                            _ => 1,
                        };
                    }
                    at = (at + 1).min(bytes.len());
                    return Some(Piece { at: start..at, text: true });
                }
                b'0'..=b'9' | b'-' => {
                    let number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
                    at += bytes.get(at..).unwrap_or_default().iter().take_while(|byte| number(byte)).count();
                    return Some(Piece { at: start..at, text: false });
                }
                _ => at += 1,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::Identity;

    fn ann() -> Marks {
        Marks::plain(&[Identity::account("ann@example.com"), Identity::account("3074457345618265000")])
    }

    #[test]
    fn what_does_not_name_them_stays_byte_for_byte() {
        let line = r#"{ "a":1.50e3,"to":"Ann@example.com, bob@example.com" , "id":3074457345618265000,"x":"\u00e9\n","k":{"ann@example.com":[true]}}"#;
        let left = r#"{ "a":1.50e3,"to":"[erased], bob@example.com" , "id":"[erased]","x":"\u00e9\n","k":{"[erased]":[true]}}"#;
        assert!(names(line, &ann(), Whose::Vendor));
        assert_eq!(redact(line, &ann(), Whose::Vendor).as_deref(), Some(left));
        assert_eq!(redact(left, &ann(), Whose::Vendor), None);
    }

    #[test]
    fn an_escape_hides_nobody() {
        let line = r#"{"to":"a\n\u0061nn\u0040example.com\t"}"#;
        assert_eq!(redact(line, &ann(), Whose::Vendor).as_deref(), Some(r#"{"to":"a\n[erased]\t"}"#));
    }

    #[test]
    fn json_within_a_text_hides_nobody() {
        let inner = r#"{"e":"\u0061nn@example.com","id":3074457345618265000,"n":1}"#;
        let left = r#"{"e":"[erased]","id":"[erased]","n":1}"#;
        let within = |text: &str| serde_json::json!({ "raw_data": text }).to_string();
        for whose in [Whose::Vendor, Whose::Host] {
            assert_eq!(redact(&within(inner), &ann(), whose), Some(within(left)));
            assert_eq!(redact(&within(&within(inner)), &ann(), whose), Some(within(&within(left))));
            assert!(names(&within(&within(inner)), &ann(), whose) && !names(&within(&within(left)), &ann(), whose));
        }
    }

    #[test]
    fn a_number_of_the_host_is_nobody() {
        assert_eq!(redact(r#"{"at":3074457345618265000}"#, &ann(), Whose::Host), None);
    }

    #[test]
    fn what_is_no_json_is_text() {
        assert_eq!(redact("3074457345618265000", &ann(), Whose::Host).as_deref(), Some("[erased]"));
        assert_eq!(redact("{ann@example.com", &ann(), Whose::Vendor).as_deref(), Some("{[erased]"));
        assert!(texts("\"\\").count() == 1 && texts("").count() == 0);
    }
}
