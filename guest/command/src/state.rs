//! The checkpoint, and how a page is committed.

use serde::{Deserialize, Serialize};

use crate::{
    edges::{Disk, Edges, replace},
    exit::{Ended, Result},
    seen::Seen,
    source::{Gap, Page},
};

const CHECKPOINT: &str = "checkpoint.json";
const GAPS: &str = "gaps.ndjson";
/// There after a run that ended in order, its last line written whole.
const WHOLE: &str = "whole";

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// The component's name for itself: another one's checkpoint would be nonsense to it.
    source: String,
    checkpoint: String,
}

/// What the folder holds, apart from tokens.
pub struct State<'a> {
    disk: &'a dyn Disk,
    folder: String,
    source: String,
    seen: Seen<'a>,
    /// The latest one; none before the first.
    checkpoint: Option<String>,
    /// Whether the mark is there.
    marked: bool,
    /// Whether what was written so far may end with half a line.
    torn: bool,
}

impl<'a> State<'a> {
    /// Reads it.
    pub fn load(disk: &'a dyn Disk, folder: &str, source: &str) -> Result<Self> {
        let checkpoint = match disk.read(&format!("{folder}/{CHECKPOINT}"))? {
            None => None,
            Some(bytes) => {
                let saved: Saved = serde_json::from_slice(&bytes)
                    .map_err(|why| Ended::configuration(format!("{folder}/{CHECKPOINT} is not a checkpoint of this command: {why}")))?;
                if saved.version != 1 || saved.source != source {
                    return Err(Ended::configuration(format!(
                        "{folder}/{CHECKPOINT} belongs to the source {} (version {}), this one is {source} (version 1): use another folder",
                        saved.source, saved.version
                    )));
                }
                Some(saved.checkpoint)
            }
        };
        let marked = disk.read(&format!("{folder}/{WHOLE}"))?.is_some();
        let torn = checkpoint.is_some() && !marked;
        let seen = Seen::load(disk, folder)?;
        Ok(Self { disk, folder: folder.to_owned(), source: source.to_owned(), seen, checkpoint, marked, torn })
    }

    /// The latest checkpoint.
    pub fn checkpoint(&self) -> Option<&str> {
        self.checkpoint.as_deref()
    }

    /// Stores a checkpoint, durably.
    pub fn save(&mut self, checkpoint: String) -> Result<()> {
        let saved = Saved { version: 1, source: self.source.clone(), checkpoint };
        let bytes = serde_json::to_vec(&saved).map_err(|why| Ended::left(format!("failed to write the checkpoint: {why}")))?;
        replace(self.disk, &self.folder, CHECKPOINT, &bytes)?;
        self.checkpoint = Some(saved.checkpoint);
        Ok(())
    }

    /// Which events of a page are to be written.
    pub fn new_among(&self, page: &Page) -> Vec<bool> {
        self.seen.new_among(page.events.iter().map(|event| event.id.as_str()))
    }

    /// Writes lines out. A run that was killed may have left half a line: what follows begins on one of its own.
    pub fn write(&mut self, edges: Edges<'_>, lines: &[u8]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let failed = |why| Ended::left(format!("failed to write to standard output: {why}; the page comes again"));
        if self.marked {
            self.disk.remove(&format!("{}/{WHOLE}", self.folder))?;
            self.disk.sync_folder(&self.folder)?;
            self.marked = false;
        }
        if self.torn {
            edges.console.write(b"\n").map_err(failed)?;
        }
        let written = edges.console.write(lines);
        self.torn = written.is_err();
        written.map_err(failed)
    }

    /// Stores what a written page means, durably and in this order: ids, gaps, checkpoint.
    pub fn commit<'e>(&mut self, ids: impl Iterator<Item = &'e str>, gaps: &[Gap], checkpoint: String, now: u64) -> Result<()> {
        self.seen.remember(ids, now)?;
        self.note(gaps)?;
        self.save(checkpoint)
    }

    /// Ends a run in an orderly way.
    pub fn close(&mut self, caught_up: bool, remember: u64, now: u64) -> Result<()> {
        if caught_up {
            self.seen.forget(remember, now)?;
        }
        if !self.marked && !self.torn {
            self.disk.put(&format!("{}/{WHOLE}", self.folder), b"")?;
        }
        Ok(())
    }

    fn note(&self, gaps: &[Gap]) -> Result<()> {
        if gaps.is_empty() {
            return Ok(());
        }
        let path = format!("{}/{GAPS}", self.folder);
        let there = self.disk.read(&path)?;
        let end = there.as_ref().map_or(0, Vec::len) as u64;
        let mut lines = String::new();
        if there.as_ref().and_then(|bytes| bytes.last()).is_some_and(|last| *last != b'\n') {
            lines.push('\n');
        }
        for gap in gaps {
            lines.push_str(&serde_json::json!({ "start": gap.start, "end": gap.end, "cause": gap.cause }).to_string());
            lines.push('\n');
        }
        self.disk.write_at(&path, end, lines.as_bytes())?;
        if there.is_none() {
            self.disk.sync_folder(&self.folder)?;
        }
        Ok(())
    }
}
