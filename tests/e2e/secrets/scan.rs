//! Finding secrets in whatever form they may have been written.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// What must not be found, and what it looks like.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    forms: BTreeMap<Vec<u8>, String>,
    count: usize,
}

impl Secrets {
    /// A secret that is text: in plain, in a URL, in base64, in hex.
    pub(super) fn add(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= 16, "{name} is long enough to be found only where it is");
        self.add_bytes(name, secret.as_bytes());
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.form(format!("{name}, in a URL"), encoded.as_bytes());
    }

    /// A secret that is bytes.
    pub(super) fn add_bytes(&mut self, name: &str, secret: &[u8]) {
        self.count += 1;
        self.form(name.to_owned(), secret);
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        self.form(format!("{name}, in hex"), hex.as_bytes());
        self.form(format!("{name}, in hex"), hex.to_uppercase().as_bytes());
        for before in 0..3 {
            let text = [vec![0; before], secret.to_vec()].concat();
            // Only the characters that depend on nothing but the secret.
            let (from, to) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
            for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                let encoded = engine.encode(&text);
                self.form(format!("{name}, in base64"), &encoded.as_bytes()[from..to]);
            }
        }
    }

    fn form(&mut self, name: String, form: &[u8]) {
        self.forms.entry(form.to_vec()).or_insert(name);
    }

    /// How many secrets.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Which of them a text or file holds, and around what.
    pub(super) fn within(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let mut starts: BTreeMap<&[u8], Vec<(&[u8], &str)>> = BTreeMap::new();
        for (form, name) in &self.forms {
            starts.entry(&form[..8]).or_default().push((form, name));
        }
        let mut found = Vec::new();
        for at in 0..bytes.len().saturating_sub(8) {
            let Some(forms) = starts.get(&bytes[at..at + 8]) else { continue };
            for (form, name) in forms.iter().filter(|(form, _)| bytes[at..].starts_with(form)) {
                let around = &bytes[at.saturating_sub(300)..(at + form.len() + 60).min(bytes.len())];
                found.push(format!("{place} holds {name} at byte {at}: …{}…", String::from_utf8_lossy(around)));
            }
        }
        found
    }
}

/// Every file below a folder.
pub(super) fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => files(&entry.path(), into),
            kind if kind.is_file() => into.push(entry.path()),
            _ => {}
        }
    }
}

/// Bytes from hex.
pub(super) fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn a_secret_is_found_in_each_form_at_each_place() {
    let mut secrets = Secrets::default();
    secrets.add("it", "a/secret+of=enough-length");
    let raw = "a/secret+of=enough-length";
    let hex: String = raw.bytes().map(|byte| format!("{byte:02X}")).collect();
    for text in [raw.to_owned(), "a%2Fsecret%2Bof%3Denough-length".to_owned(), hex] {
        assert_eq!(secrets.within("here", format!("x{text}y").as_bytes()).len(), 1, "{text}");
    }
    for before in ["", "1", "12", "123"] {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = engine.encode(format!("{before}{raw} and more"));
            assert!(!secrets.within("here", text.as_bytes()).is_empty(), "{text}");
        }
    }
    assert!(secrets.within("here", b"nothing of it at all, a/secret+of=enough").is_empty());
}
