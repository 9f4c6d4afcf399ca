//! A file of NDJSON. Opened anew for each batch, so that rotation needs no signal; synced before a batch counts as
//! accepted; a line torn by a crash is repaired before the next one is written.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use futures_util::future::BoxFuture;

use super::{Batch, BatchLimits, Line, Outcome, Sink, SinkError};
use crate::neutral;

/// Appends to a file.
#[derive(Clone, Debug)]
pub struct FileSink {
    path: PathBuf,
}

impl FileSink {
    /// Appends to `path`, creating it with mode 0600.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Sink for FileSink {
    fn deliver<'a>(&'a mut self, batch: Batch<'a>) -> BoxFuture<'a, Outcome> {
        let (path, bytes) = (self.path.clone(), ndjson(batch.events));
        Box::pin(async move {
            let shown = path.display().to_string();
            let done = tokio::task::spawn_blocking(move || append(&path, &bytes)).await;
            match done.unwrap_or_else(|gone| Err(io::Error::other(gone))) {
                Ok(()) => Outcome::Accepted { warning: None },
                Err(why) => judge(&shown, &why),
            }
        })
    }

    fn limits(&self) -> BatchLimits {
        BatchLimits { events: 10_000, bytes: 1_000_000 }
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>> {
        let path = self.path.clone();
        Box::pin(async move {
            let shown = path.display().to_string();
            let done = tokio::task::spawn_blocking(move || open(&path).map(drop)).await;
            match done.unwrap_or_else(|gone| Err(io::Error::other(gone))) {
                Ok(()) => Ok(format!("{shown} can be written")),
                Err(why) => Err(SinkError::Person(format!("failed to open {shown}: {why}"))),
            }
        })
    }
}

/// The batch as lines, with nothing in it that could harm a terminal.
pub(super) fn ndjson(lines: &[Line]) -> Vec<u8> {
    let mut out = Vec::with_capacity(lines.iter().map(|line| line.bytes.len() + 1).sum());
    for line in lines {
        match std::str::from_utf8(&line.bytes) {
            Ok(text) => out.extend_from_slice(neutral::json(text).as_bytes()),
            Err(_) => out.extend_from_slice(&line.bytes),
        }
        out.push(b'\n');
    }
    out
}

fn judge(path: &str, why: &io::Error) -> Outcome {
    let reason = format!("failed to write {path}: {why}");
    match why.kind() {
        ErrorKind::NotFound
        | ErrorKind::PermissionDenied
        | ErrorKind::IsADirectory
        | ErrorKind::NotADirectory
        | ErrorKind::ReadOnlyFilesystem => Outcome::Paused { reason },
        _ => Outcome::Retry { after: None, reason, ambiguous: true },
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = open(path)?;
    if !file.metadata()?.is_file() {
        // A pipe or a device: nothing to repair, nothing to sync.
        return file.write_all(bytes);
    }
    let start = repair(&mut file)?;
    if let Err(why) = file.write_all(bytes).and_then(|()| file.sync_data()) {
        // What was written of the batch would be there twice after the next try. If it cannot be taken back, so be it.
        let _ = file.set_len(start);
        return Err(why);
    }
    if start == 0 { sync_folder(path) } else { Ok(()) }
}

/// Ends the last line, or takes it back where it is half an event. Returns the length after.
fn repair(file: &mut File) -> io::Result<u64> {
    const CHUNK: u64 = 65_536;
    let end = file.seek(SeekFrom::End(0))?;
    let mut tail = Vec::new();
    let mut start = end;
    while start > 0 {
        let from = start.saturating_sub(if start == end { 1 } else { CHUNK });
        let mut chunk = vec![0; usize::try_from(start - from).unwrap_or_default()];
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut chunk)?;
        if let Some(at) = chunk.iter().rposition(|byte| *byte == b'\n') {
            tail.splice(0..0, chunk.drain(at + 1..));
            start = from + at as u64 + 1;
            break;
        }
        tail.splice(0..0, chunk);
        start = from;
    }
    if tail.is_empty() {
        return Ok(end);
    }
    // Half an event was never accepted and comes again whole. Whatever else it is, it is not ours to remove.
    if tail.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(&tail).is_err() {
        file.set_len(start)?;
        return Ok(start);
    }
    file.write_all(b"\n")?;
    Ok(end + 1)
}

/// A new file's name must survive power loss as well.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Lane, Seq};

    fn line(text: &str) -> Line {
        Line { seq: Seq(1), action: "a".to_owned(), bytes: text.to_owned().into() }
    }

    async fn write(path: &Path, text: &str) -> Outcome {
        let source = "acme".parse().unwrap();
        FileSink::new(path.to_owned()).deliver(Batch { source: &source, lane: Lane::Live, events: &[line(text)] }).await
    }

    const ACCEPTED: Outcome = Outcome::Accepted { warning: None };

    #[tokio::test]
    async fn a_file_is_made_private_and_made_again_after_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        assert_eq!(write(&path, "{\"id\":1}").await, ACCEPTED);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        std::fs::rename(&path, folder.path().join("old")).unwrap();
        assert_eq!(write(&path, "{\"id\":\"\u{9b}31m\"}").await, ACCEPTED);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"id\":\"\\u009b31m\"}\n");
    }

    #[tokio::test]
    async fn a_torn_last_line_is_repaired() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        let long = format!("{{\"a\":\"{}", "x".repeat(200_000));
        for (before, after) in [
            ("{\"id\":1}\n{\"id\":", "{\"id\":1}\n"),
            ("{\"id\":1}\n{\"id\":2}", "{\"id\":1}\n{\"id\":2}\n"),
            ("{\"id\"", ""),
            ("not ours", "not ours\n"),
            ("", ""),
            (long.as_str(), ""),
        ] {
            std::fs::write(&path, before).unwrap();
            assert_eq!(write(&path, "{}").await, ACCEPTED);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{after}{{}}\n"));
        }
    }

    #[tokio::test]
    async fn a_missing_folder_needs_a_person() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(write(&folder.path().join("no/such"), "{}").await, Outcome::Paused { reason } if reason.contains("no/such")));
    }
}
