//! From the way that `activity-policy` tells to the place in the file.

use std::ops::Range;

use activity_policy::Step;
use toml::{Spanned, de::DeValue};

use crate::config::section::Entry;

/// Where the way leads; where it leads to nothing, the last thing on it.
pub(super) fn place(entry: &Entry<'_>, path: &[Step]) -> Range<usize> {
    let mut found = entry.span.clone();
    let mut value = entry.value;
    for step in path {
        let Some(next) = follow(value, step) else { break };
        found = next.span();
        value = next.get_ref();
    }
    found
}

fn follow<'a>(value: &'a DeValue<'a>, step: &Step) -> Option<&'a Spanned<DeValue<'a>>> {
    match (value, step) {
        (DeValue::Table(table), Step::Key(key)) => table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value),
        (DeValue::Array(items), Step::Index(index)) => items.get(*index),
        _ => None,
    }
}
