//! A text that names a person, and the words that text is made of.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Words of one name or identifier, at most: what has more is not a name.
pub(super) const WORDS: usize = 12;

/// What a text says of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Who it is: an identifier or an e-mail address. What its owner did is theirs.
    Account,
    /// What they are called: others may be called the same.
    Name,
}

/// A text that names a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// What it says.
    pub kind: Kind,
    /// As somebody writes it.
    pub text: String,
}

impl Identity {
    /// An identifier or an e-mail address.
    pub fn account(text: impl Into<String>) -> Self {
        Self { kind: Kind::Account, text: text.into() }
    }

    /// Whether it has no word that could be looked for.
    pub fn is_empty(&self) -> bool {
        !(1..=WORDS).contains(&words(&self.text).len())
    }

    /// It, as it is compared.
    pub fn normal(&self) -> String {
        joined(&words(&self.text))
    }

    /// A name. None where it is a single word, which is anybody's.
    pub fn name(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let words = words(&text).len();
        (2..=WORDS).contains(&words).then_some(Self { kind: Kind::Name, text })
    }
}

/// A word, and where it stands.
pub(super) struct Word {
    pub(super) at: Range<usize>,
    /// Lower case.
    pub(super) text: String,
}

/// The letters of a text as they are read, and where each stands: in a URL, `%40` is an `@`.
pub(super) fn letters(text: &str) -> impl Iterator<Item = (Range<usize>, char)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let (letter, bytes) = percent(rest).or_else(|| rest.chars().next().map(|letter| (letter, letter.len_utf8())))?;
        let from = at;
        at += bytes;
        Some((from..at, letter))
    })
}

/// The letter that a text begins with as a URL writes it, and in how many bytes.
fn percent(rest: &str) -> Option<(char, usize)> {
    let byte = |nth: usize| {
        let digits = rest.get(nth * 3..nth * 3 + 3)?.strip_prefix('%')?;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
    };
    let bytes = match byte(0)? {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let bytes: Vec<u8> = (0..bytes).map(byte).collect::<Option<_>>()?;
    Some((std::str::from_utf8(&bytes).ok()?.chars().next()?, bytes.len() * 3))
}

/// What stands at the end of the names of files and of no address.
const FILES: [&str; 18] =
    ["pdf", "csv", "txt", "json", "xml", "html", "zip", "rtb", "png", "jpg", "jpeg", "gif", "svg", "docx", "xlsx", "pptx", "vsdx", "eml"];

/// Whether the end of a word is that of the name of a file, with its stop.
pub(super) fn is_file(end: &str) -> bool {
    end.strip_prefix('.').is_some_and(|end| FILES.contains(&end))
}

/// Whether a word is an e-mail address as a whole. Then it is nobody's whose address it ends with: `jo-ann@example.com` is not Ann's.
pub(super) fn is_address(word: &str) -> bool {
    let Some((local, domain)) = word.split_once('@') else { return false };
    let end = domain.rfind('.').and_then(|at| domain.get(at..)).unwrap_or_default();
    let is_domain = !domain.contains(['@', '_']) && end.len() > 2 && end.chars().skip(1).all(char::is_alphabetic);
    !local.is_empty() && is_domain && !is_file(end)
}

/// The words of a text. A word is of letters, digits and what joins them in addresses and identifiers.
pub(super) fn words(text: &str) -> Vec<Word> {
    let (mut found, mut word) = (Vec::new(), Vec::new());
    for (at, letter) in letters(text).chain([(text.len()..text.len(), ' ')]) {
        if letter.is_alphanumeric() || matches!(letter, '.' | '@' | '_' | '+' | '-') {
            word.push((at, letter));
            continue;
        }
        // The stop at the end of a sentence, and a dash before a word, are none of it.
        let none = |(_, letter): &(Range<usize>, char)| matches!(letter, '.' | '-');
        let end = word.len() - word.iter().rev().take_while(|each| none(each)).count();
        let whole = word.get(..end).unwrap_or_default();
        let whole = whole.get(whole.iter().take_while(|each| none(each)).count()..).unwrap_or_default();
        if let (Some((first, _)), Some((last, _))) = (whole.first(), whole.last()) {
            let text = whole.iter().map(|(_, letter)| *letter).collect::<String>().to_lowercase();
            found.push(Word { at: first.start..last.end, text });
        }
        word.clear();
    }
    found
}

/// Words as they are compared.
pub(super) fn joined<'a>(words: impl IntoIterator<Item = &'a Word>) -> String {
    let words: Vec<&str> = words.into_iter().map(|word| word.text.as_str()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_word_wherever_it_stands() {
        for text in
            ["ann@example.com", "<Ann@Example.com>.", "shared with ANN@example.com.", "mailto:ann@example.com?x", "a|ann@example.com|b"]
        {
            assert!(words(text).iter().any(|word| word.text == "ann@example.com"), "{text}");
        }
        assert!(words("joann@example.com").iter().all(|word| word.text != "ann@example.com"));
    }

    #[test]
    fn a_word_stands_where_it_says() {
        let text = "  „Ünal-Öz“, (x). -- .";
        let found: Vec<_> = words(text).into_iter().map(|word| (&text[word.at.clone()], word.text)).collect();
        assert_eq!(found, [("Ünal-Öz", "ünal-öz".to_owned()), ("x", "x".to_owned())]);
    }

    #[test]
    fn a_single_word_names_nobody() {
        assert_eq!(Identity::name("Ann"), None);
        assert!(Identity::name("Ann Example").is_some());
    }

    #[test]
    fn a_url_hides_no_letter() {
        for (text, word) in [
            ("/x?email=ann%40example.com&y", "ann@example.com"),
            ("q%3Dann%40example.com%26z", "ann@example.com"),
            ("/Ann%20%C3%96z", "öz"),
            ("100%zz", "zz"),
        ] {
            assert!(words(text).iter().any(|found| found.text == word), "{text}");
        }
        assert_eq!(words("?a=ann%40x.org").last().map(|word| word.at.clone()), Some(3..14));
    }

    #[test]
    fn a_word_is_an_address_unless_it_is_the_name_of_a_file() {
        for (word, is) in [
            ("jo-ann@example.com", true),
            ("ann@example.co.uk", true),
            ("export_ann@example.com.pdf", false),
            ("ann@example.com_2024", false),
            ("ann@example.com-copy", false),
            ("ann@localhost", false),
            ("id-3074457345618265111", false),
        ] {
            assert_eq!(is_address(word), is, "{word}");
        }
    }
}
