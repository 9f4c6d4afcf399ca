//! Secret keys.

use super::{super::SigningError, *};

fn password(text: &str) -> Protection {
    Protection::Password(text.to_owned().into())
}

#[test]
fn a_key_with_a_password_opens_with_it_alone() {
    let made = SigningKey::generate(&password("correct horse")).unwrap();
    assert!(SigningKey::needs_password(&made.file_text).unwrap());
    let key = SigningKey::open(&made.file_text, &password("correct horse")).unwrap();
    assert_eq!(key.public(), &made.public);
    assert!(Trust::signed_by_all(vec![made.public]).judge(&package(WASM, &[&key.sign(WASM, "").unwrap()])).is_ok());
    for wrong in [password("correct"), Protection::None] {
        assert_eq!(SigningKey::open(&made.file_text, &wrong).unwrap_err(), SigningError::Password);
    }
    assert_eq!(SigningKey::generate(&password("")).unwrap_err(), SigningError::NoPassword);
}

#[test]
fn i5_nothing_shows_a_secret_key() {
    let made = SigningKey::generate(&Protection::None).unwrap();
    let key = SigningKey::open(&made.file_text, &Protection::None).unwrap();
    let shown = format!("{made:?} {key:?} {:?}", password("S3CRET"));
    assert!(!shown.contains("S3CRET"));
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, made.file_text.lines().nth(1).unwrap()).unwrap();
    // Neither as it is written nor in hex: the seed begins behind algorithms, salt, cost and id.
    let seed = hex::encode(&bytes[62..70]);
    assert!(!shown.contains(&seed) && !shown.contains(&made.file_text.lines().nth(1).unwrap()[85..100]), "{shown}");
    let pasted: Result<PublicKey, _> = made.file_text.lines().nth(1).unwrap().parse();
    assert_eq!(pasted, Err(super::super::KeyError::Secret));
}

#[test]
fn what_is_no_secret_key_is_told_apart() {
    let made = SigningKey::generate(&Protection::None).unwrap();
    let refused = |text: &str| SigningKey::open(text, &Protection::None).unwrap_err();
    assert_eq!(refused(&made.public.file_text()), SigningError::Public);
    for text in ["", "RWQ", "untrusted comment:\n", "untrusted comment:\nRWRTY0Iy\n", "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n"] {
        assert_eq!(refused(text), SigningError::Malformed, "{text}");
    }
    let mut damaged = made.file_text.to_string();
    let at = damaged.find('\n').unwrap() + 90;
    damaged.replace_range(at..=at, if &damaged[at..=at] == "A" { "B" } else { "A" });
    assert_eq!(refused(&damaged), SigningError::Damaged);
}

#[test]
fn a_key_that_asks_for_absurd_work_is_refused_at_once() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let made = SigningKey::generate(&Protection::None).unwrap();
    let mut bytes = STANDARD.decode(made.file_text.lines().nth(1).unwrap()).unwrap();
    bytes[2..4].copy_from_slice(b"Sc");
    for (cost, memory) in [(0, 0), (u64::MAX, 1 << 25), (1 << 20, u64::MAX), (1 << 20, 1 << 31), (1 << 40, 1 << 24), (1 << 20, 1024)] {
        bytes[38..46].copy_from_slice(&u64::to_le_bytes(cost));
        bytes[46..54].copy_from_slice(&u64::to_le_bytes(memory));
        let text = format!("untrusted comment:\n{}\n", STANDARD.encode(&bytes));
        assert_eq!(SigningKey::open(&text, &password("x")).unwrap_err(), SigningError::Cost, "{cost} {memory}");
    }
}

#[test]
fn a_comment_is_one_line() {
    let key = key();
    for comment in ["two\nlines", "\u{1b}[31m", &"long".repeat(300)] {
        assert_eq!(key.sign(WASM, comment).unwrap_err(), SigningError::Comment);
    }
    let signed = key.sign(WASM, "größer\tand so on").unwrap();
    let vouched = trust(&[&key], 1).judge(&package(WASM, &[&signed])).unwrap();
    assert_eq!(vouched.to_string(), format!("signed by key {} (größer\\tand so on)", key.id()));
}
