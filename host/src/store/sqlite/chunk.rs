//! Events compressed together, as they lie in the file.
//!
//! A body is one byte for its format and then a zstd frame. Format 1 holds, little-endian: the number of events
//! (`u32`), for each its time (`u64`) and the lengths of its action and of its record (`u32` each), and then for each its
//! action and its record. It is compressed with [`DICTIONARY`], so that a page of one event is small too. What was known of
//! the events lies beside it (`context`).
//! Formats and dictionaries are never changed, only added: every body once written must read for ever.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use audit_pipeline::types::Event;
use zstd::bulk::{Compressor, Decompressor};

use super::{
    context,
    fault::{Fault, Outcome, damaged},
};
use crate::{
    model::Instant,
    store::{Known, StoreError, StoreErrorKind},
};

const FORMAT: u8 = 1;
const LEVEL: i32 = 3;
/// What an audit record tends to look like. Of format 1: never change a byte of it.
const DICTIONARY: &[u8] = include_bytes!("dictionary-1.json");
/// A chunk ends when its texts reach this. One event alone may be larger.
pub(super) const BYTES: usize = 256 << 10;
/// More than any chunk holds; what claims more is damaged.
pub(super) const LIMIT: usize = 512 << 20;

/// As it lies in the file.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) body: Vec<u8>,
    /// Absent where nothing was known of any of the events.
    pub(super) context: Option<Vec<u8>>,
}

/// Events in the order of their places.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    raw: Vec<u8>,
    entries: Vec<Entry>,
    /// One an event, or none at all.
    known: Vec<Known>,
}

#[derive(Debug)]
struct Entry {
    time: Instant,
    action: Range<usize>,
    record: Range<usize>,
}

/// An event as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Text<'a> {
    pub(super) time: Instant,
    pub(super) action: &'a str,
    pub(super) record: &'a str,
}

impl<'a> From<&'a Event> for Text<'a> {
    fn from(event: &'a Event) -> Self {
        Self { time: Instant(event.time), action: &event.action, record: &event.record }
    }
}

/// An event of a chunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Item<'a> {
    pub(super) time: Instant,
    pub(super) action: &'a str,
    pub(super) record: &'a str,
    pub(super) known: Option<&'a Known>,
}

impl Chunk {
    /// The event at `place`, counted from 0.
    pub(super) fn get(&self, place: usize) -> Outcome<Item<'_>> {
        let text = |range: &Range<usize>| std::str::from_utf8(self.raw.get(range.clone())?).ok();
        let item = self
            .entries
            .get(place)
            .and_then(|entry| Some((entry.time, text(&entry.action)?, text(&entry.record)?)))
            .map(|(time, action, record)| Item { time, action, record, known: self.known.get(place) });
        item.ok_or_else(broken)
    }

    fn parse(raw: Vec<u8>) -> Option<Self> {
        let mut rest = raw.as_slice();
        let count = usize::try_from(u32::from_le_bytes(take(&mut rest)?)).ok()?;
        let mut at = count.checked_mul(16)?.checked_add(4)?;
        let mut entries = Vec::with_capacity(count.min(raw.len() / 16));
        for _ in 0..count {
            let time = Instant(u64::from_le_bytes(take(&mut rest)?));
            let mut text = || {
                let start = at;
                at = at.checked_add(usize::try_from(u32::from_le_bytes(take(&mut rest)?)).ok()?)?;
                Some(start..at)
            };
            entries.push(Entry { time, action: text()?, record: text()? });
        }
        (at == raw.len()).then_some(Self { raw, entries, known: Vec::new() })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*first)
}

pub(super) fn broken() -> Fault {
    damaged("the log is damaged: its events do not unpack")
}

/// What packing and unpacking reuse: contexts, and the chunk unpacked last.
#[derive(Default)]
pub(super) struct Cache {
    pack: Mutex<Option<Compressor<'static>>>,
    unpack: Mutex<Unpack>,
    contexts: context::Packer,
}

#[derive(Default)]
struct Unpack {
    context: Option<Decompressor<'static>>,
    /// With its end and the number of its events.
    latest: Option<((i64, i64), Arc<Chunk>)>,
}

