//! The lock of a store: one process owns it (I4). The kernel holds it, so a process that died holds nothing.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Result, StoreError, StoreErrorKind};
use crate::model::Instant;

/// Held for as long as a process owns a store. Dropping it, or dying, releases it.
#[derive(Debug)]
pub struct StoreLock {
    _file: File,
}

/// Who holds a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process number.
    pub pid: u32,
    /// Since when.
    pub since: Instant,
    /// What it was started as: program and subcommand, no other arguments.
    pub command: String,
}

impl StoreLock {
    /// Takes the lock of the store at `path`, or says who has it.
    pub fn acquire(path: &Path) -> Result<Self> {
        let mut file = open(path)?;
        // Somebody who only looks holds it shared for an instant (see `holder`).
        const LOOKS: u32 = 1000;
        for _ in 0..LOOKS {
            match file.try_lock() {
                Ok(()) => {
                    write(&mut file).map_err(|cause| failed("write", path, cause))?;
                    return Ok(Self { _file: file });
                }
                Err(TryLockError::WouldBlock) => std::thread::yield_now(),
                Err(TryLockError::Error(cause)) => return Err(failed("take", path, cause)),
            }
        }
        let who = match read(&mut file) {
            Some(holder) => format!("process {} (`{}`, since {})", holder.pid, holder.command, holder.since),
            None => "another process".to_owned(),
        };
        Err(StoreError::new(
            StoreErrorKind::Locked,
            format!("the store {} is in use by {who}: stop that process first, or use a command that only reads", path.display()),
        ))
    }

    /// Who holds the store at `path` right now.
    pub fn holder(path: &Path) -> Option<Holder> {
        let mut file = File::open(beside(path)).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read(&mut file),
            _ => None,
        }
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    name.into()
}

fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(beside(path)).map_err(|cause| failed("open", path, cause))
}

fn failed(verb: &str, path: &Path, cause: std::io::Error) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unusable,
        message: format!("failed to {verb} the lock {}: {cause}: check that its folder exists and may be written", beside(path).display()),
        source: Some(cause.into()),
    }
}

fn read(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write(file: &mut File) -> std::io::Result<()> {
    let holder = Holder { pid: std::process::id(), since: Instant::system(), command: command(std::env::args_os()) };
    file.set_len(0)?;
    file.rewind()?;
    serde_json::to_writer(&mut *file, &holder)?;
    file.flush()
}

/// Program and subcommand. Other arguments may be anybody's secret.
fn command(mut arguments: impl Iterator<Item = OsString>) -> String {
    let program = arguments.next().map(PathBuf::from).unwrap_or_default();
    let program = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let verb = |word: &String| word.len() <= 16 && word.bytes().all(|c| c.is_ascii_lowercase());
    match arguments.filter_map(|word| word.into_string().ok()).find(verb) {
        Some(verb) => format!("{program} {verb}"),
        None => program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_a_held_lock_is_refused_and_says_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        assert_eq!(StoreLock::holder(&path), None);
        let held = StoreLock::acquire(&path).unwrap();
        assert_eq!(StoreLock::holder(&path).unwrap().pid, std::process::id());

        let refused = StoreLock::acquire(&path).unwrap_err();
        assert_eq!(refused.kind, StoreErrorKind::Locked);
        assert!(refused.message.contains(&format!("process {}", std::process::id())), "{refused}");

        drop(held);
        assert_eq!(StoreLock::holder(&path), None, "stale content is nobody's lock");
        StoreLock::acquire(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn i5_the_lock_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let _held = StoreLock::acquire(&path).unwrap();
        assert_eq!(std::fs::metadata(beside(&path)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn i5_only_program_and_subcommand_are_written_down() {
        let command = |words: &[&str]| command(words.iter().map(OsString::from));
        assert_eq!(command(&["/usr/bin/miro-source", "--config", "/etc/x.toml", "run", "secret"]), "miro-source run");
        assert_eq!(command(&["miro-source"]), "miro-source");
    }
}
