//! A store that serves many inputs: each is a source of its own, and now and then the store is a new one.

use std::path::Path;

use miro_source::{
    model::SourceName,
    store::{
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};
use tempfile::TempDir;

/// Inputs until the next store: opening one costs more than an input.
const INPUTS: u32 = 500;

pub(super) struct Scratch {
    // Closed before its folder goes.
    pub(super) store: SqliteStore,
    inputs: u32,
    _folder: TempDir,
}

impl Scratch {
    /// The store at hand, or a new one where there is none or it has served.
    pub(super) fn ready(at_hand: &mut Option<Self>) -> &mut Self {
        if at_hand.as_ref().is_some_and(|scratch| scratch.inputs >= INPUTS) {
            *at_hand = None;
        }
        at_hand.get_or_insert_with(Self::open)
    }

    fn open() -> Self {
        // In memory where the machine has such a folder: syncing to a disk is not what is looked at here.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let opened = folder.map_err(|why| why.to_string()).and_then(|folder| {
            let open = Open::new(folder.path().join("store.db"), Key::new(&[7; 32]), Access::Owner);
            Ok(Self { store: SqliteStore::open(open).map_err(|why| why.to_string())?, inputs: 0, _folder: folder })
        });
        opened.unwrap_or_else(|why| unreachable!("there is no store to look at: {why}"))
    }

    /// A source that has nothing yet.
    pub(super) fn next(&mut self) -> SourceName {
        self.inputs += 1;
        let name = format!("source-{}", self.inputs);
        name.parse().unwrap_or_else(|_| unreachable!("{name} is a name"))
    }
}
