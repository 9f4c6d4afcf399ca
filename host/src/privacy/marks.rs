//! Whom a text names, of those who are looked for.
//!
//! A text names a person where some of its words, one after the other, are those of one of their identities. Their address, or a long
//! identifier, is also found between the `_` and `-` of a longer word that is no address itself. An identity shorter than
//! [`SHORT`] counts only where it is the whole text: it would be found in everything. Who was erased is looked for in what happened until
//! then: what they did later is anybody's ([`Marks::then`]).

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::Arc,
};

use audit_pipeline::types::Actor;

use super::{
    Identity, Kind,
    identity::{WORDS, Word, is_address, is_file, joined, letters, words},
};
use crate::{model::Instant, store::seal::Key};

/// What stands where a person was named.
pub const MARKER: &str = "[erased]";
/// Bytes of an identity below which it must be the whole text.
const SHORT: usize = 6;
/// Bytes of an identifier from which it counts within a word.
const LONG: usize = 10;

/// How large an identity is, as it is compared: what is of no size that is looked for need not be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// Its words.
    pub words: usize,
    /// Its bytes.
    pub bytes: usize,
}

/// An identity that says nothing to who has no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it says.
    pub kind: Kind,
    /// How large it was.
    pub size: Size,
    /// The keyed hash of it.
    pub hash: Vec<u8>,
    /// What happened later does not count.
    pub until: Instant,
}

impl Mark {
    /// The mark of an identity. None where it has no words, or more than any.
    pub fn of(identity: &Identity, key: &Key, until: Instant) -> Option<Self> {
        let (normal, size) = normal(&identity.text)?;
        Some(Self { kind: identity.kind, size, hash: hash(key, &normal), until })
    }
}

/// Those who are looked for.
#[derive(Clone)]
pub struct Marks {
    sizes: Arc<BTreeSet<Size>>,
    known: Arc<Known>,
    /// What happened later than this names none of them.
    latest: Instant,
    /// When what is looked at happened.
    then: Instant,
}

enum Known {
    Plain(HashMap<String, Kind>),
    Keyed(Box<Key>, HashMap<Vec<u8>, (Kind, Instant)>),
}

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Marks").field("sizes", &self.sizes.len()).finish_non_exhaustive()
    }
}

fn normal(text: &str) -> Option<(String, Size)> {
    let words = words(text);
    let normal = joined(&words);
    let size = Size { words: words.len(), bytes: normal.len() };
    (1..=WORDS).contains(&size.words).then_some((normal, size))
}

fn hash(key: &Key, normal: &str) -> Vec<u8> {
    key.fingerprint(&["miro-source erased v1", normal])
}

