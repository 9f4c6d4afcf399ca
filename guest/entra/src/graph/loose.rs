//! A value of JSON that may be of any type: one odd member never fails an answer, and none of it is held that nobody reads.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The most texts of one list that are held: an account has at most some hundred addresses.
const TEXTS: usize = 500;
/// The longest text that is held, in bytes: a token has some thousand.
const LONGEST: usize = 64 << 10;

/// A value of any type, of which texts, truths and lists of texts are held. A number is the text that it is written as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Loose {
    /// It is not there.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// `true` or `false`.
    Truth(bool),
    /// A text or a number.
    Text(String),
    /// The texts and numbers of a list.
    Texts(Vec<String>),
    /// Anything else.
    Other,
}

impl Loose {
    /// The text, where it is one and not empty.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// The texts of a list.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Texts(texts) => texts,
            _ => &[],
        }
    }

    /// The truth, where it is one.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Whether it is there and not `null`.
    pub fn is_there(&self) -> bool {
        !matches!(self, Self::Absent | Self::Null)
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Loose, E> {
        Ok(Loose::Truth(truth))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose::Text(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose::Text(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Loose, E> {
        Ok(Loose::Text(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(if text.len() > LONGEST { Loose::Other } else { Loose::Text(text.to_owned()) })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        let mut texts = Vec::new();
        while let Some(value) = list.next_element::<Loose>()? {
            if let (Loose::Text(text), true) = (value, texts.len() < TEXTS) {
                texts.push(text);
            }
        }
        Ok(Loose::Texts(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::Loose;

    #[test]
    fn any_value_is_read_and_only_what_is_understood_is_held() {
        let read = |text: &str| serde_json::from_str::<Loose>(text).unwrap();
        assert_eq!(read("null"), Loose::Null);
        assert_eq!(read("true").truth(), Some(true));
        assert_eq!(read("3599").text(), Some("3599"));
        assert_eq!(read(r#"" ""#).text(), None);
        assert_eq!(read(r#"["a", 7000215, null, {"b": []}, ["c"]]"#).texts(), ["a", "7000215"]);
        assert_eq!(read(r#"{"a": {"b": 1}}"#), Loose::Other);
        assert_eq!(read(&format!("{:?}", "x".repeat(70_000))), Loose::Other);
        assert_eq!(read(&format!("[{}0]", "0,".repeat(9_000))).texts().len(), 500);
    }
}
