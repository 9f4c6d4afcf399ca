//! Everything around a run.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
};

use super::disk::{Files, dead};
use crate::{
    edges::{Clock, Console, Disk, DiskError, Edges, Source},
    exit::Exit,
    run::run,
    source::{Next, Note, Page, Reading, RefreshFailure, Span},
    types::{Actor, ActorKind, Credentials, Description, Event, Failure, Outcome, Secret, Secrets},
};

/// How many events a page holds.
pub(super) const PAGE: usize = 3;
/// How far before the end of the last finished reading the next one begins, as a source that looks after late events does.
const LATE: usize = 3;
/// How long a pair lasts.
pub(super) const LIFETIME: u64 = 1_000_000;

#[derive(Default)]
pub(super) struct Inner {
    pub(super) files: Files,
    pub(super) now: u64,
    pub(super) waited: u64,
    pub(super) out: Vec<u8>,
    pub(super) said: Vec<String>,
    pub(super) closed: bool,
    /// The vendor's log: ids in order.
    pub(super) events: Vec<String>,
    /// What to answer with first, in the place of pages.
    pub(super) failures: VecDeque<Failure>,
    pub(super) notes: Vec<Note>,
    pub(super) next: Option<Next>,
    pub(super) collects: u32,
    /// The number of the living pair, where tokens rotate.
    pub(super) pair: Option<u64>,
    /// How often each refresh token was sent.
    pub(super) sent: BTreeMap<String, u32>,
    /// What becomes of the next refreshes; else they work.
    pub(super) refreshes: VecDeque<RefreshFailure>,
    /// Another run's lock, put there while this one waits for an answer.
    pub(super) intruder: Option<Vec<u8>>,
}

pub(super) struct World {
    pub(super) inner: RefCell<Inner>,
    pub(super) environment: Vec<(String, String)>,
}

pub(super) fn event(id: &str) -> Event {
    Event {
        id: id.into(),
        time: 1,
        action: "did".into(),
        category: None,
        traits: Vec::new(),
        outcome: Outcome::Success,
        actor: Actor { kind: ActorKind::User, id: None, name: None, email: None },
        object: None,
        team: None,
        organization: None,
        ip: None,
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: record(id),
    }
}

pub(super) fn record(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"who\":\"somebody\"}}")
}

impl World {
    /// With a token that does not expire.
    pub(super) fn new() -> Self {
        let inner = Inner { now: 1_800_000_000_000, ..Inner::default() };
        let world = Self { inner: RefCell::new(inner), environment: Vec::new() };
        world.with("MIRO_SOURCE_CONFIG", "{}").with("MIRO_SOURCE_SECRET_ACCESS_TOKEN", "static-token")
    }

