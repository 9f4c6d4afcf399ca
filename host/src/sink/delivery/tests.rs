//! How deliveries behave over a real store: the far side is a script.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use audit_pipeline::types::{Actor, ActorKind, Event, Outcome as Happened};
use futures_util::future::{self, BoxFuture};

use super::*;
use crate::{
    clock::SteppedClock,
    model::Stream,
    sink::{BatchLimits, Outcome, SinkError},
    store::{
        Page, Range,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};

mod alerts;
mod cases;
mod laws;
mod mask;
mod sieve;

/// What the far side does with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Accept,
    /// Takes everything; the worker dies before it hears of it.
    AcceptThenCrash,
    /// Takes nothing; the worker dies.
    Crash,
    /// Takes that many events, and says nothing certain.
    Ambiguous(usize),
    Retry,
    Pause,
    TooLarge,
    Refuse,
}

/// The far side, as it remembers.
#[derive(Debug, Default)]
struct Far {
    script: VecDeque<Turn>,
    /// Refuses any batch with one of these.
    poison: BTreeSet<Seq>,
    /// Refuses any larger batch.
    most: Option<usize>,
    attempts: usize,
    /// Everything taken, in order.
    taken: Vec<(String, Lane, Seq)>,
    /// What was written of it.
    said: Vec<String>,
    /// Refused with nobody beside it.
    alone: BTreeSet<Seq>,
    /// How often an event was in an attempt whose outcome the worker could not know.
    unknown: BTreeMap<Seq, usize>,
    crashes: usize,
}

struct Scripted(Arc<Mutex<Far>>, Arc<Notify>);

impl Sink for Scripted {
    fn deliver<'a>(&'a mut self, batch: Batch<'a>) -> BoxFuture<'a, Outcome> {
        let mut far = self.0.lock().unwrap();
        far.attempts += 1;
        let seqs: Vec<Seq> = batch.events.iter().map(|line| line.seq).collect();
        let bytes: usize = batch.events.iter().map(|line| line.bytes.len() + 1).sum();
        let mut turn = far.script.pop_front().unwrap_or(Turn::Accept);
        if seqs.iter().any(|seq| far.poison.contains(seq)) {
            turn = Turn::Refuse;
        }
        if far.most.is_some_and(|most| bytes > most) {
            turn = Turn::TooLarge;
        }
        let taken = match turn {
            Turn::Accept | Turn::AcceptThenCrash => seqs.len(),
            Turn::Ambiguous(count) => count,
            _ => 0,
        };
        far.taken.extend(seqs.iter().take(taken).map(|seq| (batch.source.to_string(), batch.lane, *seq)));
        far.said.extend(batch.events.iter().take(taken).map(|line| String::from_utf8_lossy(&line.bytes).into_owned()));
        if matches!(turn, Turn::Ambiguous(_)) {
            seqs.iter().for_each(|seq| *far.unknown.entry(*seq).or_default() += 1);
        }
        if matches!(turn, Turn::TooLarge | Turn::Refuse) && seqs.len() == 1 {
            far.alone.extend(seqs);
        }
        let text = "scripted".to_owned();
        let outcome = match turn {
            Turn::Accept => Outcome::Accepted { warning: None },
            Turn::AcceptThenCrash | Turn::Crash => {
                far.crashes += 1;
                self.1.notify_one();
                return Box::pin(future::pending());
            }
            Turn::Ambiguous(_) => Outcome::Retry { after: None, reason: text, ambiguous: true },
            Turn::Retry => Outcome::Retry { after: Some(Duration::from_secs(7)), reason: text, ambiguous: false },
            Turn::Pause => Outcome::Paused { reason: text },
            Turn::TooLarge => Outcome::TooLarge,
            Turn::Refuse => Outcome::Refused { reason: text },
        };
        Box::pin(future::ready(outcome))
    }

    fn limits(&self) -> BatchLimits {
        BatchLimits { events: 16, bytes: 1000 }
    }

    fn check(&mut self) -> BoxFuture<'_, Result<String, SinkError>> {
        Box::pin(future::ready(Ok(String::new())))
    }
}

