//! Files in the folders that the runtime opened.

use crate::{
    bindings::wasi::{
        cli::environment::initial_cwd,
        filesystem::{
            preopens::get_directories,
            types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags},
        },
    },
    edges::{Disk, DiskError},
};

/// How much is read at once.
const PIECE: u64 = 1 << 16;

/// What the runtime opened, by the names it gave.
pub(super) struct Folders {
    opened: Vec<(Descriptor, String)>,
    /// Where relative names begin that no folder has; only some runtimes say.
    cwd: Option<String>,
}

impl Folders {
    pub(super) fn opened() -> Self {
        Self { opened: get_directories(), cwd: initial_cwd() }
    }

    /// The folder that holds a path, and the path in it. The longest name wins.
    fn find(&self, path: &str) -> Result<(&Descriptor, String), DiskError> {
        let direct = self.inside(path);
        let found = match (&direct, &self.cwd) {
            (None, Some(cwd)) if !path.starts_with('/') => self.inside(&format!("{}/{path}", cwd.trim_end_matches('/'))),
            _ => direct,
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = self.opened.iter().map(|(_, name)| name.as_str()).collect();
            let opened = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            DiskError(format!("{path} is in no folder that the runtime opened (opened: {opened})"))
        })
    }

    fn inside(&self, path: &str) -> Option<(&Descriptor, String)> {
        let candidates = self.opened.iter().filter_map(|(folder, name)| {
            let rest = within(name, path)?;
            Some((name.len(), folder, rest))
        });
        let (_, folder, rest) = candidates.max_by_key(|(length, _, _)| *length)?;
        Some((folder, if rest.is_empty() { ".".to_owned() } else { rest.to_owned() }))
    }

    fn open(&self, path: &str, how: OpenFlags, flags: DescriptorFlags) -> Result<Result<Descriptor, ErrorCode>, DiskError> {
        let (folder, rest) = self.find(path)?;
        Ok(folder.open_at(PathFlags::SYMLINK_FOLLOW, &rest, how, flags))
    }
}

/// What is left of a path in a folder of that name.
fn within<'p>(name: &str, path: &'p str) -> Option<&'p str> {
    let path = path.strip_prefix("./").unwrap_or(path);
    match name {
        "/" => path.strip_prefix('/'),
        "" | "." | "./" => (!path.starts_with('/')).then_some(path),
        name => {
            let rest = path.strip_prefix(name.strip_prefix("./").unwrap_or(name).trim_end_matches('/'))?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
        }
    }
}

fn failed(what: &str, path: &str) -> impl Fn(ErrorCode) -> DiskError {
    move |code| DiskError(format!("failed to {what} {path}: {}", code.name()))
}

fn write_all(file: &Descriptor, mut offset: u64, mut bytes: &[u8]) -> Result<(), ErrorCode> {
    while !bytes.is_empty() {
        let piece = bytes.get(..PIECE as usize).unwrap_or(bytes);
        let written = file.write(piece, offset)?;
        let rest = usize::try_from(written).ok().filter(|written| *written > 0).and_then(|written| bytes.get(written..));
        bytes = rest.ok_or(ErrorCode::Io)?;
        offset = offset.saturating_add(written);
    }
    Ok(())
}

impl Disk for Folders {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let failed = failed("read", path);
        let file = match self.open(path, OpenFlags::empty(), DescriptorFlags::READ)? {
            Ok(file) => file,
            Err(ErrorCode::NoEntry) => return Ok(None),
            Err(code) => return Err(failed(code)),
        };
        let mut whole = Vec::new();
        loop {
            let (piece, end) = file.read(PIECE, whole.len() as u64).map_err(&failed)?;
            whole.extend_from_slice(&piece);
            if end || piece.is_empty() {
                return Ok(Some(whole));
            }
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        let failed = failed("list", folder);
        let opened = self.open(folder, OpenFlags::DIRECTORY, DescriptorFlags::READ)?.map_err(&failed)?;
        let entries = opened.read_directory().map_err(&failed)?;
        let mut names = Vec::new();
        while let Some(entry) = entries.read_directory_entry().map_err(&failed)? {
            names.push(entry.name);
        }
        Ok(names)
    }

    fn make_folder(&self, path: &str) -> Result<(), DiskError> {
        let (folder, rest) = self.find(path)?;
        if rest == "." {
            return Ok(());
        }
        match folder.create_directory_at(&rest) {
            Ok(()) | Err(ErrorCode::Exist) => Ok(()),
            Err(code) => Err(failed("make the folder", path)(code)),
        }
    }

    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, DiskError> {
        let failed = failed("make", path);
        match self.open(path, OpenFlags::CREATE | OpenFlags::EXCLUSIVE, DescriptorFlags::WRITE)? {
            Ok(file) => write_all(&file, 0, bytes).map(|()| true).map_err(failed),
            Err(ErrorCode::Exist) => Ok(false),
            Err(code) => Err(failed(code)),
        }
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let failed = failed("write", path);
        let file = self.open(path, OpenFlags::CREATE | OpenFlags::TRUNCATE, DescriptorFlags::WRITE)?.map_err(&failed)?;
        write_all(&file, 0, bytes).and_then(|()| file.sync()).map_err(failed)
    }

    fn write_at(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        let failed = failed("write", path);
        let file = self.open(path, OpenFlags::CREATE, DescriptorFlags::WRITE)?.map_err(&failed)?;
        write_all(&file, offset, bytes).and_then(|()| file.sync()).map_err(failed)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        let ((old, from_rest), (new, to_rest)) = (self.find(from)?, self.find(to)?);
        old.rename_at(&from_rest, new, &to_rest).map_err(failed("rename", from))
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        let (folder, rest) = self.find(path)?;
        match folder.unlink_file_at(&rest) {
            Ok(()) | Err(ErrorCode::NoEntry) => Ok(()),
            Err(code) => Err(failed("remove", path)(code)),
        }
    }

    fn sync_folder(&self, folder: &str) -> Result<(), DiskError> {
        let failed = failed("sync the folder", folder);
        let opened = self.open(folder, OpenFlags::DIRECTORY, DescriptorFlags::READ)?.map_err(&failed)?;
        opened.sync().map_err(failed)
    }
}
