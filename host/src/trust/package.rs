//! A component as it was read: once, into memory, with what vouches for it.

use std::{
    fmt, fs, io,
    io::Read as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use crate::{config::ComponentRef, neutral::visible, runtime::Runtime};

/// The largest component. Those made from JavaScript carry an engine of some 12 MB; ours have half a megabyte.
pub const LARGEST: usize = 32 * 1024 * 1024;
/// The largest file of signatures: dozens, with the longest comments that minisign writes.
const LARGEST_SIGNATURES: usize = 64 * 1024;
/// How many files of signatures are read.
const MOST_FILES: usize = 32;
/// What their names end with.
const SUFFIX: &str = ".minisig";

/// A component and the signatures that came with it. Nothing of it is read again: what is judged is what runs.
#[derive(Clone)]
pub struct Package {
    /// The component.
    pub wasm: Vec<u8>,
    /// The texts of its signatures, as they were found; nothing of them has been looked at.
    pub signatures: Vec<SignatureFile>,
    /// Where it came from.
    pub origin: ComponentRef,
}

/// A file of signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureFile {
    /// Its name, for messages.
    pub name: String,
    /// Its text. Bytes that are no UTF-8 are replaced, which no signature survives.
    pub text: String,
}

impl SignatureFile {
    /// Whether it was read from there.
    pub fn is_at(&self, path: &Path) -> bool {
        self.name == shown(path)
    }
}

/// Why a component cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Not built in.
    #[error("there is no built-in component `{0}`")]
    Unknown(String),
    /// The system says so.
    #[error("failed to read {}: {why}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("failed to read {}: it is not a regular file", .0.display())]
    NoFile(PathBuf),
    /// More than is read.
    #[error("failed to read {}: it has more than {most} bytes, which no {what} has; check that this is the right file", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        most: usize,
        /// What it should be.
        what: &'static str,
    },
    /// More than are read.
    #[error("failed to read the signatures of {}: there are more than {MOST_FILES} files {}.*{SUFFIX} beside it; remove those that are not needed", .0.display(), .0.display())]
    TooManyFiles(PathBuf),
}

impl Package {
    /// Whatever a source names.
    pub fn open(reference: &ComponentRef) -> Result<Self, ReadError> {
        match reference {
            ComponentRef::Builtin(name) => Self::builtin(name),
            ComponentRef::Path(path) => Self::read(path),
        }
    }

    /// A component that is built in.
    pub fn builtin(name: &str) -> Result<Self, ReadError> {
        let wasm = Runtime::builtin(name).ok_or_else(|| ReadError::Unknown(name.to_owned()))?.to_vec();
        Ok(Self { wasm, signatures: Vec::new(), origin: ComponentRef::Builtin(name.to_owned()) })
    }

    /// A file, and what stands beside it: `FILE.minisig`, `FILE.*.minisig`.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let wasm = read(path, LARGEST, "component")?;
        let mut signatures = Vec::new();
        for file in beside(path)? {
            let text = read(&file, LARGEST_SIGNATURES, "file of signatures")?;
            signatures.push(SignatureFile { name: shown(&file), text: String::from_utf8_lossy(&text).into_owned() });
        }
        Ok(Self { wasm, signatures, origin: ComponentRef::Path(path.to_owned()) })
    }

    /// Of the component.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.wasm)
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.wasm.len();
        f.debug_struct("Package").field("bytes", &bytes).field("signatures", &self.signatures).field("origin", &self.origin).finish()
    }
}

/// Whoever may write into the folder may have chosen the name.
fn shown(path: &Path) -> String {
    visible(&path.display().to_string()).into_owned()
}

fn read(path: &Path, most: usize, what: &'static str) -> Result<Vec<u8>, ReadError> {
    let failed = |why| ReadError::Io { path: path.to_owned(), why };
    // Before it is opened: opening a pipe waits for whoever writes into it.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(ReadError::NoFile(path.to_owned()));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > most {
        return Err(ReadError::TooLarge { path: path.to_owned(), most, what });
    }
    Ok(bytes)
}

/// The files of signatures beside a component, `FILE.minisig` first, the others in the order of their names.
fn beside(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let Some(name) = path.file_name() else { return Ok(Vec::new()) };
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |why| ReadError::Io { path: folder.to_owned(), why };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let found = entry.map_err(failed)?.file_name();
        let rest = found.as_encoded_bytes().strip_prefix(name.as_encoded_bytes());
        if rest.is_some_and(|rest| rest.starts_with(b".") && rest.ends_with(SUFFIX.as_bytes())) {
            // As the component is written, not as the folder lists it: messages name what a person knows.
            files.push(path.with_file_name(found));
        }
        if files.len() > MOST_FILES {
            return Err(ReadError::TooManyFiles(path.to_owned()));
        }
    }
    files.sort_by_key(|file| (file.as_os_str().len() != path.as_os_str().len() + SUFFIX.len(), file.clone()));
    Ok(files)
}
