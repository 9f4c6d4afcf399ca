//! What the store promises, by invariant.

mod alerts;
mod copies;
mod delivery;
mod fixture;
mod forgetting;
mod generations;
mod governance;
mod grants;
mod holding;
mod keys;
mod known;
mod log;
mod model;
mod notices;
mod opening;
mod people;
mod plans;
mod privacy;
mod reacting;
mod reading;
mod renewal;
mod responses;
mod room;
mod space;

use std::{path::PathBuf, time::Duration};

use audit_pipeline::types::{Actor, ActorKind, Credentials, Event, Outcome};
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::{
    alert::{Alert, AlertId, AlertQuery, Behaviour, BehaviourQuery, Judged, Judgement, Outlet, Step, SuppressionId},
    model::{DetectorName, GenerationNumber, Instant, Lane, Seq, SinkName, SourceName, Stream},
    store::{
        ActionSeen, Checkpoint, Delay, Evidence, History, Intent, Judge, Lateness, Old, Page, Parked, Prune, Range, Reader, Refused,
        Result, Store, StoreErrorKind, Successor, Waited, seal::Key,
    },
};

impl SqliteStore {
    /// Nothing can be stored while what this gives is there, and everything that was to be is to be tried again.
    pub(crate) fn jammed(&self) -> Connection {
        self.writes.as_ref().unwrap().connection.lock().busy_timeout(Duration::ZERO).unwrap();
        let other = Connection::open(&self.path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        other
    }
}

pub(super) fn source() -> SourceName {
    "acme".parse().unwrap()
}

pub(super) fn sink(name: &str) -> SinkName {
    name.parse().unwrap()
}

/// An event with this id and time.
pub(super) fn event(id: &str, time: u64) -> Event {
    Event {
        id: id.into(),
        time,
        action: "board_opened".into(),
        category: None,
        traits: vec!["read".into()],
        outcome: Outcome::Unknown,
        actor: Actor { kind: ActorKind::Unknown, id: None, name: None, email: None },
        object: None,
        team: None,
        organization: None,
        ip: None,
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: format!("{{\"id\":\"{id}\",\"event\":\"board_opened\"}}"),
    }
}

/// A store in a folder of its own.
pub(super) struct Place(TempDir);

impl Place {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join("store.db")
    }

    pub(super) fn open(&self) -> SqliteStore {
        SqliteStore::open(Open::new(self.path(), Key::new(&[1; 32]), Access::Owner)).unwrap()
    }

    pub(super) fn look(&self) -> SqliteStore {
        SqliteStore::open(Open::new(self.path(), Key::new(&[1; 32]), Access::Reader)).unwrap()
    }
}

/// When a page is stored, and taken, where nothing else is said.
pub(super) const AT: Instant = Instant(1_700_000_000_000);

/// A live page of these events.
pub(super) fn page<'a>(source: &'a SourceName, events: &'a [Event], checkpoint: &'a str) -> Page<'a> {
    Page {
        source,
        stream: Stream::Live,
        lane: Lane::Live,
        received: AT,
        events,
        known: &[],
        checkpoint,
        through: AT,
        gaps: &[],
        finished: false,
        generation: None,
    }
}

/// A pruning that forgets nothing.
pub(super) fn nothing() -> Prune {
    Prune::default()
}

/// Everything of a lane.
pub(super) fn all<'a>(source: &'a SourceName, lane: Lane) -> Range<'a> {
    Range { source, lane, after: Seq(0), sink: None, events: usize::MAX, bytes: usize::MAX }
}
