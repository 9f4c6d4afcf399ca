//! What one of Tidemark's objects is as an event.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    component::Config,
    types::{Actor, ActorKind, Entity, Event, Outcome},
};

/// One of Tidemark's objects as an event, whatever it is. `guess`: the time of one that has none.
pub fn event(config: &Config, raw: &str, guess: u64) -> Event {
    // Between the tokens of JSON a space is as good as a line break; within a text there is none.
    let raw = raw.replace(['\n', '\r'], " ");
    let it: Value = serde_json::from_str(&raw).unwrap_or_default();
    let record = if it.is_object() { raw } else { format!("{{\"raw\":{raw}}}") };
    let word = |at: &str| it.pointer(at).and_then(Value::as_str).filter(|word| (1..=1024).contains(&word.len())).map(str::to_owned);
    let entity = |at: &str, kind| word(&format!("{at}/id")).map(|id| Entity { kind, id: Some(id), name: word(&format!("{at}/name")) });
    let action = word("/type").unwrap_or_else(|| "unknown".to_owned());
    let mut traits = config.traits_of(&action);
    let (id, time) = (word("/id"), it.pointer("/occurred_at").and_then(Value::as_u64).filter(|time| *time < 1 << 47));
    traits.extend(id.is_none().then(|| "id-made".to_owned()));
    traits.extend(time.is_none().then(|| "time-guessed".to_owned()));
    Event {
        id: id.unwrap_or_else(|| format!("sha256:{:x}", Sha256::digest(&record))),
        time: time.unwrap_or(guess),
        category: action.split('.').next().map(str::to_owned),
        traits,
        outcome: match it.pointer("/ok").and_then(Value::as_bool) {
            Some(true) => Outcome::Success,
            Some(false) => Outcome::Failure,
            None => Outcome::Unknown,
        },
        actor: Actor {
            kind: if word("/actor/email").is_some() { ActorKind::User } else { ActorKind::Application },
            id: word("/actor/id"),
            name: word("/actor/name"),
            email: word("/actor/email").map(|email| email.to_lowercase()),
        },
        object: entity("/target", word("/target/kind")),
        team: entity("/workspace", Some("workspace".to_owned())),
        organization: None,
        ip: word("/ip"),
        user_agent: word("/user_agent"),
        session: None,
        extra: Vec::new(),
        action,
        record,
    }
}
