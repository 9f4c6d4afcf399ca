//! The ids that were written already: a file a day of receipt, 16 bytes an id.
//!
//! An id is the beginning of the SHA-256 of the vendor's. A file only grows, and an append that a crash cut short is
//! overwritten by the next. Files older than the configured time go, but only after a run that caught up: whatever is read
//! later begins not long before that, however long the runs were interrupted.

use std::collections::{BTreeMap, HashSet};

use sha2::{Digest as _, Sha256};

use crate::edges::{Disk, DiskError};

const PREFIX: &str = "seen-";
const DAY: u64 = 86_400_000;
const SIZE: usize = 16;

type Key = [u8; SIZE];

/// All remembered ids.
pub struct Seen<'a> {
    disk: &'a dyn Disk,
    folder: String,
    keys: HashSet<Key>,
    /// Bytes in the file of each day.
    days: BTreeMap<u64, u64>,
}

impl<'a> Seen<'a> {
    /// Reads what earlier runs remembered.
    pub fn load(disk: &'a dyn Disk, folder: &str) -> Result<Self, DiskError> {
        let mut seen = Self { disk, folder: folder.to_owned(), keys: HashSet::new(), days: BTreeMap::new() };
        for name in disk.list(folder)? {
            let Some(day) = name.strip_prefix(PREFIX).and_then(|day| day.parse::<u64>().ok()) else { continue };
            let bytes = disk.read(&seen.path(day))?.unwrap_or_default();
            let (keys, _cut_short) = bytes.as_chunks::<SIZE>();
            seen.keys.extend(keys);
            seen.days.insert(day, keys.len() as u64 * SIZE as u64);
        }
        Ok(seen)
    }

    /// The ones that are new, each once, in order.
    pub fn new_among<'e>(&self, ids: impl Iterator<Item = &'e str>) -> Vec<bool> {
        let mut here = HashSet::new();
        ids.map(|id| {
            let key = key(id);
            !self.keys.contains(&key) && here.insert(key)
        })
        .collect()
    }

    /// Remembers ids, durably.
    pub fn remember<'e>(&mut self, ids: impl Iterator<Item = &'e str>, now: u64) -> Result<(), DiskError> {
        let keys: Vec<Key> = ids.map(key).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let day = now / DAY;
        let known = self.days.get(&day).copied();
        let at = known.unwrap_or_default();
        self.disk.write_at(&self.path(day), at, keys.as_flattened())?;
        if known.is_none() {
            self.disk.sync_folder(&self.folder)?;
        }
        self.days.insert(day, at + keys.as_flattened().len() as u64);
        self.keys.extend(keys);
        Ok(())
    }

    /// Forgets what was received longer ago than `remember`. Only for a run that caught up.
    pub fn forget(&mut self, remember: u64, now: u64) -> Result<(), DiskError> {
        let first = now.saturating_sub(remember) / DAY;
        let kept = self.days.split_off(&first);
        for day in std::mem::replace(&mut self.days, kept).into_keys() {
            self.disk.remove(&self.path(day))?;
        }
        Ok(())
    }

    fn path(&self, day: u64) -> String {
        format!("{}/{PREFIX}{day}", self.folder)
    }
}

fn key(id: &str) -> Key {
    let mut key = [0; SIZE];
    key.iter_mut().zip(Sha256::digest(id.as_bytes())).for_each(|(to, from)| *to = from);
    key
}
