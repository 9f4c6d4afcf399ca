//! The key of a store, and what it does: seal credentials, and fingerprint configured tokens.
//!
//! Sealed is XChaCha20-Poly1305 under a random nonce; what a seal is *for* (whose credentials, which version) is
//! authenticated with it, so that a pair cannot be moved to another source or made to look newer. Sealing and
//! fingerprinting use different subkeys of the configured key.

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const LENGTH: usize = 32;
const NONCE: usize = 24;

/// The key of a store. Wiped on drop, never shown.
#[derive(Clone)]
pub struct Key {
    sealing: Zeroizing<[u8; LENGTH]>,
    fingerprinting: Zeroizing<[u8; LENGTH]>,
}

/// Text that is not a key. Never contains the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// Nothing there.
    #[error("the key is empty: it must be 32 random bytes, raw, in hex or in base64 (`openssl rand -hex 32` makes one)")]
    Empty,
    /// Hex or base64, but of another length.
    #[error("the key holds {0} bytes: it must hold 32, raw, in hex or in base64 (`openssl rand -hex 32` makes one)")]
    Length(usize),
    /// Neither.
    #[error("the key is neither 32 raw bytes nor hex nor base64 of them (`openssl rand -hex 32` makes one)")]
    Unreadable,
}

/// A seal that does not open: another key, another purpose, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the seal does not open with this key")]
pub struct Broken;

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// The key made of these bytes.
    pub fn new(bytes: &[u8; LENGTH]) -> Self {
        Self { sealing: derive(bytes, b"miro-source sealing v1"), fingerprinting: derive(bytes, b"miro-source fingerprint v1") }
    }

    /// Reads a key: 32 raw bytes, or hex or base64 (either alphabet, padded or not) with white space around it.
    pub fn parse(input: &[u8]) -> Result<Self, InvalidKey> {
        if let Ok(raw) = <&[u8; LENGTH]>::try_from(input)
            && !raw.iter().all(u8::is_ascii_hexdigit)
        {
            return Ok(Self::new(raw));
        }
        let text = input.trim_ascii();
        if text.is_empty() {
            return Err(InvalidKey::Empty);
        }
        let bytes = Zeroizing::new(decode(text).ok_or(InvalidKey::Unreadable)?);
        let bytes: &[u8; LENGTH] = bytes.as_slice().try_into().map_err(|_| InvalidKey::Length(bytes.len()))?;
        Ok(Self::new(bytes))
    }

    /// A new random key as hex text, for writing into a key file.
    pub fn generate() -> std::io::Result<Zeroizing<String>> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        random(bytes.as_mut())?;
        Ok(Zeroizing::new(hex::encode(bytes.as_ref())))
    }

    /// Seals `plain` for one purpose.
    pub fn seal(&self, purpose: &[u8], plain: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        random(&mut nonce)?;
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: purpose });
        // Encrypting fails only beyond 256 GB.
        let sealed = sealed.map_err(|_| std::io::Error::from(std::io::ErrorKind::FileTooLarge))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the same purpose.
    pub fn open(&self, purpose: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Broken> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(Broken)?;
        let plain = self.cipher().decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: purpose });
        plain.map(Zeroizing::new).map_err(|_| Broken)
    }

    /// A keyed fingerprint of texts: the same for the same texts in the same order, telling nothing about them.
    pub fn fingerprint(&self, texts: &[&str]) -> Vec<u8> {
        let lengths: Vec<_> = texts.iter().map(|text| (text.len() as u64).to_le_bytes()).collect();
        let parts: Vec<&[u8]> = lengths.iter().zip(texts).flat_map(|(length, text)| [length.as_slice(), text.as_bytes()]).collect();
        hmac(&self.fingerprinting, &parts).to_vec()
    }

    /// What fingerprints are made with: kept, sealed, where the key changes.
    pub fn fingerprinting(&self) -> &[u8] {
        self.fingerprinting.as_slice()
    }

    /// The same key, which makes fingerprints with these bytes.
    #[must_use]
    pub fn fingerprinting_with(&self, bytes: &[u8; LENGTH]) -> Self {
        Self { sealing: self.sealing.clone(), fingerprinting: Zeroizing::new(*bytes) }
    }

    /// The same key with fingerprints of another.
    #[must_use]
    pub fn with_fingerprints_of(&self, other: &Self) -> Self {
        Self { sealing: self.sealing.clone(), fingerprinting: other.fingerprinting.clone() }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.sealing.as_slice().into())
    }
}

