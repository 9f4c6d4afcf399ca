//! Beside the database: how far it once got. In `.grants` the latest version of each source's credentials ever issued; in
//! `.responses` the number of records in the governance log.
//!
//! A database restored from a backup holds a pair that has been rotated away, and sending it may end the newer one too; and it
//! does not know what was done to accounts since.
//! The file is written behind the commit, so a crash in between leaves it lower than the database, which means nothing;
//! only a database lower than the file was restored.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{File, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::store::{Result, StoreError, StoreErrorKind};

type Versions = BTreeMap<String, u64>;

/// The file.
#[derive(Debug)]
pub(super) struct Marker(Mutex<PathBuf>);

impl Marker {
    pub(super) fn beside(database: &Path, ending: &str) -> Self {
        Self(Mutex::new(with(database, ending)))
    }

    /// The latest version ever issued; 0 for none.
    pub(super) fn issued(&self, name: &str) -> Result<u64> {
        let path = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let versions = read(&path).map_err(|cause| failed("read", &path, cause))?;
        Ok(versions.get(name).copied().unwrap_or_default())
    }

    /// Sets it, durably.
    pub(super) fn set(&self, name: &str, version: u64) -> Result<()> {
        self.change(name, |_| Some(version))
    }

    /// Sets it, durably, where it was lower.
    pub(super) fn raise(&self, name: &str, version: u64) -> Result<()> {
        self.change(name, |issued| (issued < version).then_some(version))
    }

    fn change(&self, name: &str, next: impl FnOnce(u64) -> Option<u64>) -> Result<()> {
        let path = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let replaced = read(&path).and_then(|mut versions| match next(versions.get(name).copied().unwrap_or_default()) {
            None => Ok(()),
            Some(version) => {
                versions.insert(name.to_owned(), version);
                replace(&path, &versions)
            }
        });
        replaced.map_err(|cause| failed("write", &path, cause))
    }
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn read(path: &Path) -> std::io::Result<Versions> {
    match std::fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Versions::new()),
        Err(error) => Err(error),
    }
}

fn replace(path: &Path, versions: &Versions) -> std::io::Result<()> {
    let new = with(path, ".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(&serde_json::to_vec(versions)?)?;
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
