//! JSON that is nested no deeper than it can be read: what lies deeper stands as a text of its own JSON.

use std::borrow::Cow;

/// How deep a record may be nested. Hosts refuse what is deeper than 127, and put records into objects of their own.
pub const DEEPEST: usize = 100;
/// The trait of an event of whose record a part stands as a text.
pub const FLATTENED: &str = "flattened";

/// `json` (which it must be) with each value that lies deeper than [`DEEPEST`] as a text. Borrowed where none does.
///
/// Idempotent, and nothing is lost: the text is that value as it was written.
pub fn flat(json: &str) -> Cow<'_, str> {
    if !may_be_deep(json) {
        return Cow::Borrowed(json);
    }
    let (mut depth, mut flat, mut copied, mut start) = (0_usize, String::new(), 0, 0);
    for (at, mark) in marks(json) {
        match mark {
            b'{' | b'[' => {
                depth += 1;
                if depth == DEEPEST + 1 {
                    start = at;
                }
            }
            b'}' | b']' => {
                if depth == DEEPEST + 1 {
                    flat.push_str(json.get(copied..start).unwrap_or_default());
                    flat.push_str(&serde_json::Value::from(json.get(start..=at).unwrap_or_default()).to_string());
                    copied = at + 1;
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    flat.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(flat)
}

/// [`flat`] of a text that may be owned.
pub fn flattened(json: Cow<'_, str>) -> Cow<'_, str> {
    match json {
        Cow::Borrowed(json) => flat(json),
        Cow::Owned(json) => match flat(&json) {
            Cow::Borrowed(_) => Cow::Owned(json),
            Cow::Owned(flat) => Cow::Owned(flat),
        },
    }
}

/// Whether something of a record stands as a text since it lay too deep: as deep as a record may be nested, a text of JSON.
pub fn is_flat(json: &str) -> bool {
    let mut depth = 0_usize;
    may_be_deep(json)
        && marks(json).any(|(at, mark)| {
            match mark {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == DEEPEST && mark == b'"' && matches!(json.as_bytes().get(at + 1), Some(b'{' | b'['))
        })
}

/// The quick answer for nearly every record: it has fewer brackets than that.
fn may_be_deep(json: &str) -> bool {
    json.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count() > DEEPEST
}

/// Where brackets stand, and where texts begin.
fn marks(json: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut quoted, mut escaped) = (false, false);
    json.bytes().enumerate().filter(move |&(_, byte)| {
        if quoted {
            quoted = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            return false;
        }
        quoted = byte == b'"';
        matches!(byte, b'"' | b'{' | b'[' | b'}' | b']')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> String {
        format!(r#"{{"id":"1","a":{}"]{{\"",1.50{},"z":"\\"}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1))
    }

    #[test]
    fn what_is_as_deep_as_it_may_be_is_not_touched() {
        for depth in [2, 99, 100] {
            assert_eq!((flat(&nested(depth)), is_flat(&nested(depth))), (Cow::Borrowed(nested(depth).as_str()), false), "{depth}");
        }
    }

    #[test]
    fn what_lies_deeper_is_a_text_and_stays_one() {
        for depth in [101, 127, 100_000] {
            let deep = nested(depth);
            let once = flat(&deep).into_owned();
            let value: serde_json::Value = serde_json::from_str(&once).unwrap();
            let mut inner = &value["a"];
            while let Some(next) = inner.get(0) {
                inner = next;
            }
            let inside = format!(r#"{}"]{{\"",1.50{}"#, "[".repeat(depth - 100), "]".repeat(depth - 100));
            assert_eq!(inner.as_str(), Some(inside.as_str()), "{depth}");
            assert_eq!((&value["id"], &value["z"]), (&"1".into(), &"\\".into()));
            assert!(is_flat(&once));
            assert!(matches!(flat(&once), Cow::Borrowed(_)), "{depth}");
        }
    }
}
