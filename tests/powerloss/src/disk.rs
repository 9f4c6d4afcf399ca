//! The disk: what is in its cache, what is on it, and what a power loss makes of the two.

use std::collections::{BTreeMap, BTreeSet};

/// What a disk writes in one piece.
const SECTOR: usize = 512;

/// The power is off: nothing works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerOff;

/// Why nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// The power is off.
    Off,
    /// There is no room.
    Full,
}

impl From<PowerOff> for Unwritten {
    fn from(PowerOff: PowerOff) -> Self {
        Self::Off
    }
}

/// A disk with files.
#[derive(Debug, Default)]
pub struct Disk {
    files: BTreeMap<String, File>,
    /// Deleted, and the folder not synced since.
    ghosts: BTreeMap<String, Vec<u8>>,
    /// How many changes until the power goes; `None` for never.
    fuse: Option<u64>,
    off: bool,
    /// How many writes until there is no room; `None` for never.
    room: Option<u64>,
    changes: u64,
    temporary: u64,
}

#[derive(Debug, Default)]
struct File {
    cached: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Resize(usize),
}

/// Coins, the same for the same seed (SplitMix64).
#[derive(Debug)]
struct Coins(u64);

impl Coins {
    fn below(&mut self, many: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % many
    }
}

fn resize_and_write(to: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at.saturating_add(bytes.len());
    if to.len() < end {
        to.resize(end, 0);
    }
    if let Some(place) = to.get_mut(at..end) {
        place.copy_from_slice(bytes);
    }
}

impl Disk {
    /// The power goes in the middle of the change after `changes` more.
    pub fn cut_after(&mut self, changes: u64) {
        self.fuse = Some(changes);
    }

    /// The power stays on.
    pub fn keep_on(&mut self) {
        self.fuse = None;
    }

    /// There is room for so many writes more; the next one is cut short, and so is each after it.
    pub fn fill_after(&mut self, writes: u64) {
        self.room = Some(writes);
    }

    /// There is room again.
    pub fn make_room(&mut self) {
        self.room = None;
    }

    /// A file that has been there for long.
    pub fn put(&mut self, name: &str, content: &[u8]) {
        self.files.insert(name.to_owned(), File { cached: content.to_owned(), durable: content.to_owned(), pending: Vec::new() });
    }

    /// Changes (writes, truncations, syncs, deletions) so far.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The power goes, if it has not yet, and comes back: of what was not synced, chance decides.
    pub fn lose_power(&mut self, seed: u64) {
        let mut coins = Coins(seed);
        for file in self.files.values_mut() {
            // Whole losses and no losses are as likely as a mixture.
            let mood = coins.below(4);
            for change in std::mem::take(&mut file.pending) {
                let fate = match mood {
                    0 => 0,
                    1 => 1,
                    _ => coins.below(3),
                };
                match (fate, change) {
                    (0, _) => {}
                    (1, Change::Write { at, bytes }) => resize_and_write(&mut file.durable, at, &bytes),
                    (_, Change::Write { at, bytes }) => {
                        for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                            if coins.below(2) == 0 {
                                resize_and_write(&mut file.durable, at + number * SECTOR, sector);
                            }
                        }
                    }
                    (_, Change::Resize(size)) => file.durable.resize(size, 0),
                }
            }
            file.cached.clone_from(&file.durable);
        }
        for (name, durable) in std::mem::take(&mut self.ghosts) {
            if coins.below(2) == 0 {
                self.files.entry(name).or_insert(File { cached: durable.clone(), durable, pending: Vec::new() });
            }
        }
        self.off = false;
        self.fuse = None;
        self.room = None;
    }

    /// The names of the files there are.
    pub fn names(&self) -> BTreeSet<&str> {
        self.files.keys().map(String::as_str).collect()
    }

    pub(crate) fn temporary(&mut self) -> String {
        self.temporary += 1;
        format!("temporary {}", self.temporary)
    }

    pub(crate) fn create(&mut self, name: &str) -> Result<(), PowerOff> {
        self.alive()?;
        if !self.files.contains_key(name) {
            self.ghosts.remove(name);
            self.files.insert(name.to_owned(), File::default());
        }
        Ok(())
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(crate) fn delete(&mut self, name: &str, synced: bool) -> Result<(), PowerOff> {
        self.change()?;
        if let Some(file) = self.files.remove(name)
            && !synced
        {
            self.ghosts.insert(name.to_owned(), file.durable);
        }
        Ok(())
    }

    pub(crate) fn size(&self, name: &str) -> Result<usize, PowerOff> {
        self.alive()?;
        Ok(self.files.get(name).map_or(0, |file| file.cached.len()))
    }

    /// Fills `to` from `at` on as far as the file goes. How many bytes that were.
    pub(crate) fn read(&self, name: &str, at: usize, to: &mut [u8]) -> Result<usize, PowerOff> {
        self.alive()?;
        let rest = self.files.get(name).and_then(|file| file.cached.get(at..)).unwrap_or_default();
        let many = rest.len().min(to.len());
        to.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        Ok(many)
    }

    pub(crate) fn write(&mut self, name: &str, at: usize, bytes: &[u8]) -> Result<(), Unwritten> {
        self.alive()?;
        let room = match &mut self.room {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        };
        let alive = self.change();
        // The write that the power goes in may have come through, or be torn; one that there is no room for begins.
        let bytes = if room { bytes } else { bytes.get(..bytes.len() / 2).unwrap_or_default() };
        if let Some(file) = self.files.get_mut(name) {
            resize_and_write(&mut file.cached, at, bytes);
            file.pending.push(Change::Write { at, bytes: bytes.to_owned() });
        }
        alive?;
        if room { Ok(()) } else { Err(Unwritten::Full) }
    }

    pub(crate) fn resize(&mut self, name: &str, size: usize) -> Result<(), PowerOff> {
        self.change()?;
        if let Some(file) = self.files.get_mut(name) {
            file.cached.resize(size, 0);
            file.pending.push(Change::Resize(size));
        }
        Ok(())
    }

    pub(crate) fn sync(&mut self, name: &str) -> Result<(), PowerOff> {
        self.change()?;
        if let Some(file) = self.files.get_mut(name) {
            for change in file.pending.drain(..) {
                match change {
                    Change::Write { at, bytes } => resize_and_write(&mut file.durable, at, &bytes),
                    Change::Resize(size) => file.durable.resize(size, 0),
                }
            }
        }
        Ok(())
    }

    fn alive(&self) -> Result<(), PowerOff> {
        if self.off { Err(PowerOff) } else { Ok(()) }
    }

    fn change(&mut self) -> Result<(), PowerOff> {
        self.alive()?;
        match &mut self.fuse {
            Some(0) => self.off = true,
            Some(left) => *left -= 1,
            None => {}
        }
        self.changes += 1;
        self.alive()
    }
}
