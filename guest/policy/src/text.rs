//! Texts compared without regard to case, and without allocation: what is looked for is folded once, when it is compiled.

use std::cmp::Ordering;

/// A text as it is looked for.
pub(crate) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

pub(crate) fn equals(text: &str, folded: &str) -> bool {
    strip(text, folded) == Some("")
}

/// Whether two texts are the same without regard to case, where neither is folded.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}

/// What stands behind `folded` at the beginning of a text.
pub(crate) fn strip<'t>(text: &'t str, folded: &str) -> Option<&'t str> {
    let mut bytes = text.bytes();
    for wanted in folded.bytes() {
        match bytes.next()? {
            byte if !byte.is_ascii() || !wanted.is_ascii() => return strip_slowly(text, folded),
            byte if byte.to_ascii_lowercase() != wanted => return None,
            _ => {}
        }
    }
    text.get(folded.len()..)
}

/// The same beyond ASCII, where one character may fold to several, or to one of ASCII.
#[cold]
fn strip_slowly<'t>(text: &'t str, folded: &str) -> Option<&'t str> {
    let mut wanted = folded.chars();
    for (place, c) in text.char_indices() {
        if wanted.as_str().is_empty() {
            return text.get(place..);
        }
        for lower in c.to_lowercase() {
            if wanted.next() != Some(lower) {
                return None;
            }
        }
    }
    wanted.as_str().is_empty().then_some("")
}

pub(crate) fn ends_with(text: &str, folded: &str) -> bool {
    let mut wanted = folded.chars().rev();
    for c in text.chars().rev() {
        for lower in c.to_lowercase().rev() {
            match wanted.next() {
                None => return true,
                Some(other) if other == lower => {}
                Some(_) => return false,
            }
        }
    }
    wanted.next().is_none()
}

pub(crate) fn compare(text: &str, folded: &str) -> Ordering {
    for (byte, wanted) in text.bytes().zip(folded.bytes()) {
        if !byte.is_ascii() || !wanted.is_ascii() {
            return text.chars().flat_map(char::to_lowercase).cmp(folded.chars());
        }
        match byte.to_ascii_lowercase().cmp(&wanted) {
            Ordering::Equal => {}
            differ => return differ,
        }
    }
    text.len().cmp(&folded.len())
}

/// What separates words.
const fn separates(c: char) -> bool {
    c.is_ascii() && separator(c as u8)
}

const fn separator(byte: u8) -> bool {
    matches!(byte, b',' | b'.' | b' ' | b'_' | b'-')
}

/// The words of a text, each with all that stands behind its beginning. Separators are ASCII, so bytes will do.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let from = rest?;
        let end = from.bytes().position(separator);
        rest = end.and_then(|end| from.get(end + 1..));
        Some((end.and_then(|end| from.get(..end)).unwrap_or(from), from))
    })
}

/// What `contains` looks for: one value of it.
///
/// Words stand for alternatives, and what stands in quotation marks must all be there, to the letter: so Microsoft's page on
/// file filters has it, with its examples in the tests below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    any: Box<[String]>,
    all: Box<[String]>,
}

impl Words {
    pub(crate) fn new(value: &str) -> Self {
        let (mut any, mut all) = (Vec::new(), Vec::new());
        // Between two quotation marks stands every second piece; an odd one out at the end opens nothing.
        let quotes = value.matches('"').count();
        for (place, piece) in value.split('"').enumerate() {
            if place % 2 == 1 && place < quotes {
                all.extend(Some(fold(piece)).filter(|piece| !piece.is_empty()));
            } else {
                any.extend(piece.split(separates).filter(|word| !word.is_empty()).map(fold));
            }
        }
        Self { any: any.into(), all: all.into() }
    }

    /// Whether nothing is looked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.any.is_empty() && self.all.is_empty()
    }

    pub(crate) fn found_in(&self, text: &str) -> bool {
        let any = || words(text).any(|(word, _)| self.any.iter().any(|folded| equals(word, folded)));
        (self.any.is_empty() || any()) && self.all.iter().all(|phrase| has_phrase(text, phrase)) && !self.is_empty()
    }
}

