//! Files that only their owner may read, and files that are there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A folder that only its owner may enter, and those above it where they are not there.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A new file that only its owner may read, open for writing. Fails where one is.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A new file that only its owner may read. Fails where one is.
pub fn private_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Whole or not at all: written beside it, then renamed over it. Who may read it stays as it was.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    let written = fs::write(&beside, content).and_then(|()| match fs::metadata(path) {
        Ok(there) => fs::set_permissions(&beside, there.permissions()),
        Err(_) => Ok(()),
    });
    written.and_then(|()| put(&beside, path)).inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    })
}

/// [`replace`] for a file that only its owner may read.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    // Left by a process of this number that ended in the middle.
    let _ = fs::remove_file(&beside);
    private_file(&beside, content).and_then(|()| put(&beside, path)).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}

/// Renames a file over another so that either is there after a crash, whole.
pub fn put(new: &Path, path: &Path) -> io::Result<()> {
    File::open(new)?.sync_all()?;
    fs::rename(new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Some file systems cannot sync a folder; the rename is as durable there as it gets.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// What stands beside a file, under its name and more.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(ending);
    beside.into()
}

/// Where a file is written before it takes its place: each process has its own.
pub fn beside(path: &Path) -> PathBuf {
    with_ending(path, &format!(".{}.new", std::process::id()))
}