/// A store, a far side, and a worker between them.
struct World {
    far: Arc<Mutex<Far>>,
    store: Arc<dyn Store>,
    clock: SteppedClock,
    crash: Arc<Notify>,
    worker: Delivery,
    lines: Lines,
    all: BTreeSet<Seq>,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self::with(Lines::Record)
    }

    fn with(lines: Lines) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = Open::new(folder.path().join("store.db"), Key::new(&[7; 32]), Access::Owner);
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(open).unwrap());
        for source in sources() {
            store.register(&source).unwrap();
            store.begin(&source, Stream::Live, "{}", Instant(1), Instant(1)).unwrap();
        }
        let (far, crash, clock) = (Arc::default(), Arc::default(), SteppedClock::new(Instant(1_000_000)));
        let worker = worker(&store, &clock, &far, &crash, &lines);
        Self { far, store, clock, crash, worker, lines, all: BTreeSet::new(), _folder: folder }
    }

    fn far(&self) -> MutexGuard<'_, Far> {
        self.far.lock().unwrap()
    }

    /// The worker dies; another begins where the store says.
    fn restart(&mut self) {
        self.worker = worker(&self.store, &self.clock, &self.far, &self.crash, &self.lines);
    }

    /// Stores events of one page. Returns their places.
    fn store(&mut self, source: usize, lane: Lane, events: usize) -> Vec<Seq> {
        let head = self.store.head().unwrap();
        let events: Vec<Event> = (0..events).map(|n| event(self.all.len() + n)).collect();
        let page = Page {
            source: &sources()[source],
            stream: Stream::Live,
            lane,
            received: self.clock.now(),
            events: &events,
            known: &[],
            checkpoint: "{}",
            through: Instant(1),
            gaps: &[],
            finished: false,
            generation: None,
        };
        self.store.commit(&page).unwrap();
        let range = Range { source: &sources()[source], lane, after: head, sink: None, events: 1000, bytes: usize::MAX };
        let seqs: Vec<Seq> = self.store.read(&range).unwrap().into_iter().map(|event| event.seq).collect();
        self.all.extend(&seqs);
        seqs
    }

    /// Marks these as events to be tried again.
    fn again(&self, seqs: &[Seq]) {
        let again = |seq: &Seq| Parked {
            sink: name(),
            source: sources()[0].clone(),
            seq: *seq,
            reason: "lost there".to_owned(),
            at: Instant(0),
            retry: true,
        };
        self.store.park(&seqs.iter().map(again).collect::<Vec<_>>()).unwrap();
    }

    /// One step, or a crash in the middle of it.
    async fn step(&mut self) -> Option<Next> {
        tokio::select! {
            biased;
            next = self.worker.step() => Some(next.unwrap()),
            () = self.crash.notified() => {
                self.restart();
                None
            }
        }
    }

    /// Steps until everything is delivered, waiting on the stepped clock.
    async fn until_idle(&mut self) {
        for _ in 0..5000 {
            match self.step().await {
                Some(Next::Idle) => return,
                Some(Next::At(at)) => self.clock.step_to(at),
                Some(Next::AtOnce) | None => {}
            }
        }
        panic!("still not idle: {:?}", self.state());
    }

    /// Steps for that long on the stepped clock.
    async fn during(&mut self, time: Duration) {
        let end = self.clock.now().plus(time);
        while self.clock.now() < end {
            match self.step().await {
                Some(Next::Idle) => return,
                Some(Next::At(at)) => self.clock.step_to(at.min(end)),
                Some(Next::AtOnce) | None => {}
            }
        }
    }

    fn state(&self) -> State {
        self.worker.status().borrow().state.clone()
    }

    fn taken(&self) -> Vec<Seq> {
        self.far().taken.iter().map(|(_, _, seq)| *seq).collect()
    }

    fn parked(&self) -> Vec<Seq> {
        self.store.parked().unwrap().into_iter().map(|parked| parked.seq).collect()
    }
}

fn worker(store: &Arc<dyn Store>, clock: &SteppedClock, far: &Arc<Mutex<Far>>, crash: &Arc<Notify>, lines: &Lines) -> Delivery {
    Delivery::new(Parts {
        name: name(),
        sources: sources(),
        store: Arc::clone(store),
        clock: Arc::new(clock.clone()),
        sink: Box::new(Scripted(Arc::clone(far), Arc::clone(crash))),
        lines: lines.clone(),
    })
}

fn name() -> SinkName {
    "sumo".parse().unwrap()
}

fn sources() -> Vec<SourceName> {
    ["acme", "beta"].map(|name| name.parse().unwrap()).into()
}

fn event(n: usize) -> Event {
    Event {
        id: format!("id-{n}"),
        time: 1,
        action: "board_opened".to_owned(),
        category: None,
        traits: Vec::new(),
        outcome: Happened::Success,
        actor: Actor { kind: ActorKind::User, id: None, name: None, email: None },
        object: None,
        team: None,
        organization: None,
        ip: None,
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: format!(r#"{{"id":"id-{n}"}}"#),
    }
}

fn line(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}