impl Cache {
    /// These events, and what is known of each; where nothing is known of any, none need be given.
    pub(super) fn pack(&self, events: &[Text<'_>], known: &[&Known]) -> Outcome<Packed> {
        let size = |text: &str| u32::try_from(text.len()).map_err(|_| conflict_of_size());
        let mut raw = Vec::with_capacity(BYTES + events.len() * 16);
        raw.extend(u32::try_from(events.len()).map_err(|_| conflict_of_size())?.to_le_bytes());
        for event in events {
            raw.extend(event.time.0.to_le_bytes());
            raw.extend(size(event.action)?.to_le_bytes());
            raw.extend(size(event.record)?.to_le_bytes());
        }
        for event in events {
            raw.extend(event.action.as_bytes());
            raw.extend(event.record.as_bytes());
        }
        let mut pack = self.pack.lock().unwrap_or_else(PoisonError::into_inner);
        let context = ready(&mut pack, || Compressor::with_dictionary(LEVEL, DICTIONARY))?;
        let mut body = context.compress(&raw).map_err(memory)?;
        body.insert(0, FORMAT);
        Ok(Packed { body, context: self.contexts.pack(known)? })
    }

    /// The chunk that ends at a place and has so many events; `packed` is asked only where it is not at hand.
    pub(super) fn unpack(&self, which: (i64, i64), packed: impl FnOnce() -> Outcome<Packed>) -> Outcome<Arc<Chunk>> {
        let mut unpack = self.unpack.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, chunk)) = &unpack.latest
            && *at == which
        {
            return Ok(Arc::clone(chunk));
        }
        let packed = packed()?;
        let Some((&FORMAT, frame)) = packed.body.split_first() else { return Err(broken()) };
        let context = ready(&mut unpack.context, || Decompressor::with_dictionary(DICTIONARY))?;
        let raw = context.decompress(frame, LIMIT).map_err(|_| broken())?;
        let mut chunk = Chunk::parse(raw).ok_or_else(broken)?;
        if let Some(context) = packed.context {
            chunk.known = self.contexts.unpack(&context, chunk.entries.len())?;
        }
        let chunk = Arc::new(chunk);
        unpack.latest = Some((which, Arc::clone(&chunk)));
        Ok(chunk)
    }

    /// Lets go of what is at hand: it may be another by now.
    pub(super) fn clear(&self) {
        self.unpack.lock().unwrap_or_else(PoisonError::into_inner).latest = None;
    }
}

pub(super) fn ready<T>(slot: &mut Option<T>, make: impl FnOnce() -> std::io::Result<T>) -> Outcome<&mut T> {
    let context = match slot.take() {
        Some(context) => context,
        None => make().map_err(memory)?,
    };
    Ok(slot.insert(context))
}

pub(super) fn memory(cause: std::io::Error) -> Fault {
    StoreError { kind: StoreErrorKind::Retry, message: format!("failed to compress events: {cause}"), source: Some(cause.into()) }.into()
}

fn conflict_of_size() -> Fault {
    super::fault::conflict("failed to store a page: an event is larger than 4 GB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::tests::event;

    #[test]
    fn events_come_out_as_they_went_in() {
        let events =
            [event("1", 5), Event { time: u64::MAX, action: String::new(), record: "{\"é\":\"\u{1f980}\"}".into(), ..event("2", 0) }];
        let cache = Cache::default();
        let packed = cache.pack(&events.iter().map(Text::from).collect::<Vec<_>>(), &[]).unwrap();
        assert!(packed.context.is_none(), "nothing known costs nothing");
        let chunk = cache.unpack((2, 2), || Ok(packed)).unwrap();
        for (place, event) in events.iter().enumerate() {
            let item = Item { time: Instant(event.time), action: &event.action, record: &event.record, known: None };
            assert_eq!(chunk.get(place).unwrap(), item);
        }
        assert!(chunk.get(2).is_err());
    }

    #[test]
    fn the_chunk_unpacked_last_is_not_unpacked_again() {
        let cache = Cache::default();
        let packed = cache.pack(&[Text::from(&event("1", 5))], &[]).unwrap();
        cache.unpack((1, 1), || Ok(packed)).unwrap();
        cache.unpack((1, 1), || panic!("asked again")).unwrap();
    }

    #[test]
    fn damage_is_an_error_and_not_a_panic() {
        let cache = Cache::default();
        let body = cache.pack(&[Text::from(&event("1", 5))], &[]).unwrap().body;
        for length in 0..body.len() {
            assert!(cache.unpack((1, 1), || Ok(Packed { body: body[..length].to_vec(), context: None })).is_err(), "{length}");
        }
        for raw in [vec![], vec![0xff; 4], vec![0xff; 40], [1u32.to_le_bytes(), [0xff; 4], [0xff; 4], [0xff; 4]].concat()] {
            assert!(Chunk::parse(raw).is_none());
        }
    }
}
