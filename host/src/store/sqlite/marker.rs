//! Beside the database: how far it once got. In `.grants` the latest version of each source's credentials ever issued; in
//! `.responses` the number of records in the governance log.
//!
//! A database restored from a backup holds a pair that has been rotated away, and sending it may end the newer one too; and it
//! does not know what was done to accounts since.
//! The file is written behind the commit, so a crash in between leaves it lower than the database, which means nothing;
//! only a database lower than the file was restored. A name is entered before its first commit, with the number that the file
//! system gives the database: a database that is another file, or has nothing beside it, is a copy, which may be as old or be in
//! use twice.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::{
    disk,
    store::{Result, StoreError, StoreErrorKind},
};

type Marks = BTreeMap<String, Mark>;

/// How far the database once got with one name, and which file it was.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Mark {
    /// As it was written before files were told apart.
    Version(u64),
    Of {
        version: u64,
        file: Option<u64>,
        /// Found to be older than this says, or a copy, and nobody has dealt with that yet.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        restored: bool,
    },
}

impl Mark {
    fn version(self) -> u64 {
        match self {
            Self::Version(version) | Self::Of { version, .. } => version,
        }
    }

    fn file(self) -> Option<u64> {
        match self {
            Self::Version(_) => None,
            Self::Of { file, .. } => file,
        }
    }

    fn restored(self) -> bool {
        matches!(self, Self::Of { restored: true, .. })
    }
}

/// The file.
#[derive(Debug)]
pub(super) struct Marker {
    path: Mutex<PathBuf>,
    /// The database's own number, where the file system gives one.
    file: Option<u64>,
}

impl Marker {
    /// That of a database that is there.
    pub(super) fn beside(database: &Path, ending: &str) -> Self {
        Self::of_next(database, database, ending)
    }

    /// The same for one at `next` that is about to take its place.
    pub(super) fn of_next(database: &Path, next: &Path, ending: &str) -> Self {
        Self { path: Mutex::new(disk::with_ending(database, ending)), file: number(next) }
    }

    /// The latest version ever issued; 0 for none.
    pub(super) fn issued(&self, name: &str) -> Result<u64> {
        Ok(self.mark(name)?.map(Mark::version).unwrap_or_default())
    }

    /// Whether a database that knows the name is a copy of the one that entered it.
    pub(super) fn is_copy(&self, name: &str) -> Result<bool> {
        let known = self.mark(name)?;
        Ok(known.is_none_or(|mark| mark.file().zip(self.file).is_some_and(|(entered, own)| entered != own)))
    }

    /// Whether the file that is there now is the one that the name was entered of.
    pub(super) fn knows_file(&self, name: &str) -> bool {
        self.mark(name).is_ok_and(|mark| mark.is_some_and(|mark| mark.file().is_some() && mark.file() == self.file))
    }

    /// Whether it was noted that the database was restored, or is a copy.
    pub(super) fn is_restored(&self, name: &str) -> Result<bool> {
        Ok(self.mark(name)?.is_some_and(Mark::restored))
    }

    /// Enters a name, durably, where it is not known.
    pub(super) fn enter(&self, name: &str) -> Result<()> {
        self.change(name, |known| known.is_none().then_some(self.now(0)))
    }

    /// Sets it, durably: whatever was restored is dealt with.
    pub(super) fn set(&self, name: &str, version: u64) -> Result<()> {
        self.change(name, |_| Some(self.now(version)))
    }

    /// Sets it, durably, where it was lower. What tells that the database was restored stays until that is dealt with.
    pub(super) fn raise(&self, name: &str, version: u64) -> Result<()> {
        let lower = |mark: Mark| mark.version() < version && !mark.restored();
        self.change(name, |known| known.is_none_or(lower).then_some(self.now(version)))
    }

    /// Notes, durably, that the database was restored, or is a copy.
    pub(super) fn note_restored(&self, name: &str) -> Result<()> {
        let noted = |mark: Mark| Mark::Of { version: mark.version(), file: mark.file(), restored: true };
        self.change(name, |known| match known {
            Some(mark) if mark.restored() => None,
            known => Some(noted(known.unwrap_or(Mark::Version(0)))),
        })
    }

    /// What is so of the database that is there.
    fn now(&self, version: u64) -> Mark {
        Mark::Of { version, file: self.file, restored: false }
    }

    fn mark(&self, name: &str) -> Result<Option<Mark>> {
        let path = self.path.lock().unwrap_or_else(PoisonError::into_inner);
        let marks = read(&path).map_err(|cause| failed("read", &path, cause))?;
        Ok(marks.get(name).copied())
    }

    fn change(&self, name: &str, next: impl FnOnce(Option<Mark>) -> Option<Mark>) -> Result<()> {
        let path = self.path.lock().unwrap_or_else(PoisonError::into_inner);
        let replaced = read(&path).and_then(|mut marks| match next(marks.get(name).copied()) {
            None => Ok(()),
            Some(mark) => {
                marks.insert(name.to_owned(), mark);
                replace(&path, &marks)
            }
        });
        replaced.map_err(|cause| failed("write", &path, cause))
    }
}

/// What the file system knows a file by, whatever its name: a copy has another.
fn number(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).ok()?).into();
    #[cfg(not(unix))]
    None
}

fn read(path: &Path) -> std::io::Result<Marks> {
    match std::fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Marks::new()),
        Err(error) => Err(error),
    }
}

fn replace(path: &Path, marks: &Marks) -> std::io::Result<()> {
    let new = disk::with_ending(path, ".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(&serde_json::to_vec(marks)?)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    // The name too must survive power loss.
    #[cfg(unix)]
    File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

fn failed(verb: &str, path: &Path, cause: std::io::Error) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unusable,
        message: format!("failed to {verb} {}: {cause}: check who may write it; if it is damaged, move it away", path.display()),
        source: Some(cause.into()),
    }
}
