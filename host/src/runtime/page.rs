//! What a page must be before anything of it is stored. A component is not trusted to keep its contract.

use audit_pipeline::{
    source::{Next, Note, Page},
    types::{Entity, Event},
};

use super::answer::{at_most, json, json_object, shorten, wait};

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
/// Warnings and the like beyond this are left out: they are for people, and an honest page has one or two.
const NOTES: usize = 100;
/// Gaps are stored for ever and never left out, so that more than any page can mean are refused.
const GAPS: usize = 100;
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
    checkpoint(&page.checkpoint)?;
    if page.through > LAST {
        return Err(format!("`through` is {} ms, past the year 9999", page.through));
    }
    for (at, each) in page.events.iter().enumerate() {
        event(each).map_err(|why| format!("event {at} of the page: {why}"))?;
    }
    if let Next::After(for_so_long) = &mut page.next {
        *for_so_long = wait(*for_so_long);
    }
    notes(&mut page.notes)
}

/// Checks a checkpoint.
pub(super) fn checkpoint(checkpoint: &str) -> Result<(), String> {
    json_object("the checkpoint", checkpoint, CHECKPOINT)
}

fn notes(notes: &mut Vec<Note>) -> Result<(), String> {
    let is_gap = |note: &Note| matches!(note, Note::Gap(_));
    let gaps = notes.iter().filter(|note| is_gap(note)).count();
    if gaps > GAPS {
        return Err(format!("a page with {gaps} gaps, at most {GAPS} are allowed"));
    }
    let (all, mut kept) = (notes.len(), 0_usize);
    notes.retain(|note| {
        kept += usize::from(!is_gap(note));
        is_gap(note) || kept <= NOTES
    });
    let left_out = all - notes.len();
    if left_out > 0 {
        notes.push(Note::Warning(format!("the component noted more than {NOTES} things about one page: {left_out} are left out")));
    }
    for note in notes {
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
    event.extra.iter().try_for_each(|(_, fact)| json("a further fact", fact, RECORD))
}

#[cfg(test)]
#[path = "page/tests.rs"]
mod tests;
