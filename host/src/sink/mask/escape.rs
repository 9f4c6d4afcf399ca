//! Escapes read, and where each character of what they say stands in what was written.

use std::ops::Range;

/// A text without its escapes.
#[derive(Debug)]
pub(super) struct Unescaped {
    pub(super) text: String,
    /// For each byte of the text, and for its end, the place in what was written.
    places: Vec<usize>,
}

impl Unescaped {
    /// Where a part of the text stands in what was written.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        let at = |byte: usize| self.places.get(byte).copied().unwrap_or_default();
        at(range.start)..at(range.end)
    }

    fn push(&mut self, c: char, at: usize) {
        self.text.push(c);
        self.places.resize(self.text.len(), at);
    }
}

/// The text without escapes as JSON, CEF and this host's own terminal texts have them; none where there are none. A backslash that begins
/// no escape stands for itself.
pub(super) fn unescaped(raw: &str) -> Option<Unescaped> {
    raw.contains('\\').then_some(())?;
    let mut out = Unescaped { text: String::with_capacity(raw.len()), places: Vec::with_capacity(raw.len() + 1) };
    let (mut at, mut any) = (0, false);
    while let Some(c) = raw.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = raw.get(at..).unwrap_or_default();
        match escape(rest) {
            Some((said, length)) => {
                any = true;
                out.push(said, at);
                at += length;
            }
            None => {
                out.push(c, at);
                at += c.len_utf8();
            }
        }
    }
    out.places.push(raw.len());
    any.then_some(out)
}

/// The escape that a text begins with: what it says, and how long it is.
fn escape(rest: &str) -> Option<(char, usize)> {
    let next = rest.strip_prefix('\\')?.chars().next()?;
    let said = match next {
        'u' => return unicode(rest),
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        sign if !sign.is_alphanumeric() => sign,
        _ => return None,
    };
    Some((said, 1 + next.len_utf8()))
}

/// `\u0041`, a pair of surrogates, or `\u{41}`.
fn unicode(rest: &str) -> Option<(char, usize)> {
    if let Some(inner) = rest.strip_prefix("\\u{") {
        let (digits, _) = inner.split_once('}').filter(|(digits, _)| (1..=6).contains(&digits.len()))?;
        return Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, digits.len() + 4));
    }
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(rest)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        return Some((c, 6));
    }
    let second = rest.get(6..).and_then(unit);
    let pair = second.and_then(|second| char::decode_utf16([first, second]).next()).and_then(Result::ok);
    Some(pair.map_or((char::REPLACEMENT_CHARACTER, 6), |c| (c, 12)))
}
