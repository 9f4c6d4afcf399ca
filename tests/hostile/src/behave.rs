//! What a component answers that does nothing wrong: one event a page, its checkpoint a count.

use crate::{
    source::{Allowance, Identity, Next, Page, Reading},
    types::{Actor, ActorKind, Credentials, Description, Event, Failure, Outcome},
};

/// About this component.
pub fn description() -> Description {
    Description { name: "hostile".to_owned(), version: "0.1.0".to_owned(), config_schema: "{}".to_owned(), secrets: Vec::new() }
}

/// A meter like any.
pub fn allowance() -> Allowance {
    Allowance { events: 1, cost: 1, budget: 1000, unit: "requests".to_owned() }
}

/// Nobody in particular.
pub fn identity() -> Identity {
    Identity { organization: None, user: None, scopes: Vec::new(), missing: Vec::new() }
}

/// Tokens like any.
pub fn credentials() -> Credentials {
    Credentials { access_token: "access".to_owned(), refresh_token: Some("refresh".to_owned()), expires_at: None }
}

/// How many pages came before, as the checkpoint says.
pub fn step(checkpoint: &str) -> Result<u64, Failure> {
    let read: Result<serde_json::Value, _> = serde_json::from_str(checkpoint);
    let step = read.ok().and_then(|checkpoint| checkpoint.get("step")?.as_u64());
    step.ok_or_else(|| Failure::Invalid("the checkpoint is not this component's".to_owned()))
}

/// The checkpoint after so many pages.
pub fn checkpoint(step: u64) -> String {
    format!("{{\"step\":{step}}}")
}

/// The page number `step`, with one event.
pub fn page(step: u64, now: u64) -> Page {
    Page {
        events: vec![event(format!("hostile-{step}"), now, "{}".to_owned())],
        checkpoint: checkpoint(step.saturating_add(1)),
        reading: Reading::Live,
        through: now,
        next: Next::CaughtUp,
        notes: Vec::new(),
    }
}

/// An event with nothing in it.
pub fn event(id: String, time: u64, record: String) -> Event {
    Event {
        id,
        time,
        action: "attacked".to_owned(),
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
        record,
    }
}
