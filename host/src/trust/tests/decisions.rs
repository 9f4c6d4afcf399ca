//! The decision, on values.

use super::*;

#[test]
fn i5_i6_one_trusted_signature_is_enough_where_one_is_asked_for() {
    let key = key();
    let signed = package(WASM, &[&key.sign(WASM, "version 1").unwrap()]);
    let vouched = trust(&[&key], 1).judge(&signed).unwrap();
    assert_eq!(vouched.to_string(), format!("signed by key {} (version 1)", key.id()));
    // Nothing is remembered, nothing used up.
    assert_eq!(trust(&[&key], 1).judge(&signed).unwrap(), vouched);
}

#[test]
fn i5_i6_two_of_three_are_enough_and_one_is_not() {
    let (a, b, c) = (key(), key(), key());
    let trust = trust(&[&a, &b, &c], 2);
    let (by_a, by_c) = (a.sign(WASM, "a").unwrap(), c.sign(WASM, "c").unwrap());
    assert_eq!(signers(&trust.judge(&package(WASM, &[&by_a, &by_c])).unwrap()), [a.id().to_string(), c.id().to_string()]);
    // In one file as well.
    assert_eq!(signers(&trust.judge(&package(WASM, &[&format!("{by_c}{by_a}")])).unwrap()).len(), 2);
    let refused = trust.judge(&package(WASM, &[&by_c])).unwrap_err();
    let Distrust::TooFew { shortfall, .. } = &refused else { panic!("{refused}") };
    assert_eq!((shortfall.signers.as_slice(), shortfall.missing.as_slice()), ([c.id()].as_slice(), [a.id(), b.id()].as_slice()));
    let said = refused.to_string();
    for part in ["1 of the 2 signatures", &c.id().to_string(), &format!("1 of {}, {}", a.id(), b.id()), &Digest::of(WASM).to_string()] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn i5_i6_a_key_that_signs_twice_counts_once() {
    let (a, b) = (key(), key());
    let (once, again) = (a.sign(WASM, "once").unwrap(), a.sign(WASM, "again").unwrap());
    let refused = trust(&[&a, &b], 2).judge(&package(WASM, &[&once, &again])).unwrap_err();
    assert!(matches!(&refused, Distrust::TooFew { shortfall, .. } if shortfall.signers == [a.id()]), "{refused}");
}

#[test]
fn i5_i6_a_key_under_a_second_id_counts_once() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let made = SigningKey::generate(&Protection::None).unwrap();
    let a = SigningKey::open(&made.file_text, &Protection::None).unwrap();
    // The id stands beside the key and nothing signs it; a checksum of zeros is what `minisign -W` writes.
    let mut bytes = STANDARD.decode(made.file_text.lines().nth(1).unwrap()).unwrap();
    bytes[54] ^= 1;
    bytes[126..].fill(0);
    let twin = SigningKey::open(&format!("untrusted comment:\n{}\n", STANDARD.encode(bytes)), &Protection::None).unwrap();
    assert!(a.id() != twin.id() && a.public().is_same_key(twin.public()));
    let both = package(WASM, &[&a.sign(WASM, "").unwrap(), &twin.sign(WASM, "").unwrap()]);
    assert!(matches!(trust(&[&a, &twin], 2).judge(&both), Err(Distrust::TooFew { .. })));
}

#[test]
fn i5_i6_an_unknown_key_is_refused_and_named() {
    let (known, stranger) = (key(), key());
    let signed = package(WASM, &[&stranger.sign(WASM, "trust me").unwrap()]);
    let refused = trust(&[&known], 1).judge(&signed).unwrap_err();
    assert!(matches!(refused, Distrust::UnknownKey { .. }), "{refused}");
    for part in [stranger.id().to_string(), known.id().to_string(), Digest::of(WASM).to_string()] {
        assert!(refused.to_string().contains(&part), "{part}: {refused}");
    }
    assert!(!refused.to_string().contains("trust me"), "{refused}");
    // Beside a trusted one it does no harm.
    let both = package(WASM, &[&stranger.sign(WASM, "").unwrap(), &known.sign(WASM, "").unwrap()]);
    assert_eq!(signers(&trust(&[&known], 1).judge(&both).unwrap()), [known.id().to_string()]);
}

#[test]
fn i5_i6_a_strangers_signature_under_a_trusted_id_is_refused() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let (known, stranger) = (key(), key());
    let text = stranger.sign(WASM, "").unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut bytes = STANDARD.decode(&lines[1]).unwrap();
    bytes[2..10].copy_from_slice(&STANDARD.decode(known.public().to_string()).unwrap()[2..10]);
    lines[1] = STANDARD.encode(bytes);
    let refused = trust(&[&known], 1).judge(&package(WASM, &[&lines.join("\n")])).unwrap_err();
    assert!(matches!(refused, Distrust::Altered { .. }), "{refused}");
}

