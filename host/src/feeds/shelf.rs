//! The folder of the files and of what is known of them. Everything here blocks on the disk.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{catalogue::Part, record::Record};
use crate::disk;

/// Where the feeds of the store at `database` are.
pub fn folder(database: &Path) -> PathBuf {
    database.with_file_name("feeds")
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

/// Held while something is fetched or brought, so that two processes never do at once.
pub(super) struct Turn {
    lock: File,
}

impl Drop for Turn {
    /// Given back, not only closed: a child process that is just being started may still have the file open.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

impl Shelf {
    /// The one beside that database. Nothing is created by it.
    pub fn beside(database: &Path) -> Self {
        Self(folder(database))
    }

    /// Where a part is, or will be.
    pub fn path(&self, part: &Part) -> PathBuf {
        self.0.join(part.file)
    }

    /// What is known of a part. Nothing where that cannot be read; and nothing is held where the file is gone.
    pub fn record(&self, part: &Part) -> Record {
        let path = self.note(part);
        let record: Record = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).unwrap_or_else(|why| {
                tracing::warn!("{} is not what it should be, the feed is fetched anew: {why}", path.display());
                Record::default()
            }),
            Err(_) => Record::default(),
        };
        if self.path(part).exists() { record } else { record.without_file() }
    }

    /// Keeps what is known of a part.
    pub(super) fn keep(&self, part: &Part, record: &Record) -> io::Result<()> {
        disk::replace_private(&self.note(part), &serde_json::to_vec(record)?)
    }

    /// Begins to fetch or bring something. None while another process does.
    pub(super) fn turn(&self) -> io::Result<Option<Turn>> {
        disk::private_folder(&self.0)?;
        let path = self.0.join("lock");
        let lock = match disk::create_private(&path) {
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => File::options().write(true).open(&path)?,
            opened => opened?,
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(why)) => return Err(why),
        }
        // Left by a process that ended in the middle.
        for entry in fs::read_dir(&self.0)?.flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "part" || extension == "new") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Some(Turn { lock }))
    }

    /// A new file that nobody reads yet.
    pub(super) fn scratch(&self, part: &Part, what: &str) -> io::Result<(PathBuf, File)> {
        let path = self.0.join(format!("{}.{what}.part", part.file));
        Ok((path.clone(), disk::create_private(&path)?))
    }

    /// Puts a file in place, whole.
    pub(super) fn install(&self, part: &Part, scratch: &Path) -> io::Result<()> {
        disk::put(scratch, &self.path(part))
    }

    /// Takes a part and what is known of it away.
    pub fn clear(&self, part: &Part) -> io::Result<()> {
        for path in [self.path(part), self.note(part)] {
            match fs::remove_file(path) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
                _ => {}
            }
        }
        Ok(())
    }

    fn note(&self, part: &Part) -> PathBuf {
        self.0.join(format!("{}.json", part.name))
    }
}

/// SHA-256 of a file in hex. None where it cannot be read.
pub(super) fn digest(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0_u8; 1 << 16]);
    loop {
        match file.read(&mut piece).ok()? {
            0 => return Some(hex::encode(hash.finalize())),
            read => hash.update(piece.get(..read)?),
        }
    }
}