impl Marks {
    /// These people.
    pub fn plain<'a>(identities: impl IntoIterator<Item = &'a Identity>) -> Self {
        let (mut sizes, mut known) = (BTreeSet::new(), HashMap::new());
        for identity in identities {
            if let Some((normal, size)) = normal(&identity.text) {
                sizes.insert(size);
                // Who it is says more than what they are called.
                let kind = known.entry(normal).or_insert(identity.kind);
                *kind = (*kind).min(identity.kind);
            }
        }
        Self { sizes: Arc::new(sizes), known: Arc::new(Known::Plain(known)), latest: Instant::FAR, then: Instant::EPOCH }
    }

    /// Whether one of them did something.
    pub fn acted(&self, actor: &Actor) -> bool {
        [&actor.id, &actor.email].into_iter().flatten().any(|text| self.is_account(text))
    }

    /// Those with these marks, made with this key.
    pub fn keyed(key: &Key, marks: impl IntoIterator<Item = Mark>) -> Self {
        let (mut sizes, mut known, mut latest) = (BTreeSet::new(), HashMap::new(), Instant::EPOCH);
        for mark in marks {
            sizes.insert(mark.size);
            latest = latest.max(mark.until);
            let (kind, until) = known.entry(mark.hash).or_insert((mark.kind, mark.until));
            (*kind, *until) = ((*kind).min(mark.kind), (*until).max(mark.until));
        }
        Self { sizes: Arc::new(sizes), known: Arc::new(Known::Keyed(Box::new(key.clone()), known)), latest, then: Instant::EPOCH }
    }

    /// Those of them who are looked for in what happened at that time.
    #[must_use]
    pub fn then(&self, time: Instant) -> Self {
        Self { then: time, ..self.clone() }
    }

    /// Whether nobody is looked for.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty() || self.then > self.latest
    }

    /// Whether the account of somebody is exactly this.
    pub fn is_account(&self, text: &str) -> bool {
        let Some((normal, size)) = normal(text).filter(|_| !self.is_empty()) else { return false };
        self.sizes.contains(&size) && self.kind(&normal) == Some(Kind::Account)
    }

    /// Whether a text names somebody.
    pub fn name(&self, text: &str) -> bool {
        !self.find(text).is_empty()
    }

    /// The text without them. None where it names nobody.
    pub fn redact(&self, text: &str) -> Option<String> {
        let found = self.find(text);
        if found.is_empty() {
            return None;
        }
        let (mut left, mut from) = (String::with_capacity(text.len()), 0);
        for range in found {
            left.push_str(text.get(from..range.start).unwrap_or_default());
            left.push_str(MARKER);
            from = range.end;
        }
        left.push_str(text.get(from..).unwrap_or_default());
        Some(left)
    }

    /// Where a text names somebody, in order.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        if self.is_empty() || self.sizes.iter().all(|size| size.bytes > text.len() * 3) {
            return Vec::new();
        }
        let words = words(text);
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
            let longest = (1..=rest.len().min(WORDS)).rev().find(|&count| {
                let Some(window) = rest.get(..count) else { return false };
                let bytes = window.iter().map(|word| word.text.len() + 1).sum::<usize>() - 1;
                let whole = bytes >= SHORT || count == words.len();
                whole && self.sizes.contains(&Size { words: count, bytes }) && self.kind(&joined(window)).is_some()
            });
            let Some(count) = longest else {
                found.extend(rest.first().map(|word| self.within(text, word)).unwrap_or_default());
                at += 1;
                continue;
            };
            if let (Some(first), Some(last)) = (rest.first(), rest.get(count - 1)) {
                found.push(first.at.start..last.at.end);
            }
            at += count;
        }
        found
    }

    /// Where a word has an account between its `_` and `-`, or before the end of the name of a file: `export_ann@example.com.pdf`.
    fn within(&self, text: &str, word: &Word) -> Vec<Range<usize>> {
        if !word.text.contains(['_', '-', '.']) || is_address(&word.text) {
            return Vec::new();
        }
        let apart = |letter: char| matches!(letter, '_' | '-');
        // Where each letter stands, in the word as it is compared and in the text.
        let (mut at, mut starts, mut ends) = (0, Vec::new(), HashMap::new());
        let mut before = '_';
        for (place, letter) in letters(text.get(word.at.clone()).unwrap_or_default()) {
            let from = word.at.start + place.start;
            if apart(before) {
                starts.push((at, from));
            }
            if apart(letter) || is_file(word.text.get(at..).unwrap_or_default()) {
                ends.insert(at, from);
            }
            at += letter.to_lowercase().map(char::len_utf8).sum::<usize>();
            before = letter;
        }
        ends.insert(word.text.len(), word.at.end);
        let (mut found, mut free) = (Vec::new(), 0);
        for (at, from) in starts.into_iter().filter(|(at, _)| *at < word.text.len()) {
            let sizes = self.sizes.iter().rev().filter(|size| size.words == 1);
            let hit = sizes.filter(|_| at >= free).find_map(|size| {
                let (end, part) = (ends.get(&(at + size.bytes))?, word.text.get(at..at + size.bytes)?);
                let telling = size.bytes >= LONG || (part.contains('@') && size.bytes >= SHORT);
                (telling && self.kind(part) == Some(Kind::Account)).then_some((at + size.bytes, *end))
            });
            if let Some((end, to)) = hit {
                found.push(from..to);
                free = end;
            }
        }
        found
    }

    fn kind(&self, normal: &str) -> Option<Kind> {
        match self.known.as_ref() {
            Known::Plain(known) => known.get(normal).copied(),
            Known::Keyed(key, known) => known.get(&hash(key, normal)).filter(|(_, until)| *until >= self.then).map(|(kind, _)| *kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(identities: &[Identity]) -> [Marks; 2] {
        let key = Key::new(&[7; 32]);
        let marks = identities.iter().filter_map(|identity| Mark::of(identity, &key, Instant(9)));
        [Marks::plain(identities), Marks::keyed(&key, marks)]
    }

    #[test]
    fn whoever_is_looked_for_is_found_with_the_key_as_without() {
        let ann = [Identity::account("Ann@Example.com"), Identity::account("3074457345618265000"), Identity::name("Ann Example").unwrap()];
        for marks in both(&ann) {
            for (text, left) in [
                ("ann@example.com", "[erased]"),
                ("to <ANN@EXAMPLE.COM>, joann@example.com", "to <[erased]>, joann@example.com"),
                ("user:3074457345618265000", "user:[erased]"),
                ("Ann  Example shared it", "[erased] shared it"),
                ("ann.example", "ann.example"),
                ("/x?email=ann%40example.com&y", "/x?email=[erased]&y"),
                ("/boards/Ann%20Example", "/boards/[erased]"),
                ("export_Ann@example.com.pdf", "export_[erased].pdf"),
                ("a-ann%40example.com_ann@example.com", "a-[erased]_[erased]"),
                ("ann@example.com.csv", "[erased].csv"),
                ("id-3074457345618265000, x_3074457345618265000_y", "id-[erased], x_[erased]_y"),
                ("jo-ann@example.com, mary_ann@example.com", "jo-ann@example.com, mary_ann@example.com"),
                ("ann@example.com.au, x3074457345618265000", "ann@example.com.au, x3074457345618265000"),
                ("Ann", "Ann"),
                ("Ann Examples", "Ann Examples"),
            ] {
                assert_eq!(marks.redact(text).as_deref().unwrap_or(text), left);
            }
            assert!(marks.is_account(" ann@example.com") && !marks.is_account("Ann Example"));
        }
    }

    #[test]
    fn what_is_short_counts_only_where_it_is_all() {
        for marks in both(&[Identity::account("u-17")]) {
            assert!(marks.name("U-17") && marks.is_account("u-17") && !marks.name("about u-17"));
        }
    }

    #[test]
    fn whoever_was_erased_is_looked_for_in_what_happened_until_then() {
        let (key, ann, bob) = (Key::new(&[7; 32]), Identity::account("ann@example.com"), Identity::account("bob@example.com"));
        let of = |identity: &Identity, until| Mark::of(identity, &key, Instant(until)).unwrap();
        // Ann was erased again.
        let marks = Marks::keyed(&key, [of(&ann, 5), of(&ann, 9), of(&bob, 7)]);
        let named = |then| (marks.then(Instant(then)).name(&ann.text), marks.then(Instant(then)).is_account(&bob.text));
        assert_eq!(
            [named(0), named(7), named(8), named(9), named(10)],
            [(true, true), (true, true), (true, false), (true, false), (false, false)]
        );
        assert!(marks.name(&ann.text) && marks.then(Instant(10)).is_empty() && !marks.is_empty());
    }

    #[test]
    fn where_nobody_is_looked_for_nobody_is_found() {
        for marks in both(&[Identity::account("…")]) {
            assert!(marks.is_empty() && !marks.name("…") && !marks.is_account(""));
        }
    }
}
