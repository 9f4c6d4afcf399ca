//! What is done with a store, and what it then has to show.

use std::path::Path;

use audit_pipeline::types::{Actor, ActorKind, Credentials, Event, Outcome};
use miro_source::{
    alert::Who,
    model::{Instant, Lane, Seq, SourceName, Stream},
    respond::{Action, Head, Move, Order, ResponseId, verify},
    store::{
        Old, Page, Prune, Range, Responses as _, Store as _,
        seal::Key,
        sqlite::{Access, Open, SqliteStore},
    },
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A page of so many events, each of so many random bytes.
    Commit {
        events: u8,
        size: usize,
    },
    /// The cursor to the end of the log.
    Deliver,
    Rotate,
    Intend,
    /// A person wants something done.
    Order,
    /// It is tried, and to be tried again.
    Try,
    /// Every record that was delivered may go.
    Prune,
    Reopen,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u8..6, prop_oneof![8 => 10usize..400, 2 => Just(700_000)]).prop_map(|(events, size)| Step::Commit {
            events: if size > 1000 { events.min(1) } else { events },
            size,
        }),
        3 => Just(Step::Deliver),
        1 => Just(Step::Rotate),
        1 => Just(Step::Intend),
        1 => Just(Step::Order),
        1 => Just(Step::Try),
        1 => Just(Step::Prune),
        1 => Just(Step::Reopen),
    ]
}

/// Everything the store shows, events by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    checkpoint: Option<String>,
    head: i64,
    log: Vec<(i64, u64, usize)>,
    cursor: i64,
    /// Version and attempts.
    grant: Option<(u64, u32)>,
    pages: u64,
    /// How often each response was tried.
    responses: Vec<u64>,
    /// Records of the governance log.
    records: i64,
}

pub(crate) fn acme() -> SourceName {
    "acme".parse().unwrap()
}

/// Text that does not compress, from a number.
fn noise(number: u64, size: usize) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'0' + u8::try_from(state % 75).unwrap())
    };
    (0..size).map(|_| letter()).collect()
}

fn event(number: u64, size: usize) -> Event {
    Event {
        id: format!("event {number}"),
        time: number,
        action: "board_opened".into(),
        category: None,
        traits: Vec::new(),
        outcome: Outcome::Unknown,
        actor: Actor { kind: ActorKind::Unknown, id: None, name: None, email: None },
        object: None,
        team: None,
        organization: None,
        ip: None,
        user_agent: None,
        session: None,
        extra: Vec::new(),
        record: noise(number, size),
    }
}

impl State {
    /// What a step makes of it.
    pub(crate) fn after(&self, step: &Step) -> Self {
        let mut next = self.clone();
        match step {
            Step::Commit { events, size } => {
                next.pages += 1;
                next.checkpoint = Some(next.pages.to_string());
                for _ in 0..*events {
                    next.head += 1;
                    next.log.push((next.head, u64::try_from(next.head).unwrap(), *size));
                }
            }
            Step::Deliver => next.cursor = next.head,
            Step::Rotate => next.grant = Some((next.grant.map_or(1, |(version, _)| version + 1), 0)),
            Step::Intend => next.grant = next.grant.map(|(version, attempts)| (version, attempts + 1)),
            Step::Order => {
                next.responses.push(0);
                next.records += 1;
            }
            Step::Try => {
                if let Some(tried) = next.responses.first_mut() {
                    *tried += 1;
                    next.records += 1;
                }
            }
            Step::Prune | Step::Reopen => {}
        }
        next
    }