fn random(bytes: &mut [u8]) -> std::io::Result<()> {
    getrandom::fill(bytes).map_err(|cause| std::io::Error::other(format!("the system gives no random bytes: {cause}")))
}

fn derive(bytes: &[u8; LENGTH], purpose: &[u8]) -> Zeroizing<[u8; LENGTH]> {
    hmac(bytes, &[purpose])
}

/// HMAC-SHA256 (RFC 2104) of `parts` in a row. By hand, as the crate of that name would bring features into every other
/// user of `digest`.
fn hmac(key: &[u8; LENGTH], parts: &[&[u8]]) -> Zeroizing<[u8; LENGTH]> {
    let pad = |with: u8| {
        let mut block = Zeroizing::new([with; 64]);
        block.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
        block
    };
    let mut inner = Sha256::new_with_prefix(pad(0x36).as_slice());
    parts.iter().for_each(|part| inner.update(part));
    let outer = Sha256::new_with_prefix(pad(0x5c).as_slice()).chain_update(inner.finalize());
    Zeroizing::new(outer.finalize().into())
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    const EITHER_WAY: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    if text.iter().all(u8::is_ascii_hexdigit) && text.len().is_multiple_of(2) {
        return hex::decode(text).ok();
    }
    [base64::alphabet::STANDARD, base64::alphabet::URL_SAFE]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, EITHER_WAY).decode(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: [u8; 32] = *b"\x00\x01\xfe\xff0123456789abcdefghijklmnopqr";

    #[test]
    fn a_key_reads_the_same_raw_in_hex_and_in_base64() {
        let key = Key::new(&RAW);
        let standard = base64::engine::general_purpose::STANDARD.encode(RAW);
        let forms = [
            RAW.to_vec(),
            hex::encode(RAW).into_bytes(),
            format!("  {}\n", hex::encode_upper(RAW)).into_bytes(),
            standard.clone().into_bytes(),
            standard.trim_end_matches('=').replace('+', "-").replace('/', "_").into_bytes(),
        ];
        for form in forms {
            assert_eq!(Key::parse(&form).unwrap().sealing, key.sealing, "{form:?}");
        }
    }

    #[test]
    fn what_is_not_a_key_is_refused_with_the_reason() {
        assert_eq!(Key::parse(b" \n").unwrap_err(), InvalidKey::Empty);
        assert_eq!(Key::parse(b"0123456789abcdef0123456789abcdef").unwrap_err(), InvalidKey::Length(16));
        assert_eq!(Key::parse(b"c2hvcnQ=").unwrap_err(), InvalidKey::Length(5));
        assert_eq!(Key::parse(b"correct horse battery staple").unwrap_err(), InvalidKey::Unreadable);
    }

    #[test]
    fn a_generated_key_reads_back() {
        assert!(Key::parse(Key::generate().unwrap().as_bytes()).is_ok());
    }

    #[test]
    fn i5_a_seal_opens_only_with_its_key_for_its_purpose_and_undamaged() {
        let key = Key::new(&RAW);
        let mut sealed = key.seal(b"acme 1", b"secret").unwrap();
        assert_eq!(key.open(b"acme 1", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(key.open(b"acme 2", &sealed).unwrap_err(), Broken);
        assert_eq!(Key::new(&[7; 32]).open(b"acme 1", &sealed).unwrap_err(), Broken);
        assert_eq!(key.open(b"acme 1", b"short").unwrap_err(), Broken);
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(key.open(b"acme 1", &sealed).unwrap_err(), Broken);
    }

    #[test]
    fn i5_a_key_is_not_shown() {
        assert_eq!(format!("{:?}", Key::new(&RAW)), "Key(..)");
    }

    #[test]
    fn the_keyed_hash_is_hmac_sha256() {
        // From Python's hmac module.
        let key: [u8; 32] = std::array::from_fn(|at| at as u8);
        assert_eq!(
            hex::encode(hmac(&key, &[b"what do ya want ", b"for nothing?"])),
            "099805f4ac310786968565c098db515cc50862b420ae31e20238312344bed36a"
        );
    }

    #[test]
    fn a_fingerprint_tells_texts_and_their_borders_apart() {
        let key = Key::new(&RAW);
        assert_eq!(key.fingerprint(&["a", "bc"]), key.fingerprint(&["a", "bc"]));
        assert_ne!(key.fingerprint(&["a", "bc"]), key.fingerprint(&["ab", "c"]));
        assert_ne!(key.fingerprint(&["a"]), Key::new(&[7; 32]).fingerprint(&["a"]));
    }
}
