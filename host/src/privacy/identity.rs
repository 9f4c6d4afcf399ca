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

/// The words of a text. A word is of letters, digits and what joins them in addresses and identifiers.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        let within = letter.is_alphanumeric() || matches!(letter, '.' | '@' | '_' | '+' | '-');
        match (start, within) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                start = None;
                let Some(word) = text.get(from..at) else { continue };
                // The stop at the end of a sentence, and a dash before a word, are none of it.
                let trimmed = word.trim_matches(['.', '-']);
                let from = from + (word.len() - word.trim_start_matches(['.', '-']).len());
                if !trimmed.is_empty() {
                    found.push(Word { at: from..from + trimmed.len(), text: trimmed.to_lowercase() });
                }
            }
            _ => {}
        }
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
}