    pub(crate) fn run(&self, store: &SqliteStore, step: &Step) -> miro_source::store::Result<()> {
        let (acme, sumo) = (acme(), "sumo".parse().unwrap());
        match step {
            Step::Commit { events, size } => {
                let first = u64::try_from(self.head).unwrap() + 1;
                let events: Vec<_> = (first..first + u64::from(*events)).map(|number| event(number, *size)).collect();
                let checkpoint = (self.pages + 1).to_string();
                let page = Page {
                    source: &acme,
                    stream: Stream::Live,
                    lane: Lane::Live,
                    received: Instant(self.pages),
                    events: &events,
                    known: &[],
                    checkpoint: &checkpoint,
                    through: Instant(self.pages),
                    gaps: &[],
                    finished: false,
                    generation: None,
                };
                store.commit(&page).map(drop)
            }
            Step::Deliver => store.advance(&sumo, &acme, Lane::Live, Seq(self.head), &[], Instant(0)),
            Step::Rotate => {
                let pair = Credentials { access_token: "access".into(), refresh_token: None, expires_at: None };
                store.put_grant(&acme, self.grant.map(|(version, _)| version), &pair, b"", Instant(0)).map(drop)
            }
            Step::Intend => match self.grant {
                Some((version, _)) => store.open_intent(&acme, version, Instant(0)).map(drop),
                None => Ok(()),
            },
            Step::Order => {
                let order = Order {
                    source: acme,
                    responder: "entra".parse().unwrap(),
                    action: Action::Suspend,
                    target: Who::default(),
                    alert: None,
                    who: "ann".into(),
                    why: noise(9, 300),
                    mail: None,
                    dry_run: false,
                    four_eyes: false,
                    reverts: None,
                };
                store.order(&order, Instant(0)).map(drop)
            }
            Step::Try => match self.responses.first() {
                Some(tried) => {
                    let retry = Move::Retry { unsure: false, why: "503".into(), trace: None, due: Instant(0) };
                    store.move_response(ResponseId(1), Some(*tried), &retry, None, Instant(0)).map(drop)
                }
                None => Ok(()),
            },
            Step::Prune => {
                store.prune(&Prune { usual: Old { records_before: Instant::FAR, ..Old::default() }, ..Prune::default() }).map(drop)
            }
            Step::Reopen => Ok(()),
        }
    }

    /// The same, but for delivered records, which retention may take.
    pub(crate) fn pruned_to(&self, found: &Self) -> bool {
        let delivered = |event: &(i64, u64, usize)| found.log.contains(event) || event.0 <= self.cursor;
        let left = Self { log: found.log.clone(), ..self.clone() };
        left == *found && found.log.iter().all(|event| self.log.contains(event)) && self.log.iter().all(delivered)
    }

    pub(crate) fn of(store: &SqliteStore) -> Self {
        let acme = acme();
        let range = Range { source: &acme, lane: Lane::Live, after: Seq(0), sink: None, events: usize::MAX, bytes: usize::MAX };
        let checkpoint = store.checkpoint(&acme, Stream::Live).unwrap().map(|checkpoint| checkpoint.body);
        let records = verify(&Head::default(), &store.governance(0, usize::MAX).unwrap()).unwrap().number;
        assert!(!store.responses_restored().unwrap(), "what stands beside the database never leads");
        let response = |number: usize| store.response(ResponseId(i64::try_from(number).unwrap())).unwrap();
        Self {
            pages: checkpoint.as_ref().map_or(0, |body| body.parse().unwrap()),
            checkpoint,
            head: store.head().unwrap().0,
            log: store.read(&range).unwrap().iter().map(|event| (event.seq.0, event.time.0, event.record.len())).collect(),
            cursor: store.cursor(&"sumo".parse().unwrap(), &acme, Lane::Live).unwrap().0,
            grant: store.grant(&acme).unwrap().map(|grant| (grant.version, grant.intent.map_or(0, |intent| intent.attempts))),
            responses: (1..).map_while(response).map(|response| response.revision).collect(),
            records,
        }
    }
}

pub(crate) fn open(path: &Path, vfs: &str) -> miro_source::store::Result<SqliteStore> {
    let usual = Open::new(path, Key::new(&[1; 32]), Access::Owner);
    SqliteStore::open(Open { vfs: Some(vfs.to_owned()), exclusive: true, ..usual })
}