#[test]
fn i5_i6_an_altered_component_is_refused() {
    let key = key();
    let text = key.sign(WASM, "").unwrap();
    let refused = trust(&[&key], 1).judge(&package(b"\0asm and more", &[&text])).unwrap_err();
    assert!(matches!(&refused, Distrust::Altered { mismatched, .. } if *mismatched == [key.id()]), "{refused}");
    assert!(refused.to_string().contains(&key.id().to_string()), "{refused}");
}

#[test]
fn i5_i6_an_altered_trusted_comment_is_refused() {
    let key = key();
    let text = key.sign(WASM, "version 1").unwrap().replace("version 1", "version 2");
    assert!(matches!(trust(&[&key], 1).judge(&package(WASM, &[&text])), Err(Distrust::Altered { .. })));
    // Nobody vouches for the other comment.
    let text = key.sign(WASM, "").unwrap().replace("untrusted comment: ", "untrusted comment: anything ");
    assert!(trust(&[&key], 1).judge(&package(WASM, &[&text])).is_ok());
}

#[test]
fn i5_i6_without_any_key_nothing_but_pinned_and_built_in_components_load() {
    let key = key();
    let signed = package(WASM, &[&key.sign(WASM, "").unwrap()]);
    let refused = Trust::new(&ComponentsConfig::default()).judge(&signed).unwrap_err();
    assert!(matches!(refused, Distrust::NoKeys { .. }), "{refused}");
    assert!(refused.to_string().contains(&format!("digests = [\"{}\"]", Digest::of(WASM))), "{refused}");
    // Not even where nothing were asked for.
    let none = ComponentsConfig { signatures: 0, ..ComponentsConfig::default() };
    assert!(Trust::new(&none).judge(&signed).is_err());
    let none = ComponentsConfig { signatures: 0, trusted_keys: vec![key.public().clone()], ..none };
    assert!(Trust::new(&none).judge(&package(WASM, &[])).is_err());
}

#[test]
fn i5_i6_a_pinned_digest_needs_no_signature_and_covers_nothing_else() {
    let pinned = ComponentsConfig { digests: vec![Digest::of(WASM)], ..ComponentsConfig::default() };
    let trust = Trust::new(&pinned);
    assert_eq!(trust.judge(&package(WASM, &[])).unwrap(), Vouched::Digest(Digest::of(WASM)));
    // What stands beside it is not even looked at.
    assert!(trust.judge(&package(WASM, &["rubbish"])).is_ok());
    assert!(trust.judge(&package(b"\0asm and more", &[])).is_err());
}

#[test]
fn i5_i6_what_is_built_in_is_trusted_by_its_digest_not_by_its_name() {
    let builtin = Package::builtin("miro").unwrap();
    let trust = Trust::new(&ComponentsConfig::default());
    assert_eq!(trust.judge(&builtin).unwrap(), Vouched::Builtin("miro"));
    assert_eq!(trust.judge(&package(&builtin.wasm, &[])).unwrap(), Vouched::Builtin("miro"));
    let forged = Package { wasm: WASM.to_vec(), ..builtin };
    assert!(trust.judge(&forged).is_err());
}

#[test]
fn no_signature_says_where_one_was_looked_for() {
    let key = key();
    let said = trust(&[&key], 1).judge(&package(WASM, &[])).unwrap_err().to_string();
    for part in ["test.wasm.minisig", "test.wasm.*.minisig", &key.id().to_string(), &Digest::of(WASM).to_string()] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_broken_file_of_signatures_is_named_with_its_line() {
    let key = key();
    let good = key.sign(WASM, "").unwrap();
    for (broken, line) in [("x", 1), ("untrusted comment: x\nRU", 2), ("untrusted comment: x", 2)] {
        let refused = trust(&[&key], 1).judge(&package(WASM, &[&good, &format!("{good}\n{broken}")])).unwrap_err();
        let said = refused.to_string();
        assert!(said.contains(&format!("test.wasm.1.minisig: line {}", line + 5)), "{said}");
    }
}

#[test]
fn more_signatures_than_anybody_needs_are_refused_before_they_are_verified() {
    let key = key();
    let text = key.sign(WASM, "").unwrap();
    assert!(trust(&[&key], 1).judge(&package(WASM, &[&text.repeat(32)])).is_ok());
    assert!(matches!(trust(&[&key], 1).judge(&package(WASM, &[&text.repeat(33)])), Err(Distrust::TooMany { .. })));
}

#[test]
fn an_old_signature_beside_a_new_one_of_the_same_key_does_no_harm() {
    let (a, b) = (key(), key());
    let (old, new) = (a.sign(b"older", "").unwrap(), a.sign(WASM, "").unwrap());
    assert!(trust(&[&a], 1).judge(&package(WASM, &[&old, &new])).is_ok());
    let refused = trust(&[&a, &b], 2).judge(&package(WASM, &[&b.sign(WASM, "").unwrap(), &old])).unwrap_err();
    assert!(matches!(&refused, Distrust::TooFew { shortfall, .. } if shortfall.mismatched == [a.id()]), "{refused}");
}
