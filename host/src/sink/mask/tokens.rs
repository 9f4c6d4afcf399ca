//! The strings and numbers of a JSON text, with where they stand. Of any depth, without building anything.

use std::ops::Range;

/// What a string or number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The name of a member of an object at this depth; the outermost has 1.
    Name { depth: usize },
    /// A string.
    Text,
    /// A number.
    Number,
}

/// A string, without its quotes, or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// The tokens of an object or array; none where the text is neither.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    // Whether the next string of the object that is open is a name.
    let mut name = false;
    let (mut at, mut begun) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        if begun && open.is_empty() && !byte.is_ascii_whitespace() {
            return None;
        }
        match byte {
            b'{' | b'[' => {
                open.push(byte);
                (begun, name) = (true, byte == b'{');
            }
            b'}' | b']' => {
                let expected = if byte == b'}' { b'{' } else { b'[' };
                (open.pop()? == expected).then_some(())?;
                name = false;
            }
            b',' => name = open.last() == Some(&b'{'),
            b'"' if begun => {
                let end = at + 1 + closing(bytes.get(at + 1..)?)?;
                let kind = if name { Kind::Name { depth: open.len() } } else { Kind::Text };
                found.push(Token { kind, range: at + 1..end });
                (at, name) = (end, false);
            }
            b'-' | b'0'..=b'9' if begun => {
                let length =
                    bytes.iter().skip(at).take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')).count();
                found.push(Token { kind: Kind::Number, range: at..at + length });
                at += length - 1;
            }
            _ if begun || byte.is_ascii_whitespace() => {}
            _ => return None,
        }
        at += 1;
    }
    (begun && open.is_empty()).then_some(found)
}

/// How far away the quote is that ends a string.
fn closing(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
