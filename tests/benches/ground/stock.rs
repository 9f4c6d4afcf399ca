//! A store on disk, and events to put into it.

use std::path::Path;

use anyhow::Context as _;
use audit_pipeline::types::Event;
use miro_source::{
    model::{Instant, Lane, SourceName, Stream},
    store::{
        Page, Store as _,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};
use miro_source_tests::stage::{HOUR, ORIGIN};

use crate::{pages, sandbox};

/// So many events as the component makes them.
pub(crate) async fn events(count: usize) -> anyhow::Result<Vec<Event>> {
    let source = sandbox::source(bytes::Bytes::new()).await?;
    let mut events = Vec::with_capacity(count);
    for records in pages::records(count).chunks(1000) {
        for event in source.normalize(records.to_vec()).await? {
            events.push(event.map_err(|why| anyhow::anyhow!("{why}"))?);
        }
    }
    Ok(events)
}

/// A store in this folder.
pub(crate) fn open(folder: &Path) -> anyhow::Result<SqliteStore> {
    SqliteStore::open(Open::new(folder.join("store.db"), Key::new(&[7; 32]), Access::Owner)).context("failed to open a store")
}

/// The source whose events they are.
pub(crate) fn acme() -> anyhow::Result<SourceName> {
    Ok("acme".parse()?)
}

/// Stores one page.
pub(crate) fn commit(store: &SqliteStore, source: &SourceName, events: &[Event]) -> anyhow::Result<()> {
    store.commit(&Page {
        source,
        stream: Stream::Live,
        lane: Lane::Live,
        received: Instant(ORIGIN),
        events,
        known: &[],
        checkpoint: "{\"v\":1}",
        through: Instant(ORIGIN - HOUR),
        gaps: &[],
        finished: false,
        generation: None,
    })?;
    Ok(())
}
