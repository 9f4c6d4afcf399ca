//! Where a secret is, as written in the file.

use std::path::PathBuf;

use toml::de::DeValue;

use super::{SecretRef, secret::credentials, section::Entry};

/// How to say where a secret is.
const HOW: &str = "write where it is: { env = \"NAME\" } for an environment variable, { file = \"/path\" }, { command = [\"program\", \"argument\"] }, \
                   or { credential = \"name\" } for what systemd hands to the service";
/// The keys of a reference.
const PLACES: [&str; 4] = ["env", "file", "command", "credential"];

impl SecretRef {
    /// The file, where it is in one.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::File(path) => Some(path.clone()),
            Self::Credential(name) => Some(credentials()?.join(name)),
            Self::Env(_) | Self::Command(_) => None,
        }
    }
}

/// Reads a reference. A secret written down in the configuration is refused and never repeated.
pub(super) fn reference(entry: &Entry<'_>) -> Option<SecretRef> {
    match entry.value {
        DeValue::Table(_) => {}
        DeValue::String(_) => {
            entry.note(
                "is written out as text; a secret does not belong in this file, which gets copied, backed up and shared",
                format!("{HOW}. If it was a real secret, consider it known and replace it"),
            );
            return None;
        }
        _ => {
            entry.wrong("where the secret is", HOW);
            return None;
        }
    }
    let table = entry.table(&PLACES, HOW)?;
    let given: Vec<_> = PLACES.into_iter().filter(|key| table.entry(key).is_some()).collect();
    match given.as_slice() {
        ["env"] => {
            let (name, entry) = table.text("env", "name the variable, like { env = \"MIRO_CLIENT_SECRET\" }")?;
            if name.contains(['=', '\0', '$']) || name.chars().any(char::is_whitespace) {
                // Not repeated: people paste the value itself here.
                entry.note("is not the name of an environment variable", "write only its name, like { env = \"MIRO_CLIENT_SECRET\" }");
                return None;
            }
            Some(SecretRef::Env(name.to_owned()))
        }
        ["file"] => {
            let (path, _) = table.text("file", "name the file, like { file = \"/etc/miro-source/client_secret\" }")?;
            Some(SecretRef::File(entry.document.path(path)))
        }
        ["command"] => {
            let help = "write the program and its arguments as a list, like { command = [\"pass\", \"show\", \"miro\"] }";
            let list = table.entry("command")?;
            let words = list.texts(help)?;
            if words.is_empty() {
                list.note("is an empty list", help);
                return None;
            }
            Some(SecretRef::Command(words.into_iter().map(|(word, _)| word.to_owned()).collect()))
        }
        ["credential"] => {
            let help = "write only its name, like { credential = \"miro_token\" }, and LoadCredential=miro_token:/path in the unit";
            let (name, entry) = table.text("credential", help)?;
            if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0', ':']) {
                entry.note("is not the name of a credential", help);
                return None;
            }
            Some(SecretRef::Credential(name.to_owned()))
        }
        [] => {
            // An unknown key has been noted already, with the nearest one.
            if table.entries().is_empty() {
                entry.note("does not say where the secret is", HOW);
            }
            None
        }
        _ => {
            entry.note("names more than one place", "keep exactly one of `env`, `file`, `command` and `credential`");
            None
        }
    }
}
