//! A counter as bytes: `1`, the number of entries, then each as the distance to the one before.
//!
//! | | |
//! |---|---|
//! | time | how much later than the one before; a varint |
//! | seq | how much higher or lower than that of the one before, zigzag; a varint |
//! | object | `0`, or `1` and its hash in eight bytes, the lowest first |

use super::{CAPACITY, Counter, Entry};
use crate::varint;

const VERSION: u8 = 1;

/// These bytes are no counter: begin with an empty one, and tell somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("what was counted cannot be read")
    }
}

impl std::error::Error for Unreadable {}

impl Counter {
    /// The counter as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Vec::with_capacity(2 + self.entries.len() * 6);
        to.push(VERSION);
        varint::put(&mut to, self.entries.len() as u64);
        let (mut time, mut seq) = (0, 0);
        for entry in &self.entries {
            varint::put(&mut to, entry.time.wrapping_sub(time));
            varint::put(&mut to, zigzag(entry.seq.wrapping_sub(seq)));
            (time, seq) = entry.order();
            match entry.object {
                None => to.push(0),
                Some(object) => {
                    to.push(1);
                    to.extend_from_slice(&object.to_le_bytes());
                }
            }
        }
        to
    }

    /// The counter that [`Counter::encode`] made these bytes of. No bytes are an empty one.
    ///
    /// # Errors
    /// They are no counter, or not one of a version that is known.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        read(bytes).ok_or(Unreadable)
    }
}

fn read(bytes: &[u8]) -> Option<Counter> {
    let (version, rest) = bytes.split_first()?;
    let (count, mut rest) = varint::take(rest).filter(|_| *version == VERSION)?;
    let count = usize::try_from(count).ok().filter(|count| *count <= CAPACITY)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(count);
    let (mut time, mut seq) = (0u64, 0u64);
    for _ in 0..count {
        let (later, behind) = varint::take(rest)?;
        let (distance, behind) = varint::take(behind)?;
        let (tag, behind) = behind.split_first()?;
        let object = match tag {
            0 => None,
            1 => Some(behind.split_first_chunk::<8>()?),
            _ => return None,
        };
        rest = object.map_or(behind, |(_, behind)| behind);
        time = time.checked_add(later)?;
        seq = seq.wrapping_add(unzigzag(distance));
        let entry = Entry { time, seq, object: object.map(|(hash, _)| u64::from_le_bytes(*hash)) };
        if entries.last().is_some_and(|last| last.order() >= entry.order()) {
            return None;
        }
        entries.push(entry);
    }
    rest.is_empty().then_some(Counter { entries })
}

/// Small distances in both directions as small numbers.
const fn zigzag(distance: u64) -> u64 {
    (distance << 1) ^ (distance as i64 >> 63) as u64
}

const fn unzigzag(number: u64) -> u64 {
    (number >> 1) ^ (number & 1).wrapping_neg()
}
