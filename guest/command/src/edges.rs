//! Everything outside of a run, as traits, so that a test can stop it between any two steps.

use crate::{
    exit::Ended,
    source::{Page, RefreshFailure, Span},
    types::{Credentials, Description, Failure, Secrets},
};

/// The composed source; see `wit/source.wit`.
pub trait Source {
    /// About it.
    fn describe(&self) -> Description;
    /// The first checkpoint.
    fn begin(&self, config: &str, span: Span, now: u64) -> Result<String, Failure>;
    /// The next page: at most one request.
    fn collect(&self, config: &str, token: &str, checkpoint: &str, now: u64) -> Result<Page, Failure>;
    /// A newer pair: the one call that is never repeated blindly.
    fn refresh(&self, config: &str, secrets: &Secrets, old: &Credentials, now: u64) -> Result<Credentials, RefreshFailure>;
}

/// Files in the folders that the runtime opened for the run. A path is relative to them.
pub trait Disk {
    /// A whole file; nothing where there is none.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DiskError>;
    /// The names in a folder.
    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError>;
    /// A folder, where it is not there yet.
    fn make_folder(&self, path: &str) -> Result<(), DiskError>;
    /// A new file, not synced; false where there is one of that name.
    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, DiskError>;
    /// A file in the place of any of that name, synced. Its name is not durable before [`sync_folder`](Self::sync_folder).
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), DiskError>;
    /// Bytes at an offset of a file, which is made where it is missing; synced like [`put`](Self::put).
    fn write_at(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), DiskError>;
    /// Another name for a file, in the place of any of that name.
    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError>;
    /// No file of that name, whether there was one or not.
    fn remove(&self, path: &str) -> Result<(), DiskError>;
    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: &str) -> Result<(), DiskError>;
}

/// What was tried on which file, and what was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskError(pub String);

impl From<DiskError> for Ended {
    fn from(error: DiskError) -> Self {
        Self::left(error.0)
    }
}

/// Time.
pub trait Clock {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> u64;
    /// Milliseconds since some moment, never fewer than before.
    fn elapsed(&self) -> u64;
    /// Returns after that many milliseconds.
    fn wait(&self, milliseconds: u64);
}

/// Standard output and standard error.
pub trait Console {
    /// All of it to standard output, handed to whoever reads it before this returns.
    fn write(&self, bytes: &[u8]) -> Result<(), String>;
    /// One line to standard error.
    fn say(&self, line: &str);
}

/// All of them.
#[derive(Clone, Copy)]
pub struct Edges<'a> {
    /// Whom to ask.
    pub source: &'a dyn Source,
    /// Where state is kept.
    pub disk: &'a dyn Disk,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Whom to tell.
    pub console: &'a dyn Console,
}

/// Puts a file in the place of another such that, whatever happens, there is the old one or the new one, whole.
pub fn replace(disk: &dyn Disk, folder: &str, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
    let (scratch, path) = (format!("{folder}/{name}.new"), format!("{folder}/{name}"));
    disk.put(&scratch, bytes)?;
    disk.rename(&scratch, &path)?;
    disk.sync_folder(folder)
}
