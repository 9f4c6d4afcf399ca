//! A folder, a far side that answers what it was told to, and feeds small enough to read.

use std::{
    collections::VecDeque,
    io::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{Clock as _, SteppedClock},
    config::{Config, load},
    egress::{Answer, RequestLimits, Transport, TransportError},
    feeds::{Came, Keeper, Order, Record, Shelf, orders},
    model::Instant,
};

/// 2026-03-01T12:00:00Z.
pub(super) const NOW: Instant = Instant(1_772_366_400_000);
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// What was asked for: where, and with which `If-None-Match`.
pub(super) type Seen = (String, Option<String>);

#[derive(Default)]
pub(super) struct Far {
    answers: Mutex<VecDeque<http::Response<Bytes>>>,
    seen: Mutex<Vec<Seen>>,
    /// Whether it goes silent where it has no answer, instead of being away.
    silent: AtomicBool,
}

impl Transport for Far {
    fn send(&self, request: http::Request<Bytes>, _: &RequestLimits) -> BoxFuture<'static, Result<Answer, TransportError>> {
        let condition = request.headers().get("if-none-match").map(|value| value.to_str().unwrap().to_owned());
        self.seen.lock().unwrap().push((request.uri().to_string(), condition));
        let answer = self.answers.lock().unwrap().pop_front();
        let silent = answer.is_none() && self.silent.load(Ordering::SeqCst);
        Box::pin(async move {
            if silent {
                std::future::pending::<()>().await;
            }
            let answer = answer.ok_or_else(|| TransportError::Unreachable("nobody listens".to_owned()))?;
            Ok(answer.map(|body| Full::new(body).map_err(|never| match never {}).boxed_unsync()))
        })
    }
}

/// So many addresses, a line each.
pub(super) fn list(entries: u32) -> Vec<u8> {
    (0..entries).map(|number| format!("198.18.{}.{}\n", number / 256, number % 256)).collect::<String>().into_bytes()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

pub(super) fn ok(body: impl Into<Bytes>) -> http::Response<Bytes> {
    http::Response::new(body.into())
}

pub(super) fn status(status: u16) -> http::Response<Bytes> {
    with(ok(""), |answer| *answer.status_mut() = status.try_into().unwrap())
}

pub(super) fn field(answer: http::Response<Bytes>, name: &'static str, value: &str) -> http::Response<Bytes> {
    with(answer, |answer| drop(answer.headers_mut().insert(name, value.parse().unwrap())))
}

fn with(mut answer: http::Response<Bytes>, change: impl FnOnce(&mut http::Response<Bytes>)) -> http::Response<Bytes> {
    change(&mut answer);
    answer
}

/// A host's side of it.
pub(super) struct Ground {
    pub(super) folder: TempDir,
    pub(super) far: Arc<Far>,
    pub(super) clock: SteppedClock,
    pub(super) config: Config,
    pub(super) shelf: Shelf,
}

impl Ground {
    /// With these feeds, as TOML.
    pub(super) fn new(feeds: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, format!("[[source]]\nname = \"acme\"\nallow = [\"https://api.miro.com\"]\n{feeds}")).unwrap();
        let config = load(&path).unwrap();
        let shelf = Shelf::beside(&config.store.path);
        Self { folder, far: Arc::default(), clock: SteppedClock::new(NOW), config, shelf }
    }

    pub(super) fn tor() -> Self {
        Self::new("[[feed]]\nname = \"tor\"\nlicence = \"CC-BY-4.0\"\n")
    }

    pub(super) fn keeper(&self) -> Keeper {
        Keeper::new(&self.config, Arc::clone(&self.far) as Arc<dyn Transport>, Arc::new(self.clock.clone()), 7)
    }

    pub(super) fn order(&self) -> Order {
        orders(&self.config).remove(0)
    }

    pub(super) fn record(&self) -> Record {
        self.shelf.record(self.order().part)
    }

    /// What the file in place holds.
    pub(super) fn held(&self) -> Vec<u8> {
        std::fs::read(self.shelf.path(self.order().part)).unwrap_or_default()
    }

    /// One try of the first feed, answered so.
    pub(super) async fn answered(&self, answers: impl IntoIterator<Item = http::Response<Bytes>>) -> Came {
        self.far.answers.lock().unwrap().extend(answers);
        self.keeper().fetch(&self.order(), &CancellationToken::new()).await
    }

    pub(super) fn pass(&self, time: Duration) {
        self.clock.step_to(self.clock.now().plus(time));
    }

    /// What was asked for since the last time this was asked.
    pub(super) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.far.seen.lock().unwrap())
    }

    pub(super) fn tell(&self, answers: impl IntoIterator<Item = http::Response<Bytes>>) {
        self.far.answers.lock().unwrap().extend(answers);
    }

    /// From now on the far side says nothing, or is away, where it has no answer.
    pub(super) fn silence(&self, silent: bool) {
        self.far.silent.store(silent, Ordering::SeqCst);
    }

    /// The names of the files in the folder.
    pub(super) fn files(&self) -> Vec<String> {
        let all = std::fs::read_dir(self.folder.path().join("feeds")).unwrap();
        let mut names: Vec<String> = all.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
