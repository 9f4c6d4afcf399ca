//! The record: Miro's own object as it is stored and delivered.

use std::borrow::Cow;

pub(crate) use guest_source::record::made_id;
use guest_source::{nesting, record::wrapped};
use serde_json::value::RawValue;

use super::{json, time};

/// A canonical record of whatever Miro sent. Borrowed where it is canonical already.
///
/// Idempotent: the record of a record is that record.
pub(crate) fn canonical(sent: &str) -> Cow<'_, str> {
    nesting::flattened(timed(sent))
}

/// An object on one line, its time in the form that is delivered.
fn timed(sent: &str) -> Cow<'_, str> {
    let sent = sent.trim_matches([' ', '\t', '\n', '\r']);
    let Some(times) = created_at(sent) else {
        return Cow::Owned(wrapped(sent));
    };
    if times.is_empty() {
        return json::one_line(sent);
    }
    let mut rewritten = String::with_capacity(sent.len() + 32 * times.len());
    let mut copied = 0;
    for (value, at) in times {
        // Where the slice `value` lies within the text it was borrowed from.
        let start = (value.get().as_ptr() as usize).saturating_sub(sent.as_ptr() as usize);
        rewritten.push_str(sent.get(copied..start).unwrap_or_default());
        rewritten.push('"');
        rewritten.push_str(&time::canonical(at));
        rewritten.push('"');
        copied = start + value.get().len();
    }
    rewritten.push_str(sent.get(copied..).unwrap_or_default());
    Cow::Owned(json::one_line(&rewritten).into_owned())
}

/// Each `createdAt` that is readable but not yet in the delivered form. `None` where `sent` is not one JSON object.
fn created_at(sent: &str) -> Option<Vec<(&RawValue, u64)>> {
    let mut found = Vec::new();
    json::each_member(
        sent,
        |key| (key == b"createdAt").then_some(()),
        |(), value| {
            let canonical = value.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).is_some_and(time::is_canonical);
            if let Some(at) = (!canonical).then(|| json::text(Some(value))).flatten().and_then(|text| time::parse(&text)) {
                found.push((value, at));
            }
        },
    )?;
    Some(found)
}
