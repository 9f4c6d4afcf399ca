//! What is shown, on values and over real sockets.

mod dashboard;
mod parser;
mod readiness;
mod serving;
mod text;

use crate::{
    model::Instant,
    schedule::{Kind, Problem, Remedy, State, Status},
    sink::{self, Trouble},
    store::room::Limits,
    web::Seen,
};

/// The moment of every test.
const NOW: Instant = Instant(1_780_272_000_000);

fn collecting(name: &str) -> Status {
    Status { state: State::Collecting, ..Status::new(name.parse().unwrap(), NOW) }
}

fn problem(kind: Kind, remedy: Remedy, message: &str) -> Option<Problem> {
    Some(Problem { kind, message: message.to_owned(), since: NOW, remedy })
}

fn sink(state: sink::State) -> sink::Status {
    sink::Status {
        state,
        accepted: 0,
        attempts: 0,
        outcomes: sink::Outcomes::default(),
        filtered: [("drop-1".to_owned(), 7)].into(),
        last_accepted: None,
        warning: None,
    }
}

fn trouble(reason: &str) -> Trouble {
    Trouble { since: NOW, reason: reason.to_owned(), next: NOW }
}

/// One source that collects and one sink that delivers.
fn seen() -> Seen {
    Seen {
        now: NOW,
        alive: true,
        stopping: false,
        sources: vec![collecting("acme")],
        sinks: vec![("sumo".parse().unwrap(), sink(sink::State::Idle))],
        alerts: vec![("sumo".parse().unwrap(), sink(sink::State::Idle))],
        refused: Vec::new(),
        max_rates: vec![("sumo".parse().unwrap(), 6_000_000)],
        limits: Limits { max_size: Some(20_000_000_000), min_free: 256_000_000 },
        lost_spans: 9,
    }
}
