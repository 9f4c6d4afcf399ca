//! How Tidemark pages, and what its events are. Its API is described in the README beside this.

use guest_http::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use sha2::{Digest as _, Sha256};

use crate::{
    component::Config,
    source::{Next, Note, Page, Reading, Span},
    types::{Actor, ActorKind, Entity, Event, Failure, Outcome},
};

/// An event shows up at most so long after it happened, in milliseconds.
const LATE: u64 = 900_000;

/// Where a span stands. Every poll is a pass: all pages from one instant on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "said by the line beside each")]
pub struct Checkpoint {
    pub v: u32,
    pub from: u64,       // where the pass begins
    pub to: Option<u64>, // where a fixed span ends
    pub page: u32,       // the next page of the pass
    pub began: u64,      // Tidemark's clock at the first page of the pass
    pub through: u64,    // everything before this has been read
}

#[derive(Deserialize)]
struct Envelope<'a> {
    page: u32,
    as_of: u64,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// The first checkpoint of a span.
pub fn begin(config: &Config, span: Span) -> Checkpoint {
    let (from, to) = match span {
        Span::Live(at) => (at.saturating_sub(u64::from(config.since_days) * 86_400_000), None),
        Span::Fixed((from, to)) => (from, Some(to)),
    };
    Checkpoint { v: 1, from, to, page: 1, began: from, through: from }
}

/// What to ask for.
pub fn path(at: &Checkpoint) -> String {
    let to = at.to.map(|to| format!("&to={to}")).unwrap_or_default();
    format!("/v1/events?from={}{to}&page={}&per_page=100", at.from, at.page)
}

/// The events of a page, and where the span stands after it.
pub fn page(config: &Config, mut at: Checkpoint, response: &Response, body: &str, now: u64) -> Result<Page, Failure> {
    let asked = at.page;
    let wrong = |what: &str| Failure::Protocol(format!("asked Tidemark for page {asked} of its events: {what}"));
    let read: Envelope<'_> = serde_json::from_str(body).map_err(|why| wrong(&format!("no page at column {}", why.column())))?;
    if read.page != asked {
        return Err(wrong("another page came, which would never end"));
    }
    if asked == 1 {
        at.began = read.as_of;
    }
    let more = response.header("link").is_some_and(|link| link.contains("rel=\"next\""));
    let next = match at.to {
        _ if more => Next::AtOnce,
        Some(_) => Next::Finished,
        None => Next::CaughtUp,
    };
    if more {
        at.page += 1;
    } else {
        // What was visible when the pass began has been read; what happened up to LATE before may still show up.
        at.through = at.to.unwrap_or(at.began);
        at.from = at.from.max(at.began.saturating_sub(LATE));
        at.page = 1;
    }
    let events = read.events.iter().map(|raw| event(config, raw.get(), read.as_of)).collect();
    let reading = if at.to.is_some() { Reading::Fixed } else { Reading::Live };
    let clock = i64::try_from(read.as_of).unwrap_or(i64::MAX).saturating_sub_unsigned(now);
    let checkpoint = serde_json::to_string(&at).map_err(|why| wrong(&why.to_string()))?;
    Ok(Page { events, checkpoint, reading, through: at.through, next, notes: vec![Note::Clock(clock)] })
}

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
