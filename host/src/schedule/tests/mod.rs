//! The worker of a source on a stepped clock, before a Miro that answers as it is told.

mod backfill;
mod token;

use std::{
    collections::BTreeMap,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use audit_pipeline::types::Credentials;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::Notify;

use super::*;
use crate::{
    clock::{Clock as _, SteppedClock},
    config::SecretRef,
    egress::{Answer, Grant, RequestLimits, Transport, TransportError},
    model::{Instant, SourceName},
    runtime::{Component, Limits, Runtime, RuntimeOptions, Source},
    store::{
        Store as _,
        seal::Key,
        sqlite::{self, Open, SqliteStore},
    },
    swap::Slot,
};

/// 2024-06-01T00:00:00Z
pub(crate) const NOW: Instant = Instant(1_717_200_000_000);
pub(crate) const MIRO: &str = "https://api.miro.com";
/// A page without events.
pub(crate) const EMPTY: &str = r#"{"type":"cursor-list","limit":100,"size":0,"data":[]}"#;
/// A new pair.
const GRANTED: &str = r#"{"access_token":"access-host","refresh_token":"refresh-host","expires_in":86400}"#;

pub(crate) fn acme() -> SourceName {
    "acme".parse().unwrap()
}

pub(crate) fn pair(name: &str, expires_at: Option<u64>) -> Credentials {
    Credentials { access_token: format!("access-{name}"), refresh_token: Some(format!("refresh-{name}")), expires_at }
}

/// A file with the secret of the app.
fn secret(folder: &Path) -> PathBuf {
    let path = folder.join("client_secret");
    let mut file = std::fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(&path).unwrap();
    file.write_all(b"hush").unwrap();
    path
}

/// Whether it asks for a new pair.
pub(crate) fn refreshes(request: &http::Request<Bytes>) -> bool {
    request.uri().path() == "/v1/oauth/token"
}

pub(crate) type Answers = Box<dyn FnMut(&http::Request<Bytes>) -> (u16, &'static str) + Send>;

/// What every request is answered.
struct Miro(Mutex<Answers>);

impl Transport for Miro {
    fn send(&self, request: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        let (status, body) = (self.0.lock().unwrap())(&request);
        let body = Full::new(Bytes::from_static(body.as_bytes())).map_err(|never| match never {}).boxed_unsync();
        let answer = http::Response::builder().status(status).header("content-type", "application/json").body(body);
        Box::pin(std::future::ready(answer.map_err(|_| TransportError::TimedOut)))
    }
}

/// A source `acme` with a pair in its store.
pub(crate) struct Office {
    pub(crate) worker: Worker,
    /// That of somebody who asks but once.
    custody: Custody,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: SteppedClock,
    due: Instant,
    _folder: TempDir,
}

impl Office {
    pub(crate) async fn open(pair: &Credentials, answers: impl FnOnce(&Arc<SqliteStore>) -> Answers) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(Open::new(folder.path().join("store.db"), Key::new(&[1; 32]), sqlite::Access::Owner)).unwrap();
        store.register(&acme()).unwrap();
        store.put_grant(&acme(), None, pair, b"", NOW).unwrap();
        let store = Arc::new(store);
        let transport = Arc::new(Miro(Mutex::new(answers(&store))));
        let runtime = Runtime::new(RuntimeOptions { cache: None, transport, limits: Limits::default() }).unwrap();
        let component = Arc::new(Component::new(runtime.load(Runtime::builtin("miro").unwrap().to_vec()).await.unwrap()));
        let slot = Arc::new(Slot::new("builtin:miro", Arc::clone(&component), vec![acme()], None));
        let source = Source::new(runtime, component, r#"{"client_id":"1"}"#.into(), Arc::new(Grant::new([MIRO.parse().unwrap()])));
        let secrets = BTreeMap::from([("client_secret".to_owned(), SecretRef::File(secret(folder.path())))]);
        let custody = || Custody::new(acme(), secrets.clone(), store.clone(), source.clone());
        let interval = Duration::from_secs(300);
        let settings = Settings { name: acme(), interval, learn: None, allow: vec![MIRO.to_owned()], identify: false };
        let clock = SteppedClock::new(NOW);
        let (told, at) = (Arc::new(Notify::new()), Arc::new(clock.clone()));
        let worker = Worker::new(settings, source.clone(), slot, custody(), store.clone(), at, told);
        Self { worker, custody: custody(), store, clock, due: NOW, _folder: folder }
    }

    /// Steps whenever a step is due, for so long. Gives what was seen after each.
    async fn pass(&mut self, time: Duration) -> Vec<Status> {
        let end = self.clock.now().plus(time);
        let mut seen = Vec::new();
        while self.due <= end {
            if self.clock.now() < self.due {
                self.clock.step_to(self.due);
            }
            self.due = match self.worker.step().await.unwrap() {
                Next::AtOnce => self.clock.now(),
                Next::At(at) => at,
            };
            seen.push(self.status());
        }
        self.clock.step_to(end);
        seen
    }

    pub(crate) fn status(&self) -> Status {
        self.worker.watch().borrow().clone()
    }
}

/// An office whose vendor gives a new pair, and from then on nothing can be stored.
pub(crate) async fn jammed() -> (Office, Arc<Mutex<Option<Connection>>>) {
    let jam = Arc::new(Mutex::new(None));
    let held = Arc::clone(&jam);
    let answers = |store: &Arc<SqliteStore>| -> Answers {
        let store = Arc::clone(store);
        Box::new(move |request| {
            assert!(refreshes(request), "nothing is read with a pair that is not stored");
            *held.lock().unwrap() = Some(store.jammed());
            (200, GRANTED)
        })
    };
    (Office::open(&pair("first", Some(NOW.0)), answers).await, jam)
}

/// The store takes writes again once somebody waits for that.
pub(crate) async fn mend(clock: SteppedClock, jam: Arc<Mutex<Option<Connection>>>) {
    while clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    *jam.lock().unwrap() = None;
    clock.step_to(clock.next_wake().unwrap());
}

pub(crate) fn stored(office: &Office) -> String {
    office.store.grant(&acme()).unwrap().unwrap().credentials.access_token
}
