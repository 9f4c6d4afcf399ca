//! A page as a component returned it, checked before anybody believes it.

use audit_pipeline::{
    source::{Note, Page},
    types::Event,
};

use super::CallError;

/// An id may be so long, in bytes. Miro's have 50.
const ID: usize = 1 << 10;
/// A checkpoint.
const CHECKPOINT: usize = 1 << 20;
/// Events of one page.
const EVENTS: usize = 100_000;
/// Notes of one page.
const NOTES: usize = 1_000;
/// Traits of one event.
const TRAITS: usize = 64;
/// The last millisecond of the year 9999.
const LAST: u64 = 253_402_300_799_999;

/// Checks a page against what the contract says and against `output`, the bytes it may have in all.
pub(super) fn check(page: &Page, output: usize) -> Result<(), CallError> {
    let broken = |why: String| Err(CallError::Broken(why));
    if page.events.len() > EVENTS {
        return broken(format!("a page of {} events", page.events.len()));
    }
    if page.checkpoint.len() > CHECKPOINT {
        return broken(format!("a checkpoint of {} bytes", page.checkpoint.len()));
    }
    if page.notes.len() > NOTES {
        return broken(format!("{} notes on one page", page.notes.len()));
    }
    if page.through > LAST {
        return broken("a watermark after the year 9999".into());
    }
    let mut size = page.checkpoint.len();
    for note in &page.notes {
        size += match note {
            Note::Gap(gap) if gap.start >= gap.end || gap.end > LAST => return broken("a gap that ends before it begins".into()),
            Note::Gap(gap) => gap.cause.len(),
            Note::Warning(text) => text.len(),
            Note::Clock(_) | Note::Meter(_) => 0,
        };
    }
    for (index, event) in page.events.iter().enumerate() {
        if let Some(why) = wrong(event) {
            return broken(format!("event {index} of the page has {why}"));
        }
        size += weight(event);
        if size > output {
            return broken(format!("a page of more than {output} bytes"));
        }
    }
    Ok(())
}

/// What is wrong with an event.
fn wrong(event: &Event) -> Option<String> {
    let record = event.record.as_bytes();
    if event.id.is_empty() {
        return Some("no id".into());
    }
    if event.id.len() > ID {
        return Some(format!("an id of {} bytes", event.id.len()));
    }
    if event.time > LAST {
        return Some("a time after the year 9999".into());
    }
    if event.traits.len() > TRAITS {
        return Some(format!("{} traits", event.traits.len()));
    }
    if record.first() != Some(&b'{') || record.last() != Some(&b'}') {
        return Some("a record that is no JSON object".into());
    }
    if record.contains(&b'\n') || record.contains(&b'\r') {
        return Some("a record of more than one line".into());
    }
    None
}

fn weight(event: &Event) -> usize {
    let extra: usize = event.extra.iter().map(|(name, value)| name.len() + value.len()).sum();
    let traits: usize = event.traits.iter().map(String::len).sum();
    event.id.len() + event.action.len() + event.record.len() + extra + traits + 256
}
