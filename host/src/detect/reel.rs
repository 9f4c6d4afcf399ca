//! The log of one source from its beginning, once, in order: the next batch is read while the one before it is worked on.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::{
    model::{Seq, SourceName},
    store::{Result, Store, StoreError, StoredEvent},
};

/// Events of a batch, and the most bytes of them.
const BATCH: usize = 2000;
const BYTES: usize = 8 << 20;

/// Where it stands.
pub struct Reel {
    store: Arc<dyn Store>,
    source: SourceName,
    ahead: Option<JoinHandle<Result<Vec<StoredEvent>>>>,
}

impl std::fmt::Debug for Reel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reel").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Reel {
    /// At the beginning.
    pub fn new(store: &Arc<dyn Store>, source: SourceName) -> Self {
        let mut reel = Self { store: Arc::clone(store), source, ahead: None };
        reel.ahead = Some(reel.read(Seq(0)));
        reel
    }

    /// The next events; none at the end.
    pub async fn next(&mut self) -> Result<Vec<StoredEvent>> {
        let Some(ahead) = self.ahead.take() else { return Ok(Vec::new()) };
        let events = ahead.await.unwrap_or_else(|gone| Err(StoreError::gone(&gone)))?;
        self.ahead = events.last().map(|last| self.read(last.seq));
        Ok(events)
    }

    fn read(&self, after: Seq) -> JoinHandle<Result<Vec<StoredEvent>>> {
        let (store, source) = (Arc::clone(&self.store), self.source.clone());
        tokio::task::spawn_blocking(move || store.read_all(&source, after, BATCH, BYTES))
    }
}
