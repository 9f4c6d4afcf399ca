//! The record: Miro's own object as it is stored and delivered.

use std::borrow::Cow;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{json, time};

/// The key under which something that is no object is kept.
const WRAPPED: &str = "raw";

/// A canonical record of whatever Miro sent. Borrowed where it is canonical already.
///
/// Idempotent: the record of a record is that record.
pub(crate) fn canonical(sent: &str) -> Cow<'_, str> {
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

/// An object around something that is none: any other JSON value as it is, anything else as a string.
fn wrapped(sent: &str) -> String {
    match serde_json::from_str::<&RawValue>(sent) {
        Ok(value) => format!("{{\"{WRAPPED}\":{}}}", json::one_line(value.get())),
        Err(_) => serde_json::json!({ WRAPPED: sent }).to_string(),
    }
}

/// An identifier for a record that has none: `sha256:` and 64 hex digits.
pub(crate) fn made_id(record: &str) -> String {
    let mut id = String::with_capacity(71);
    id.push_str("sha256:");
    for byte in Sha256::digest(record) {
        id.extend([byte >> 4, byte & 15].iter().filter_map(|&half| char::from_digit(u32::from(half), 16)));
    }
    id
}
