//! `details`, which is an object, a string that contains one, or anything else.

use serde_json::value::RawValue;

use super::json;

/// How many facts are taken. The record keeps them all.
const MOST: usize = 64;
/// How deep they may lie.
const DEEPEST: usize = 8;
/// How long one may be, in bytes of JSON.
const LONGEST: usize = 4096;
/// How long its name may be; a host refuses a page with a longer one.
const NAME: usize = 1024;

/// The scalars within `details` as `details.role`, `details.roles.0`, … with their JSON. Nulls are left out;
/// where a name comes twice, the last wins.
pub(crate) fn facts(details: Option<&RawValue>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Some(details) = details else { return found };
    // The published example of an object is a string of JSON: such a string counts as what it contains.
    let inner = details.get().starts_with('"').then(|| serde_json::from_str::<String>(details.get()).ok()).flatten();
    match inner.as_deref().map(str::trim).filter(|inner| inner.starts_with('{') && json::all_members(inner).is_some()) {
        Some(object) => collect(object, "details", DEEPEST, &mut found),
        None => collect(details.get(), "details", DEEPEST, &mut found),
    }
    found
}

fn collect(value: &str, name: &str, deeper: usize, found: &mut Vec<(String, String)>) {
    // Checked on the way down, so that a long key is not copied once for every value below it.
    if name.len() > NAME {
        return;
    }
    match value.as_bytes().first() {
        None | Some(b'n') => {}
        Some(b'{' | b'[') if deeper == 0 => {}
        Some(b'{') => {
            for (key, value) in json::all_members(value).unwrap_or_default() {
                collect(value.get(), &format!("{name}.{key}"), deeper - 1, found);
            }
        }
        Some(b'[') => {
            for (at, value) in json::elements(value).unwrap_or_default().into_iter().take(MOST).enumerate() {
                collect(value.get(), &format!("{name}.{at}"), deeper - 1, found);
            }
        }
        Some(_) if value.len() > LONGEST => {}
        Some(_) => {
            let room = found.len() < MOST;
            match found.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => value.clone_into(known),
                None if room => found.push((name.to_owned(), value.to_owned())),
                None => {}
            }
        }
    }
}
