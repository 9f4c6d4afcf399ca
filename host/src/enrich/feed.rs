//! A file that somebody else keeps up to date: read, shown, and replaced between two lookups.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use arc_swap::{ArcSwap, Guard};
use serde::{Deserialize, Serialize};

use super::past::{Past, Step};
use crate::model::Instant;

/// What a file holds, once read.
pub(super) trait Content: Sized + Send + Sync + 'static {
    /// Reads it whole. The error says what is wrong with the file.
    fn read(path: &Path) -> Result<Self, String>;
    /// About what was read.
    fn facts(&self) -> Facts;
    /// The bytes that it takes, where it is kept for a while after it was replaced.
    fn kept(&self) -> Option<usize> {
        None
    }
}

/// About what was read.
pub(super) struct Facts {
    /// What it is.
    pub(super) what: String,
    pub(super) entries: u64,
    /// When it was made, where it says so.
    pub(super) built: Option<Instant>,
    /// What a person should look at.
    pub(super) concern: Option<String>,
}

/// A feed as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedStatus {
    /// What it is called: `city`, `country`, `asn`, `threat-list NAME`.
    pub feed: String,
    /// The file.
    pub path: PathBuf,
    /// What it is: the type that a database says it has, or `addresses and blocks`.
    pub what: String,
    /// How many: the nodes of a database's search tree, the entries of a list.
    pub entries: u64,
    /// When a database was built; when a list was last changed.
    pub dated: Option<Instant>,
    /// When it was read.
    pub read: Instant,
    /// What a person should look at: lines that are no addresses, a list that is empty.
    pub concern: Option<String>,
    /// Why the file on disk is not the one in use.
    pub problem: Option<String>,
}

impl FeedStatus {
    /// The key of the store's small value that holds a feed's status.
    pub fn note_key(feed: &str) -> String {
        format!("feed/{feed}")
    }
}

/// A feed that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to read {feed} from {}: {why}", path.display())]
pub struct Unreadable {
    /// What it is called.
    pub feed: String,
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

/// Every feed that cannot be read. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedErrors(pub Vec<Unreadable>);

impl fmt::Display for FeedErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, each) in self.0.iter().enumerate() {
            write!(f, "{}{each}", if index > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for FeedErrors {}

/// What tells one content of a file from another without reading it. None where there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look(Option<(u64, Option<SystemTime>)>);

impl Look {
    /// Through links: what they lead to is what is read.
    pub(super) fn at(path: &Path) -> Self {
        Self(std::fs::metadata(path).ok().map(|meta| (meta.len(), meta.modified().ok())))
    }

    fn changed(&self) -> Option<Instant> {
        let (_, modified) = self.0?;
        let since = modified?.duration_since(UNIX_EPOCH).ok()?;
        u64::try_from(since.as_millis()).ok().map(Instant)
    }
}

/// A file and what it held when it was last read and good.
pub(super) struct Feed<C> {
    name: String,
    path: PathBuf,
    current: ArcSwap<Reading<C>>,
    past: Past<C>,
}

/// What a file held.
pub(super) struct Reading<C> {
    /// None where it was never good.
    pub(super) content: Option<C>,
    look: Look,
    status: FeedStatus,
}

impl<C: Content> Feed<C> {
    /// Reads it for the first time where it is there and good. Where it is not, it holds nothing yet.
    pub(super) fn expected(name: &str, path: &Path, now: Instant) -> Self {
        let current = Self::read(name, path, now).unwrap_or_else(|why| {
            let problem = if path.exists() { why.to_string() } else { "was not fetched yet".to_owned() };
            let (feed, path, what) = (name.to_owned(), path.to_owned(), "nothing".to_owned());
            let status = FeedStatus { feed, path, what, entries: 0, dated: None, read: now, concern: None, problem: Some(problem) };
            Reading { content: None, look: Look(None), status }
        });
        Self { name: name.to_owned(), path: path.to_owned(), current: ArcSwap::from_pointee(current), past: Past::default() }
    }

    /// Reads it for the first time.
    pub(super) fn open(name: &str, path: &Path, now: Instant) -> Result<Self, Unreadable> {
        let current = ArcSwap::from_pointee(Self::read(name, path, now)?);
        Ok(Self { name: name.to_owned(), path: path.to_owned(), current, past: Past::default() })
    }

    /// What it is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How it came to hold what it holds, within the last day, the latest change first.
    pub(super) fn steps(&self, now: Instant) -> Vec<Step<C>> {
        self.past.steps(&self.current.load_full(), now)
    }

    /// What it holds.
    pub(super) fn now(&self) -> Guard<Arc<Reading<C>>> {
        self.current.load()
    }

    fn read(name: &str, path: &Path, now: Instant) -> Result<Reading<C>, Unreadable> {
        // Looked at first: what changes while it is read looks different afterwards.
        let look = Look::at(path);
        let content = C::read(path).map_err(|why| Unreadable { feed: name.to_owned(), path: path.to_owned(), why })?;
        let Facts { what, entries, built, concern } = content.facts();
        let dated = built.or_else(|| look.changed());
        let (feed, path) = (name.to_owned(), path.to_owned());
        let status = FeedStatus { feed, path, what, entries, dated, read: now, concern, problem: None };
        Ok(Reading { content: Some(content), look, status })
    }
}

/// A feed of whatever content, for those who only look whether it changed.
pub(super) trait Watched: Send + Sync {
    /// The file as it was when it was read.
    fn held(&self) -> Look;
    /// The file as it is.
    fn look(&self) -> Look;
    /// Reads it anew. Where that fails, what it held goes on to serve.
    fn renew(&self, now: Instant) -> Result<(), Unreadable>;
    /// Forgets earlier versions that are of no use any more.
    fn forget(&self, now: Instant);
    /// As it stands.
    fn status(&self) -> FeedStatus;
}

impl<C: Content> Watched for Feed<C> {
    fn held(&self) -> Look {
        self.now().look
    }

    fn look(&self) -> Look {
        Look::at(&self.path)
    }

    fn renew(&self, now: Instant) -> Result<(), Unreadable> {
        let next = Arc::new(Self::read(&self.name, &self.path, now)?);
        // First: whoever asks in between finds that nothing differs.
        self.past.add(self.current.load_full(), now);
        self.current.store(next);
        Ok(())
    }

    fn forget(&self, now: Instant) {
        self.past.forget(now);
    }

    fn status(&self) -> FeedStatus {
        self.now().status.clone()
    }
}
