//! What minisign itself wrote. The fixtures were made by minisign 0.11 (Debian), with a key made for nothing else:
//!
//! ```text
//! printf '\0asm\x0d\0\x01\0' > empty.wasm                    # the smallest component there is
//! minisign -G -W -p minisign.pub -s minisign.key             # -W: no password
//! minisign -S -s minisign.key -m empty.wasm -t 'made by minisign 0.11'
//! minisign -S -l -s minisign.key -m empty.wasm -x empty.wasm.legacy.minisig -t 'made by minisign 0.11 -l'
//! ```

use super::*;

const EMPTY: &[u8] = include_bytes!("fixtures/empty.wasm");
const PUBLIC: &str = include_str!("fixtures/minisign.pub");
const SECRET: &str = include_str!("fixtures/minisign.key");
const HASHED: &str = include_str!("fixtures/empty.wasm.minisig");
const LEGACY: &str = include_str!("fixtures/empty.wasm.legacy.minisig");

fn judge(wasm: &[u8], signature: &str) -> Result<Vouched, Distrust> {
    Trust::signed_by_all(vec![PublicKey::from_file_text(PUBLIC).unwrap()]).judge(&package(wasm, &[signature]))
}

#[test]
fn both_kinds_of_signatures_are_accepted() {
    assert_eq!(judge(EMPTY, HASHED).unwrap().to_string(), "signed by key F05B4B186967CCE6 (made by minisign 0.11)");
    assert_eq!(judge(EMPTY, LEGACY).unwrap().to_string(), "signed by key F05B4B186967CCE6 (made by minisign 0.11 -l)");
    // As another system may have written it.
    assert!(judge(EMPTY, &HASHED.replace('\n', "\r\n")).is_ok());
}

#[test]
fn a_changed_byte_or_comment_is_not() {
    for signature in [HASHED, LEGACY] {
        assert!(judge(b"\0asm\x0d\0\x01\x01", signature).is_err());
        assert!(judge(EMPTY, &signature.replace("made by", "made by the")).is_err());
    }
}

#[test]
fn its_keys_sign_here_and_are_written_as_it_writes_them() {
    let key = SigningKey::open(SECRET, &Protection::None).unwrap();
    assert_eq!(key.id().to_string(), "F05B4B186967CCE6");
    assert_eq!(key.public().file_text(), PUBLIC);
    assert!(judge(EMPTY, &key.sign(EMPTY, "made here").unwrap()).is_ok());
}

#[test]
fn a_key_whose_halves_do_not_belong_together_signs_nothing() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let mut bytes = STANDARD.decode(SECRET.lines().nth(1).unwrap()).unwrap();
    bytes[70] ^= 1;
    let key = SigningKey::open(&format!("untrusted comment:\n{}\n", STANDARD.encode(bytes)), &Protection::None).unwrap();
    assert!(key.sign(EMPTY, "").is_err());
}