/// Whether the phrase stands in the text from the beginning of a word to the end of one.
fn has_phrase(text: &str, phrase: &str) -> bool {
    let ends = |rest: &str| rest.bytes().next().is_none_or(separator) || phrase.ends_with(separates);
    let at = |from: &str| strip(from, phrase).is_some_and(ends);
    if phrase.starts_with(separates) {
        return text.char_indices().any(|(place, _)| text.get(place..).is_some_and(at));
    }
    words(text).any(|(_, from)| at(from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contains(value: &str, text: &str) -> bool {
        Words::new(value).found_in(text)
    }

    /// Microsoft's page "Investigate files": full words separated by commas, dots, hyphens or spaces; and underscores.
    #[test]
    fn contains_searches_for_whole_words() {
        for text in ["virus_malware_file.exe", "MALWARE", "a,malware", "malware.txt", "the malware", "virus-malware"] {
            assert!(contains("malware", text), "{text}");
        }
        for text in ["malwarefile.exe", "amalware", "", "mal ware"] {
            assert!(!contains("malware", text), "{text}");
        }
    }

    /// "Spaces or hyphens between words function like OR."
    #[test]
    fn words_without_quotation_marks_are_alternatives() {
        assert!(contains("malware virus", "malware-virus.exe"));
        assert!(contains("malware virus", "virus.exe"));
        assert!(contains("malware.exe", "setup.exe"));
        assert!(!contains("malware virus", "report.pdf"));
    }

    /// "If you want to search for a string, enclose the words in quotation marks. This functions like AND."
    #[test]
    fn quotation_marks_give_an_exact_phrase() {
        assert!(contains(r#""malware" "virus""#, "virus-malware-file.exe"));
        assert!(!contains(r#""malware" "virus""#, "malwarevirusfile.exe"));
        assert!(!contains(r#""malware" "virus""#, "malware.exe"));
        assert!(!contains(r#""malware virus""#, "virus"));
        assert!(!contains(r#""malware virus""#, "virus-malware"));
        assert!(contains(r#""Malware Virus""#, "a malware virus, they say"));
        assert!(contains(r#""malware.exe""#, "old_malware.exe"));
        assert!(!contains(r#""malware.exe""#, "setup.exe"));
    }

    #[test]
    fn case_is_folded_beyond_ascii() {
        assert!(equals("ÉTIENNE", &fold("étienne")));
        assert!(equals("İ", &fold("İ")));
        assert!(!equals("etienne", &fold("étienne")));
        assert!(ends_with("Ordre d'ÉTÉ", &fold("été")));
    }

    proptest! {
        #[test]
        fn folding_agrees_with_itself(a in ".{0,12}", b in ".{0,12}") {
            let (both, folded) = (format!("{a}{b}"), fold(&a));
            prop_assert!(equals(&a, &folded));
            prop_assert!(equals(&folded, &fold(&folded)));
            prop_assert_eq!(compare(&a, &folded), Ordering::Equal);
            prop_assert_eq!(strip(&both, &folded), Some(b.as_str()));
            prop_assert!(ends_with(&both, &fold(&b)));
            prop_assert_eq!(equals(&a, &fold(&b)), compare(&a, &fold(&b)) == Ordering::Equal);
            prop_assert_eq!(compare(&a, &fold(&b)), fold(&a).cmp(&fold(&b)));
            prop_assert_eq!(strip(&both, &folded), strip_slowly(&both, &folded));
        }

        #[test]
        fn a_word_of_a_text_is_found_in_it(words in prop::collection::vec("[a-zß]{1,5}", 1..6), at in any::<prop::sample::Index>()) {
            let text = words.join(" ");
            let phrase = format!("\"{text}\"");
            prop_assert!(contains(at.get::<String>(&words), &text));
            prop_assert!(contains(&phrase, &text));
        }
    }
}
