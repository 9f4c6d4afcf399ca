//! What `wit/` and the host demand of a page.

use guest_miro::{
    component,
    source::{Note, Page},
    types::Event,
};
use serde_json::Value;

/// 9999-12-31T23:59:59.999Z
const LAST: u64 = 253_402_300_799_999;

/// A page is one that a host takes.
pub(crate) fn keeps_contract(config: &str, page: &Page) {
    let checkpoint: Value = serde_json::from_str(&page.checkpoint).unwrap_or_default();
    assert!(checkpoint.get("v").is_some(), "a checkpoint without version: {}", page.checkpoint);
    assert!(page.checkpoint.len() <= 1 << 20, "a checkpoint of {} bytes", page.checkpoint.len());
    assert!(page.through <= LAST, "read through {}", page.through);
    for note in &page.notes {
        if let Note::Gap(gap) = note {
            assert!(gap.start < gap.end && gap.end <= LAST && !gap.cause.is_empty(), "{gap:?}");
        }
    }
    page.events.iter().for_each(event);
    // Stored records are the same events again, whatever the time that stands in none of them.
    let records: Vec<String> = page.events.iter().map(|event| event.record.clone()).collect();
    for (again, first) in component::normalize(config, &records).into_iter().zip(&page.events) {
        let again = again
            .map(|event| if first.traits.iter().any(|name| name == "time-guessed") { Event { time: first.time, ..event } } else { event });
        assert_eq!(again.as_ref(), Ok(first));
    }
    for event in component::ocsf(config, &records) {
        let event: Value = event.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        assert!(event.get("class_uid").is_some_and(Value::is_u64) && event.get("time").is_some_and(Value::is_u64), "{event}");
    }
}

/// An event is one that a host stores.
fn event(event: &Event) {
    assert!(!event.id.is_empty() && event.id.len() <= 1 << 10, "an id of {} bytes", event.id.len());
    assert!(event.time <= LAST, "a time of {}", event.time);
    assert!(!event.action.is_empty(), "no action");
    assert!(event.record.starts_with('{') && !event.record.contains(['\n', '\r']), "{}", event.record);
    assert!(serde_json::from_str::<serde::de::IgnoredAny>(&event.record).is_ok(), "a record that is no JSON: {}", event.record);
    assert!(event.traits.len() <= 64 && event.extra.len() <= 256, "too much of {event:?}");
    for (name, fact) in &event.extra {
        assert!(name.len() <= 1 << 10, "a name of {} bytes", name.len());
        assert!(serde_json::from_str::<serde::de::IgnoredAny>(fact).is_ok(), "a fact that is no JSON: {fact}");
    }
    let entities = [&event.object, &event.team, &event.organization].into_iter().flatten();
    let fields = entities.flat_map(|entity| [&entity.kind, &entity.id, &entity.name]);
    let own = [&event.category, &event.ip, &event.user_agent, &event.session, &event.actor.id, &event.actor.name, &event.actor.email];
    for field in fields.chain(own).flatten().chain([&event.action]) {
        assert!(field.len() <= 64 << 10, "a field of {} bytes", field.len());
    }
}
