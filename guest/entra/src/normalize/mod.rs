//! One sign-in of Entra in, one event out. It never fails, and nothing of the sign-in is lost.
//!
//! The object is described at <https://learn.microsoft.com/graph/api/resources/signin>; no field of it is taken for granted.
//!
//! | event | from |
//! |---|---|
//! | `record` | the object, every byte of it kept in order, on one line; what is nested more than 100 deep is a text of its JSON, with the trait `flattened`. What is no object is kept under `raw`. |
//! | `id` | `id`, up to 1024 bytes; else `sha256:` and the digest of `record`, with the trait `id-made` |
//! | `time` | `createdDateTime`, cut to milliseconds; else the end of the window it was read in, with the trait `time-guessed` |
//! | `action`, `category` | `sign-in`, `signIns` |
//! | `traits` | `sign-in`; `interactive` where `isInteractive` |
//! | `outcome` | `status.errorCode` (`outcome.rs`) |
//! | `actor` | `userId`, `userDisplayName`, `userPrincipalName` in lower case where it is an address. Who is not in the tenant has an identifier of zeros, which names nobody |
//! | `object` | the application: `appId`, `appDisplayName` |
//! | `ip` | `ipAddress` |
//! | `user-agent` | `userAgent`, which the version 1.0 of Graph does not send yet |
//! | `session`, `team`, `organization` | Entra says none |
//! | `extra` | `status.error_code`, `status.reason`, `client`, `conditional_access`, `risk`, `device.name`, `device.os`, `device.browser` as they are, up to 4 KiB each; `device.type`, `device.tags` (`device.rs`) |
//!
//! Where a key comes twice the last one counts, and the record keeps both. An empty string counts as missing.

mod device;
mod outcome;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use guest_source::{json, nesting, record};
use serde_json::value::RawValue;

use crate::{
    types::{Actor, ActorKind, Entity, Event},
    words,
};

/// The longest identifier, in bytes: a host refuses a page with a longer one, and Entra's have 36.
const ID: usize = 1024;
/// The longest of the other texts; the record keeps what is longer.
const FIELD: usize = 64 << 10;
/// The longest fact, in bytes of JSON.
const FACT: usize = 4096;
/// The identifier of a user whom the tenant does not have.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// What every sign-in is called.
pub const ACTION: &str = "sign-in";
/// The list they are of.
pub const CATEGORY: &str = "signIns";
const TIME_GUESSED: &str = "time-guessed";

/// The event that `raw` is. `window_end`: the time of one that has none, in milliseconds since 1970.
#[must_use]
pub fn event(raw: &str, window_end: u64) -> Event {
    let record = canonical(raw).into_owned();
    let [id, time, interactive, status, app_id, app_name, ip, agent] =
        json::members(&record, &["id", "createdDateTime", "isInteractive", "status", "appId", "appDisplayName", "ipAddress", "userAgent"])
            .unwrap_or_default();
    let [code, reason] = inside(status, &["errorCode", "failureReason"]);

    let mut traits = vec!["sign-in".to_owned()];
    if interactive.is_some_and(|value| value.get() == "true") {
        traits.push("interactive".to_owned());
    }
    if nesting::is_flat(&record) {
        traits.push(nesting::FLATTENED.to_owned());
    }
    let time = json::text(time).and_then(|text| words::instant(&text)).unwrap_or_else(|| {
        traits.push(TIME_GUESSED.to_owned());
        window_end
    });
    let id = json::owned(id).filter(|id| id.len() <= ID).unwrap_or_else(|| {
        traits.push("id-made".to_owned());
        record::made_id(&record)
    });
    let (app_id, app_name) = (field(app_id), field(app_name));
    Event {
        id,
        time,
        action: ACTION.to_owned(),
        category: Some(CATEGORY.to_owned()),
        traits,
        outcome: outcome::of(json::text(code).as_deref()),
        actor: actor(&record),
        object: (app_id.is_some() || app_name.is_some()).then(|| Entity {
            kind: Some("application".to_owned()),
            id: app_id,
            name: app_name,
        }),
        team: None,
        organization: None,
        ip: field(ip),
        user_agent: field(agent),
        session: None,
        extra: facts(&record, code, reason),
        record,
    }
}

/// Stored records to the events they came from, in order. They are the same events again, except that one whose record
/// holds no time at all gets the time 0 with the trait `time-guessed`: keep the time that was stored with it.
#[must_use]
pub fn records(records: &[String]) -> Vec<Result<Event, String>> {
    records.iter().map(|record| stored(record)).collect()
}

/// One stored record to its event.
pub(crate) fn stored(record: &str) -> Result<Event, String> {
    match json::members(record, &[]) {
        Some([]) => Ok(event(record, 0)),
        None => Err("cannot read a stored record: it is not one JSON object, so it was not written by this component".to_owned()),
    }
}

/// Its time is not Entra's word.
pub(crate) fn guessed(event: &Event) -> bool {
    event.traits.iter().any(|name| name == TIME_GUESSED)
}

fn canonical(sent: &str) -> Cow<'_, str> {
    let sent = sent.trim_matches([' ', '\t', '\n', '\r']);
    nesting::flattened(match json::members(sent, &[]) {
        Some([]) => json::one_line(sent),
        None => Cow::Owned(record::wrapped(sent)),
    })
}

/// The members of a value that is an object; nothing of any other.
fn inside<'a, const N: usize>(value: Option<&'a RawValue>, names: &[&str; N]) -> [Option<&'a RawValue>; N] {
    value.and_then(|value| json::members(value.get(), names)).unwrap_or([None; N])
}

/// A text that is not too long for a host.
fn field(value: Option<&RawValue>) -> Option<String> {
    json::owned(value).filter(|text| text.len() <= FIELD)
}

fn actor(record: &str) -> Actor {
    let [id, name, address] = json::members(record, &["userId", "userDisplayName", "userPrincipalName"]).unwrap_or_default();
    let id = field(id).filter(|id| id != NOBODY);
    let (name, email) = (field(name), json::text(address).and_then(|text| words::address(&text)));
    let known = id.is_some() || name.is_some() || email.is_some();
    Actor { kind: if known { ActorKind::User } else { ActorKind::Unknown }, id, name, email }
}

fn facts(record: &str, code: Option<&RawValue>, reason: Option<&RawValue>) -> Vec<(String, String)> {
    let [device, client, access, risk] =
        json::members(record, &["deviceDetail", "clientAppUsed", "conditionalAccessStatus", "riskLevelDuringSignIn"]).unwrap_or_default();
    let [name, os, browser] = inside(device, &["displayName", "operatingSystem", "browser"]);
    let verbatim = [
        ("status.error_code", code),
        ("status.reason", reason),
        ("client", client),
        ("conditional_access", access),
        ("risk", risk),
        ("device.name", name),
        ("device.os", os),
        ("device.browser", browser),
    ];
    let mut facts: Vec<(String, String)> =
        verbatim.iter().filter_map(|(name, value)| fact(*value).map(|json| ((*name).to_owned(), json))).collect();
    if let Some(kind) = json::text(os).and_then(|os| device::kind(&os)) {
        facts.push(("device.type".to_owned(), format!("\"{kind}\"")));
    }
    let tags = device::tags(device);
    if !tags.is_empty() {
        facts.push(("device.tags".to_owned(), format!("[\"{}\"]", tags.join("\",\""))));
    }
    facts
}

/// A text or a number as it is written.
fn fact(value: Option<&RawValue>) -> Option<String> {
    json::text(value)?;
    value.map(|value| value.get().to_owned()).filter(|json| json.len() <= FACT)
}
