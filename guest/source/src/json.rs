//! Reading JSON without losing any of it: values stay slices of the text they came in.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The members `names` of the object `text`, as they were written; the last wins where a key repeats.
/// `None` where `text` is not one JSON object. Nested values of any depth are skipped without recursion.
pub fn members<'a, const N: usize>(text: &'a str, names: &[&str; N]) -> Option<[Option<&'a RawValue>; N]> {
    let mut found = [None; N];
    each_member(
        text,
        |key| names.iter().position(|name| name.as_bytes() == key),
        |at, value| {
            if let Some(slot) = found.get_mut(at) {
                *slot = Some(value);
            }
        },
    )?;
    Some(found)
}

/// Every member of the object `text` in order. `None` where `text` is not one JSON object.
pub fn all_members(text: &str) -> Option<Vec<(String, &RawValue)>> {
    let mut found = Vec::new();
    each_member(text, |key| Some(String::from_utf8_lossy(key).into_owned()), |key, value| found.push((key, value)))?;
    Some(found)
}

/// Every member of the object `text`: keys that `choose` maps to something are handed on with their value.
pub fn each_member<'a, K>(text: &'a str, choose: impl Fn(&[u8]) -> Option<K>, take: impl FnMut(K, &'a RawValue)) -> Option<()> {
    // Keys are read as bytes, which a lone surrogate does not break, but which lets control characters through: rule those out first.
    if text.bytes().any(|byte| byte < 0x20) && serde_json::from_str::<IgnoredAny>(text).is_err() {
        return None;
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_map(Members { choose, take, key: std::marker::PhantomData }).ok()?;
    reader.end().ok()
}

/// The elements of the array `text`. `None` where `text` is not one JSON array.
pub fn elements(text: &str) -> Option<Vec<&RawValue>> {
    struct Elements;
    impl<'de> Visitor<'de> for Elements {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut found = Vec::new();
            while let Some(value) = seq.next_element()? {
                found.push(value);
            }
            Ok(found)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let found = reader.deserialize_seq(Elements).ok()?;
    reader.end().ok()?;
    Some(found)
}

/// What a value says as text: a string decoded, a number verbatim. `None` for everything else and for the empty string.
/// A string that is no Unicode text (a lone surrogate) is its escaped source, so that two such strings stay different.
pub fn text(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let source = value?.get();
    if let Some(inner) = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return match inner {
            "" => None,
            plain if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
            escaped => Some(serde_json::from_str::<String>(source).map_or(Cow::Borrowed(escaped), Cow::Owned)),
        };
    }
    source.starts_with(|first: char| first == '-' || first.is_ascii_digit()).then_some(Cow::Borrowed(source))
}

/// The same, owned.
pub fn owned(value: Option<&RawValue>) -> Option<String> {
    text(value).map(Cow::into_owned)
}

/// JSON text on one line: unchanged where it has no line break, else without any whitespace between its tokens.
/// (Inside a string a line break is always escaped.)
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte == b'\n' || byte == b'\r') {
        return Cow::Borrowed(text);
    }
    let (mut quoted, mut escaped) = (false, false);
    let squeezed = text.chars().filter(|&c| {
        if quoted {
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            return true;
        }
        quoted = c == '"';
        !matches!(c, ' ' | '\t' | '\n' | '\r')
    });
    Cow::Owned(squeezed.collect())
}

/// A pass over an object that keeps only the chosen members.
struct Members<K, C, T> {
    choose: C,
    take: T,
    key: std::marker::PhantomData<K>,
}

impl<'de, K, C: Fn(&[u8]) -> Option<K>, T: FnMut(K, &'de RawValue)> Visitor<'de> for Members<K, C, T> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key { choose: &self.choose, key: std::marker::PhantomData })? {
            match key {
                Some(key) => (self.take)(key, map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// One key, as bytes.
struct Key<'c, K, C> {
    choose: &'c C,
    key: std::marker::PhantomData<K>,
}

impl<'de, K, C: Fn(&[u8]) -> Option<K>> DeserializeSeed<'de> for Key<'_, K, C> {
    type Value = Option<K>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl<K, C: Fn(&[u8]) -> Option<K>> Visitor<'_> for Key<'_, K, C> {
    type Value = Option<K>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok((self.choose)(key))
    }
}
