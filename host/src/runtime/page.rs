//! What a page must be before anything of it is stored. A component is not trusted to keep its contract.

use audit_pipeline::{
    source::{Note, Page},
    types::{Credentials, Entity, Event, Failure},
};

/// The longest identifier. Vendors use 19 digits or a UUID; a derived one has 71 characters.
const ID: usize = 1 << 10;
/// 9999-12-31T23:59:59.999Z, the last time that RFC 3339 can write.
const LAST: u64 = 253_402_300_799_999;
/// The longest checkpoint: it is rewritten with every page.
const CHECKPOINT: usize = 1 << 20;
/// The longest single record.
const RECORD: usize = 16 << 20;
/// More events than any vendor returns for one request.
const EVENTS: usize = 50_000;
/// Notes beyond this are dropped: they are for people.
const NOTES: usize = 1000;
/// The longest text for people.
const TEXT: usize = 2000;
/// Traits, and facts of an event.
const TRAITS: usize = 64;
const EXTRA: usize = 256;
/// The longest short field: verbs, names, addresses, user agents.
const FIELD: usize = 64 << 10;

/// Checks a page, and shortens what is only for people.
pub(super) fn check(page: &mut Page) -> Result<(), String> {
    if page.events.len() > EVENTS {
        return Err(format!("a page of {} events, at most {EVENTS} are allowed", page.events.len()));
    }
    json_object("the checkpoint", &page.checkpoint, CHECKPOINT)?;
    if page.through > LAST {
        return Err(format!("`through` is {} ms, past the year 9999", page.through));
    }
    for (at, each) in page.events.iter().enumerate() {
        event(each).map_err(|why| format!("event {at} of the page: {why}"))?;
    }
    page.notes.truncate(NOTES);
    for note in &mut page.notes {
        match note {
            Note::Gap(gap) if gap.start > gap.end || gap.end > LAST => {
                return Err(format!("a gap from {} ms to {} ms", gap.start, gap.end));
            }
            Note::Gap(gap) => shorten(&mut gap.cause),
            Note::Warning(text) => shorten(text),
            Note::Clock(_) | Note::Meter(_) => {}
        }
    }
    Ok(())
}

/// Checks one event.
pub(super) fn event(event: &Event) -> Result<(), String> {
    if event.id.is_empty() {
        return Err("an empty id".to_owned());
    }
    at_most("the id", &event.id, ID)?;
    if event.time > LAST {
        return Err(format!("its time is {} ms, past the year 9999", event.time));
    }
    json_object("the record", &event.record, RECORD)?;
    if event.record.contains('\n') || event.record.contains('\r') {
        return Err("its record is more than one line".to_owned());
    }
    at_most("the action", &event.action, FIELD)?;
    let actor = &event.actor;
    let optional = [&event.category, &event.ip, &event.user_agent, &event.session, &actor.id, &actor.name, &actor.email];
    optional.into_iter().flatten().try_for_each(|text| at_most("a field", text, FIELD))?;
    for Entity { kind, id, name } in [&event.object, &event.team, &event.organization].into_iter().flatten() {
        [kind, id, name].into_iter().flatten().try_for_each(|text| at_most("a field", text, FIELD))?;
    }
    if event.traits.len() > TRAITS || event.traits.iter().any(|word| word.len() > ID) {
        return Err(format!("more than {TRAITS} traits, or one longer than {ID} bytes"));
    }
    if event.extra.len() > EXTRA || event.extra.iter().any(|(name, _)| name.len() > ID) {
        return Err(format!("more than {EXTRA} further facts, or a name longer than {ID} bytes"));
    }
    Ok(())
}

/// One JSON object. Parsed once, nothing kept.
pub(super) fn json_object(what: &str, text: &str, most: usize) -> Result<(), String> {
    at_most(what, text, most)?;
    if !text.starts_with('{') {
        return Err(format!("{what} is not a JSON object"));
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(why) => Err(format!("{what} is not JSON: {:?} at column {}", why.classify(), why.column())),
    }
}

/// Credentials that can be kept. Only what cannot be a token is refused: a pair that is thrown away is gone for good.
pub(super) fn credentials(credentials: &Credentials) -> Result<(), String> {
    let empty = |token: &String| token.is_empty();
    if credentials.access_token.is_empty() || credentials.refresh_token.as_ref().is_some_and(empty) {
        return Err("credentials with an empty token".to_owned());
    }
    Ok(())
}

/// A failure whose text is short enough to show.
pub(super) fn failure(mut failure: Failure) -> Failure {
    match &mut failure {
        Failure::Unavailable(text)
        | Failure::Unauthorized(text)
        | Failure::Forbidden(text)
        | Failure::Invalid(text)
        | Failure::Protocol(text) => shorten(text),
        Failure::Throttled(_) | Failure::Expired => {}
    }
    failure
}

fn at_most(what: &str, text: &str, most: usize) -> Result<(), String> {
    if text.len() > most { Err(format!("{what} is {} bytes long, at most {most} are allowed", text.len())) } else { Ok(()) }
}

/// Cuts a text for people, between characters.
pub(super) fn shorten(text: &mut String) {
    if text.len() > TEXT {
        let end = (0..=TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
#[path = "page/tests.rs"]
mod tests;
