//! Profiles as bytes: numbers in as few bytes as they need ([`varint`]), lists with their length before them.
//!
//! A body begins with the version of its layout. What does not read is as good as nothing: a baseline is learned anew rather than
//! guessed, and the host says so.

use activity_policy::varint;

use crate::moment::{Day, Moment};

/// As long as most bodies are, at most.
const USUAL: usize = 512;

/// Writes a body.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// A body of this version.
    pub fn new(version: u8) -> Self {
        let mut body = Vec::with_capacity(USUAL);
        body.push(version);
        Self(body)
    }

    /// What was written.
    pub fn finish(mut self) -> Vec<u8> {
        self.0.shrink_to_fit();
        self.0
    }

    /// A number.
    pub fn number(&mut self, number: impl Into<u64>) {
        varint::put(&mut self.0, number.into());
    }

    /// Bytes of a length that the reader knows.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.list(text.len());
        self.raw(text.as_bytes());
    }

    /// The length of a list that follows.
    pub fn list(&mut self, length: usize) {
        self.number(length as u64);
    }
}

/// Reads a body. Every method is nothing where the bytes do not hold what is asked for.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Of a body, its version apart.
    pub fn new(body: &'a [u8]) -> Option<(u8, Self)> {
        let (version, rest) = body.split_first()?;
        Some((*version, Self(rest)))
    }

    /// Passes over these bytes where they come next, which says `true`.
    pub fn skip(&mut self, bytes: &[u8]) -> bool {
        match self.0.strip_prefix(bytes) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// A number.
    pub fn number<N: TryFrom<u64>>(&mut self) -> Option<N> {
        let (number, rest) = varint::take(self.0)?;
        self.0 = rest;
        N::try_from(number).ok()
    }

    /// A point in time.
    pub fn moment(&mut self) -> Option<Moment> {
        self.number().map(Moment)
    }

    /// A day.
    pub fn day(&mut self) -> Option<Day> {
        self.number().map(Day)
    }

    /// So many bytes.
    pub fn raw<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*bytes)
    }

    /// A text.
    pub fn text(&mut self) -> Option<&'a str> {
        let length: usize = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(bytes).ok()
    }

    /// A list of at most `most`, each read by `item`.
    pub fn list<T>(&mut self, most: usize, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length: usize = self.number()?;
        if length > most {
            return None;
        }
        // Not collected: that would not know how many there are, and grow. Most lists are read to be added to, and one that has no
        // room for it moves.
        let mut list = Vec::with_capacity(if length == 0 { 0 } else { length + 1 });
        for _ in 0..length {
            list.push(item(self)?);
        }
        Some(list)
    }

    /// Whether all was read.
    pub fn ended(&self) -> bool {
        self.0.is_empty()
    }
}
