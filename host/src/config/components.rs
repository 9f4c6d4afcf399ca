//! `[components]`: which components may run besides those that are built in.

use toml::de::DeValue;

use super::{
    ComponentsConfig,
    section::{Entry, Section},
};
use crate::trust::{Digest, KeyError, PublicKey};

const KEYS: &str = "write the keys as minisign prints them, like trusted_keys = [\"RWQ…\"]: the second line of each .pub file";
const DIGESTS: &str = "write them like digests = [\"sha256:…\"], with 64 hex digits each; `sha256sum FILE` prints them";

/// Reads it; what is wrong is noted.
pub(super) fn components(root: &Section<'_>) -> Option<ComponentsConfig> {
    let Some(mut entry) = root.entry("components") else { return Some(ComponentsConfig::default()) };
    entry.label = "[components]".to_owned();
    let section = entry.table(&["trusted_keys", "signatures", "digests"], "write [components] on a line of its own and its keys below")?;
    let trusted_keys = match section.entry("trusted_keys") {
        Some(entry) => keys(&entry),
        None => Some(Vec::new()),
    };
    let digests = match section.entry("digests") {
        Some(entry) => digests(&entry),
        None => Some(Vec::new()),
    };
    let signatures = match section.entry("signatures") {
        Some(entry) => signatures(&entry, trusted_keys.as_deref()),
        None => Some(1),
    };
    Some(ComponentsConfig { trusted_keys: trusted_keys?, signatures: signatures?, digests: digests? })
}

fn keys(entry: &Entry<'_>) -> Option<Vec<PublicKey>> {
    let mut keys: Vec<(PublicKey, usize)> = Vec::new();
    let mut wrong = false;
    for (text, entry) in entry.texts(KEYS)? {
        let key = match text.parse::<PublicKey>() {
            Ok(key) => key,
            Err(why) => {
                wrong = true;
                match why {
                    KeyError::Secret => entry.note(
                        "is a secret key, which must not stand in this file",
                        "write the public one, the second line of the .pub file; whoever could read this file can sign with that key: \
                         replace it (`miro-source components keygen`)",
                    ),
                    _ => entry.wrong("a public key of minisign: 56 characters that begin with RW", KEYS),
                }
                continue;
            }
        };
        let line = entry.document.line(entry.span.start);
        if let Some((_, there)) = keys.iter().find(|(known, _)| known.is_same_key(&key)) {
            wrong = true;
            entry.note(format_args!("is the same key as the one on line {there}"), "a key counts once: remove one of the two");
        } else if let Some((_, there)) = keys.iter().find(|(known, _)| known.id() == key.id()) {
            wrong = true;
            entry.note(
                format_args!("has the id {}, and so has another key, on line {there}", key.id()),
                "no two keys have one id by chance: ask their owners which of them is right",
            );
        } else {
            keys.push((key, line));
        }
    }
    (!wrong).then(|| keys.into_iter().map(|(key, _)| key).collect())
}

/// How many must sign. `keys`: where they could be read.
fn signatures(entry: &Entry<'_>, keys: Option<&[PublicKey]>) -> Option<usize> {
    let number = match entry.value {
        DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    match (keys, number) {
        (Some([]), _) => {
            entry.note("has no keys to count", "name the keys that may sign in `trusted_keys`, or remove this line");
            None
        }
        (Some(keys), number) if !number.is_some_and(|number| (1..=keys.len()).contains(&number)) => {
            let expected = match keys.len() {
                1 => "1, as there is one key in `trusted_keys`".to_owned(),
                count => format!("a number from 1 to {count}, as there are {count} keys in `trusted_keys`"),
            };
            entry.wrong(&expected, "write how many different keys must have signed a component, like signatures = 1");
            None
        }
        // With wrong keys nobody can say how many there are.
        (_, number) => number.or(Some(1)),
    }
}

fn digests(entry: &Entry<'_>) -> Option<Vec<Digest>> {
    let mut digests: Vec<Digest> = Vec::new();
    let mut wrong = false;
    for (text, entry) in entry.texts(DIGESTS)? {
        match text.parse::<Digest>() {
            Ok(digest) if digests.contains(&digest) => {
                wrong = true;
                entry.note("stands there twice", "remove one of the two");
            }
            Ok(digest) => digests.push(digest),
            Err(_) => {
                wrong = true;
                let bare = format!("sha256:{text}");
                let help = if bare.parse::<Digest>().is_ok() { format!("write \"{bare}\"") } else { DIGESTS.to_owned() };
                entry.wrong("`sha256:` and 64 hex digits", help);
            }
        }
    }
    (!wrong).then_some(digests)
}
