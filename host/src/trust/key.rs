//! Public keys of minisign.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Of a key, with its checksum and salt: what somebody pastes by mistake.
const SECRET_BYTES: usize = 158;

/// The number that a key and its signatures carry, to find the one by the other. It proves nothing. Written as minisign
/// does: 16 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u64);

impl KeyId {
    /// From the bytes of a key or a signature.
    pub(super) fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// An Ed25519 key that signatures are verified with. Written as minisign prints it: base64, 56 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: KeyId,
    point: [u8; 32],
    text: String,
    verifier: minisign_verify::PublicKey,
}

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Anything else.
    #[error("expected a public key of minisign: the 56 characters that begin with RW in its .pub file")]
    Malformed,
    /// It is the other half.
    #[error("this is a secret key; the public one stands in the .pub file")]
    Secret,
}

impl PublicKey {
    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Whether both verify the same signatures, whatever their ids.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.point == other.point
    }

    pub(super) fn verifier(&self) -> &minisign_verify::PublicKey {
        &self.verifier
    }

    /// A `.pub` file: an untrusted comment, and the key below it.
    pub fn from_file_text(text: &str) -> Result<Self, KeyError> {
        text.lines().nth(1).ok_or(KeyError::Malformed)?.parse()
    }

    /// The same as a `.pub` file.
    pub fn file_text(&self) -> String {
        format!("untrusted comment: minisign public key {}\n{}\n", self.id, self.text)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let bytes = STANDARD.decode(text).map_err(|_| KeyError::Malformed)?;
        if bytes.len() == SECRET_BYTES && bytes.starts_with(b"Ed") {
            return Err(KeyError::Secret);
        }
        let rest = bytes.strip_prefix(b"Ed").ok_or(KeyError::Malformed)?;
        let (id, point) = rest.split_first_chunk::<8>().ok_or(KeyError::Malformed)?;
        let point = <[u8; 32]>::try_from(point).map_err(|_| KeyError::Malformed)?;
        let verifier = minisign_verify::PublicKey::from_base64(text).map_err(|_| KeyError::Malformed)?;
        Ok(Self { id: KeyId::from_bytes(*id), point, text: text.to_owned(), verifier })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}