    /// With a pair that rotates.
    pub(super) fn rotating() -> Self {
        let mut world = Self::new().with("MIRO_SOURCE_SECRET_CLIENT_SECRET", "client-secret");
        world.authorize();
        world
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(there, _)| there != name);
        self.environment.push((name.into(), value.into()));
    }

    /// A person authorizes and configures the new pair.
    pub(super) fn authorize(&mut self) {
        let pair = self.inner.borrow().pair.unwrap_or_default() + 1;
        self.inner.borrow_mut().pair = Some(pair);
        self.set("MIRO_SOURCE_SECRET_ACCESS_TOKEN", &format!("access-{pair}"));
        self.set("MIRO_SOURCE_SECRET_REFRESH_TOKEN", &format!("refresh-{pair}"));
    }

    pub(super) fn run(&self) -> Exit {
        let edges = Edges { source: self, disk: self, clock: self, console: self };
        run(edges, &self.environment)
    }

    /// Time passes between two runs.
    pub(super) fn pass(&self, milliseconds: u64) {
        self.inner.borrow_mut().now += milliseconds;
    }

    pub(super) fn happen(&self, ids: &[&str]) {
        self.inner.borrow_mut().events.extend(ids.iter().map(|id| (*id).to_owned()));
    }

    pub(super) fn lines(&self) -> Vec<String> {
        String::from_utf8(self.inner.borrow().out.clone()).unwrap().lines().map(str::to_owned).collect()
    }

    pub(super) fn said(&self) -> String {
        self.inner.borrow().said.join("\n")
    }

    pub(super) fn file(&self, name: &str) -> Option<String> {
        self.inner.borrow().files.read(&format!("state/{name}")).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Source for World {
    fn describe(&self) -> Description {
        let secret = |name: &str, required| Secret { name: name.into(), purpose: format!("the {name}"), required };
        Description {
            name: "vendor".into(),
            version: "1.0.0".into(),
            config_schema: "{}".into(),
            secrets: vec![secret("access_token", true), secret("refresh_token", false), secret("client_secret", false)],
        }
    }

    fn begin(&self, config: &str, _: Span, _: u64) -> Result<String, Failure> {
        if config.contains("wrong") { Err(Failure::Invalid("no key `wrong`".into())) } else { Ok("0".into()) }
    }

    fn collect(&self, _: &str, token: &str, checkpoint: &str, _: u64) -> Result<Page, Failure> {
        let mut inner = self.inner.borrow_mut();
        inner.collects += 1;
        inner.files.step().map_err(|_| Failure::Unavailable("dead".into()))?;
        if let Some(pair) = inner.pair {
            let kept = inner.files.durable("state/tokens.json").map(|bytes| String::from_utf8(bytes).unwrap());
            assert!(kept.is_some_and(|kept| kept.contains(token)), "a token was used before it was durable");
            if token != format!("access-{pair}") {
                return Err(Failure::Expired);
            }
        }
        if let Some(failure) = inner.failures.pop_front() {
            return Err(failure);
        }
        if let Some(lock) = inner.intruder.take() {
            inner.files.write("state/lock", lock);
        }
        // Where reading goes on, and where the last finished reading ended.
        let (from, finished) = checkpoint.split_once(',').unwrap_or((checkpoint, "0"));
        let (from, finished): (usize, usize) = (from.parse().unwrap(), finished.parse().unwrap());
        let to = inner.events.len().min(from + PAGE);
        let mut events: Vec<Event> = inner.events[from..to].iter().map(|id| event(id)).collect();
        // A vendor may say things twice on one page.
        events.extend(events.first().cloned());
        let end = to == inner.events.len();
        let checkpoint = if end { format!("{},{to}", finished.saturating_sub(LATE)) } else { format!("{to},{finished}") };
        let next = inner.next.take().unwrap_or(if end { Next::CaughtUp } else { Next::AtOnce });
        let notes = std::mem::take(&mut inner.notes);
        Ok(Page { events, checkpoint, reading: Reading::Live, through: 0, next, notes })
    }

    fn refresh(&self, _: &str, secrets: &Secrets, old: &Credentials, now: u64) -> Result<Credentials, RefreshFailure> {
        assert_eq!(secrets, &[("client_secret".to_owned(), "client-secret".to_owned())]);
        let mut inner = self.inner.borrow_mut();
        let sent = old.refresh_token.clone().unwrap();
        let kept = String::from_utf8(inner.files.durable("state/tokens.json").unwrap_or_default()).unwrap();
        inner.files.step().map_err(|_| RefreshFailure::Unsent(Failure::Unavailable("dead".into())))?;
        assert!(kept.contains(&sent) && !kept.contains("\"attempts\":0"), "sent before the intent was durable: {kept}");
        if let Some(failure) = inner.refreshes.pop_front() {
            if !matches!(failure, RefreshFailure::Unsent(_)) {
                *inner.sent.entry(sent).or_default() += 1;
            }
            return Err(failure);
        }
        *inner.sent.entry(sent.clone()).or_default() += 1;
        let pair = inner.pair.unwrap();
        if sent != format!("refresh-{pair}") {
            return Err(RefreshFailure::Rejected(Failure::Unauthorized(format!("{sent} is used up"))));
        }
        inner.pair = Some(pair + 1);
        inner.files.step().map_err(|_| RefreshFailure::Unknown("dead".into()))?;
        Ok(Credentials {
            access_token: format!("access-{}", pair + 1),
            refresh_token: Some(format!("refresh-{}", pair + 1)),
            expires_at: Some(now + LIFETIME),
        })
    }
}

impl Disk for World {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let inner = self.inner.borrow();
        if inner.files.killed { Err(dead()) } else { Ok(inner.files.read(path)) }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        Ok(self.inner.borrow().files.list(folder))
    }

    fn make_folder(&self, _: &str) -> Result<(), DiskError> {
        Ok(())
    }

    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, DiskError> {
        let files = &mut self.inner.borrow_mut().files;
        files.step()?;
        if files.read(path).is_some() {
            return Ok(false);
        }
        files.write(path, Vec::new());
        files.step()?;
        files.write(path, bytes.to_vec());
        Ok(true)
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let files = &mut self.inner.borrow_mut().files;
        files.step()?;
        files.write(path, bytes[..bytes.len() / 2].to_vec());
        files.step()?;
        files.write(path, bytes.to_vec());
        files.step()?;
        files.sync(path);
        Ok(())
    }

    fn write_at(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        let files = &mut self.inner.borrow_mut().files;
        let mut whole = files.read(path).unwrap_or_default();
        whole.resize(whole.len().max(offset as usize + bytes.len()), 0);
        whole[offset as usize..offset as usize + bytes.len()].copy_from_slice(bytes);
        files.step()?;
        // Cut short anywhere, in the middle of an id too.
        files.write(path, whole[..offset as usize + bytes.len() / 2].to_vec());
        files.step()?;
        files.write(path, whole);
        files.step()?;
        files.sync(path);
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        let files = &mut self.inner.borrow_mut().files;
        files.step()?;
        files.rename(from, to);
        Ok(())
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        let files = &mut self.inner.borrow_mut().files;
        files.step()?;
        files.remove(path);
        Ok(())
    }

    fn sync_folder(&self, _: &str) -> Result<(), DiskError> {
        let files = &mut self.inner.borrow_mut().files;
        files.step()?;
        files.sync_names();
        Ok(())
    }
}

impl Clock for World {
    fn now(&self) -> u64 {
        self.inner.borrow().now
    }

    fn elapsed(&self) -> u64 {
        self.inner.borrow().now
    }

    fn wait(&self, milliseconds: u64) {
        let mut inner = self.inner.borrow_mut();
        inner.now += milliseconds;
        inner.waited += milliseconds;
    }
}

impl Console for World {
    fn write(&self, bytes: &[u8]) -> Result<(), String> {
        let mut inner = self.inner.borrow_mut();
        if inner.closed {
            return Err("it is closed".into());
        }
        for piece in [&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]] {
            inner.files.step().map_err(|why| why.0)?;
            inner.out.extend_from_slice(piece);
        }
        Ok(())
    }

    fn say(&self, line: &str) {
        self.inner.borrow_mut().said.push(line.to_owned());
    }
}
