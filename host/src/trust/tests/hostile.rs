//! Texts from anybody: no panic, and nothing that was not signed is accepted.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{super::Signature, *};

static KEY: LazyLock<(SigningKey, String)> = LazyLock::new(|| {
    let key = key();
    let text = key.sign(WASM, "a comment").unwrap();
    (key, text)
});

proptest! {
    #[test]
    fn any_text_is_signatures_or_says_where_it_stops(text in "(untrusted comment: |trusted comment: |R[UW]|[A-Za-z0-9+/=]{0,110}|\\PC|\r?\n){0,24}") {
        let lines = text.lines().count();
        match Signature::parse_all(&text) {
            Ok(found) => prop_assert!(found.len() * 4 <= lines),
            Err(why) => prop_assert!((1..=lines + 1).contains(&why.line), "{why}"),
        }
    }

    #[test]
    fn any_text_is_a_key_or_not(text in "R[UW][A-Za-z0-9+/=]{40,60}|\\PC*", password in "\\PC{0,4}") {
        if let Ok(key) = text.parse::<PublicKey>() {
            prop_assert_eq!(key.to_string(), text.trim());
        }
        prop_assert!(SigningKey::open(&text, &Protection::None).is_err());
        let below = format!("\n{text}");
        prop_assert!(SigningKey::open(&below, &Protection::Password(password.into())).is_err());
        prop_assert!(text.parse::<Digest>().is_err());
    }

    #[test]
    fn i5_i6_no_changed_byte_of_a_signature_is_accepted(at in 0_usize..400, to in any::<u8>()) {
        let (key, text) = &*KEY;
        let mut bytes = text.clone().into_bytes();
        let at = at % bytes.len();
        // The first line is signed by nobody.
        let free = text.find('\n').unwrap();
        prop_assume!(bytes[at] != to && at > free);
        bytes[at] = to;
        let changed = String::from_utf8_lossy(&bytes).into_owned();
        let judged = trust(&[key], 1).judge(&package(WASM, &[&changed]));
        // An empty line more, or a line end of another system, says the same.
        let same = changed.lines().filter(|line| !line.trim().is_empty()).eq(text.lines());
        prop_assert_eq!(judged.is_ok(), same);
    }

    #[test]
    fn i5_i6_no_changed_byte_of_a_component_is_accepted(at in 0..WASM.len(), by in 1_u8..) {
        let (key, text) = &*KEY;
        let mut wasm = WASM.to_vec();
        wasm[at] ^= by;
        prop_assert!(trust(&[key], 1).judge(&package(&wasm, &[text])).is_err());
    }
}
