//! One object of Miro's audit log in, one event out. It never fails, and nothing of the object is lost.
//!
//! The object is described at <https://developers.miro.com/reference/enterprise-get-audit-logs>; no field of it is
//! required there, so every one may be missing, null or of another type.
//!
//! | event | from |
//! |---|---|
//! | `record` | the object, every byte of it kept in order, numbers and unknown fields too. Three things change: `createdAt` is rewritten to `yyyy-MM-dd'T'HH:mm:ss.SSS+0000` unless it already is (or is unreadable), and an object of several lines is put on one, and what is nested more than 100 deep becomes a text of its JSON, with the trait `flattened`. What is no object is kept under `raw`. |
//! | `id` | `id`, a string or the text of a number, up to 1024 bytes; else `sha256:` and the digest of `record`, with the trait `id-made` |
//! | `time` | `createdAt` (`time.rs`); else the time in `id` before its `#`; else the end of the window it was read in; both with the trait `time-guessed` |
//! | `action` | `event`; else `unknown` |
//! | `category` | `category` |
//! | `traits` | a table (`traits.rs`), which the configuration overrides |
//! | `outcome` | the words of `event` (`words.rs`) |
//! | `actor` | `createdBy`; its `type` gives the kind; `email` is lower-cased |
//! | `object` | `object`; its kind from its `type` (which Miro does not send yet), else from the words of `event` |
//! | `team`, `organization` | `context.team`, `context.organization` |
//! | `ip` | `context.ip` |
//! | `user-agent`, `session` | Miro has none |
//! | `extra` | the scalars in `details` by dotted name: at most 64, 8 levels deep, 4 KiB each (`details.rs`) |
//!
//! Where a key comes twice the last one counts, and the record keeps both. An empty string counts as missing, and so does a text of more than 64 KiB.
//! A string with a lone surrogate is used as its escaped source.

mod details;
mod record;
pub(crate) mod time;
mod traits;
pub(crate) mod words;

#[cfg(test)]
mod tests;

pub(crate) use guest_source::json;
use guest_source::nesting;
use serde_json::value::RawValue;

pub use self::traits::{ID_MADE, TIME_GUESSED, Traits, UNMAPPED};
use crate::types::{Actor, ActorKind, Entity, Event};

/// The longest identifier, in bytes: a host refuses a page with a longer one, and Miro's have 57.
const ID: usize = 1024;
/// The longest of the other texts; the record keeps what is longer.
const FIELD: usize = 64 << 10;

/// The action of an event that does not say what it is.
pub const UNKNOWN_ACTION: &str = "unknown";

/// The event that `raw` is. `window_end`: the time of an event that has none, in milliseconds since 1970.
#[must_use]
pub fn event(traits: &Traits<'_>, raw: &str, window_end: u64) -> Event {
    let record = record::canonical(raw).into_owned();
    let [id, time, action, category, created_by, object, context, details] =
        json::members(&record, &["id", "createdAt", "event", "category", "createdBy", "object", "context", "details"]).unwrap_or_default();
    let [ip, team, organization] =
        context.and_then(|context| json::members(context.get(), &["ip", "team", "organization"])).unwrap_or_default();

    let action = field(action).unwrap_or_else(|| UNKNOWN_ACTION.to_owned());
    let mut traits = traits.of(&action);
    if nesting::is_flat(&record) {
        push(&mut traits, nesting::FLATTENED);
    }
    let id = json::owned(id).filter(|id| id.len() <= ID);
    let time = json::text(time).and_then(|text| time::parse(&text)).unwrap_or_else(|| {
        push(&mut traits, TIME_GUESSED);
        id.as_deref().and_then(|id| time::parse(id.split_once('#')?.0)).unwrap_or(window_end)
    });
    let id = id.unwrap_or_else(|| {
        push(&mut traits, ID_MADE);
        record::made_id(&record)
    });
    let words = words::words(&action);
    Event {
        id,
        time,
        category: field(category),
        traits,
        outcome: words::outcome(&words),
        actor: actor(created_by),
        object: entity(object, words::kind(&words)),
        team: entity(team, Some("team")),
        organization: entity(organization, Some("organization")),
        ip: field(ip),
        user_agent: None,
        session: None,
        extra: details::facts(details),
        action,
        record,
    }
}

/// Stored records to the events they came from, in order. They are the same events again, except that one whose record
/// holds no time at all gets the time 0 with the trait `time-guessed`: keep the time that was stored with it.
#[must_use]
pub fn records(traits: &Traits<'_>, records: &[String]) -> Vec<Result<Event, String>> {
    records.iter().map(|record| stored(traits, record)).collect()
}

/// One stored record to its event.
pub(crate) fn stored(traits: &Traits<'_>, record: &str) -> Result<Event, String> {
    match json::members(record, &[]) {
        Some([]) => Ok(event(traits, record, 0)),
        None => Err("cannot read a stored record: it is not one JSON object, so it was not written by this component".to_owned()),
    }
}

/// A text that is not too long for a host.
fn field(value: Option<&RawValue>) -> Option<String> {
    json::owned(value).filter(|text| text.len() <= FIELD)
}

fn push(traits: &mut Vec<String>, name: &str) {
    if !traits.iter().any(|known| known == name) {
        traits.push(name.to_owned());
    }
}

fn actor(created_by: Option<&RawValue>) -> Actor {
    let [kind, id, name, email] =
        created_by.and_then(|actor| json::members(actor.get(), &["type", "id", "name", "email"])).unwrap_or_default();
    let kind = match json::text(kind).as_deref() {
        Some("user") => ActorKind::User,
        Some("application") => ActorKind::Application,
        Some("scim_provisioner") => ActorKind::Provisioner,
        Some("miro_automation") => ActorKind::Automation,
        _ => ActorKind::Unknown,
    };
    let email = field(email).map(|email| email.to_lowercase()).filter(|email| email.len() <= FIELD);
    Actor { kind, id: field(id), name: field(name), email }
}

/// An object with an identifier or a name; `None` where it has neither.
fn entity(value: Option<&RawValue>, kind: Option<&str>) -> Option<Entity> {
    let [own_kind, id, name] = json::members(value?.get(), &["type", "id", "name"])?;
    let (id, name) = (field(id), field(name));
    (id.is_some() || name.is_some()).then(|| Entity { kind: field(own_kind).or_else(|| kind.map(ToOwned::to_owned)), id, name })
}
