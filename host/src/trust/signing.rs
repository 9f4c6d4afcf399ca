//! Secret keys of minisign, and signing with them.
//!
//! A key file is two lines: a comment, and base64 of algorithms, salt, cost, key id, key and checksum. The last three are
//! encrypted with a password (scrypt), or, as `minisign -W` leaves them, not.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::{
    key::{KeyId, PublicKey},
    signature::Signature,
};

/// What scrypt may cost: libsodium's least, and four times what minisign itself asks for (a gigabyte, some seconds).
const COST: std::ops::RangeInclusive<u64> = 32_768..=4 * 33_554_432;
const MEMORY: std::ops::RangeInclusive<u64> = 16 * 1024 * 1024..=1024 * 1024 * 1024;
/// The longest password that minisign reads.
const LONGEST_PASSWORD: usize = 1024;
/// The longest comment; minisign reads 8 KiB with all that belongs to it.
const LONGEST_COMMENT: usize = 1024;

/// What keeps a secret key from whoever reads its file.
pub enum Protection {
    /// A password.
    Password(SecretString),
    /// The mode of the file, and nothing else.
    None,
}

/// A secret key, opened.
pub struct SigningKey {
    secret: minisign::SecretKey,
    public: PublicKey,
}

/// A key that was just made.
pub struct NewKey {
    /// The text of its file. Secret, where no password protects it.
    pub file_text: Zeroizing<String>,
    /// The other half.
    pub public: PublicKey,
}

/// Why a key does not sign. Never says anything of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// No secret key.
    #[error("this is no secret key of minisign: a comment on the first line, and on the second 212 characters that begin with RW")]
    Malformed,
    /// The other half.
    #[error("this is a public key; signing needs the secret one")]
    Public,
    /// Nobody writes such.
    #[error("this key asks for more, or less, scrypt than minisign ever does; it is damaged, or not from minisign")]
    Cost,
    /// Cannot be opened so.
    #[error("the password does not fit this key, or the key is damaged")]
    Password,
    /// Nothing to protect a key with.
    #[error("a password has 1 to {LONGEST_PASSWORD} bytes")]
    NoPassword,
    /// What it signs, its own public half does not verify.
    #[error("this key is damaged: what it signs does not match its own public key")]
    Damaged,
    /// Not one line.
    #[error("a comment has at most {LONGEST_COMMENT} bytes, on one line, without control characters")]
    Comment,
    /// The system gives no random numbers, or the like.
    #[error("failed to {what}: {why}")]
    Failed {
        /// What was tried.
        what: &'static str,
        /// Why.
        why: String,
    },
}

impl SigningKey {
    /// Makes a key. Takes a second where a password protects it.
    pub fn generate(protection: &Protection) -> Result<NewKey, SigningError> {
        let failed = |why: minisign::PError| SigningError::Failed { what: "make a key", why: why.to_string() };
        let (pair, comment) = match protection {
            Protection::Password(password) => {
                let password = fitting(password)?;
                (minisign::KeyPair::generate_encrypted_keypair(Some(password)).map_err(failed)?, "minisign encrypted secret key")
            }
            Protection::None => (minisign::KeyPair::generate_unencrypted_keypair().map_err(failed)?, "minisign unencrypted secret key"),
        };
        let file_text = Zeroizing::new(pair.sk.to_box(Some(comment)).map_err(failed)?.into_string());
        let public = pair.pk.to_base64().parse().map_err(|_| SigningError::Damaged)?;
        Ok(NewKey { file_text, public })
    }

    /// Whether the file of a key must be opened with a password.
    pub fn needs_password(file_text: &str) -> Result<bool, SigningError> {
        Ok(Layout::read(file_text)?.encrypted)
    }

    /// Opens the file of a key. Takes a second, or some, where a password protects it.
    pub fn open(file_text: &str, protection: &Protection) -> Result<Self, SigningError> {
        let layout = Layout::read(file_text)?;
        let secret = match protection {
            Protection::Password(password) if layout.encrypted => {
                let password = fitting(password)?;
                minisign::SecretKey::from_box(layout.boxed(), Some(password)).map_err(|_| SigningError::Password)?
            }
            _ if layout.encrypted => return Err(SigningError::Password),
            // `minisign -W` leaves the checksum out, which the library's own reader does not accept.
            _ if layout.unchecked => minisign::SecretKey::from_bytes(&layout.bytes).map_err(|_| SigningError::Malformed)?,
            _ => minisign::SecretKey::from_unencrypted_box(layout.boxed()).map_err(|_| SigningError::Damaged)?,
        };
        let public = minisign::PublicKey::from_secret_key(&secret).map_err(|_| SigningError::Damaged)?;
        let public = public.to_base64().parse().map_err(|_| SigningError::Damaged)?;
        Ok(Self { secret, public })
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.public.id()
    }

    /// The other half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs; the text for a `.minisig` file. The comment is signed too.
    pub fn sign(&self, wasm: &[u8], comment: &str) -> Result<String, SigningError> {
        if comment.len() > LONGEST_COMMENT || comment.chars().any(|c| c.is_control() && c != '\t') {
            return Err(SigningError::Comment);
        }
        let untrusted = format!("signature from minisign secret key {}", self.id());
        let signed = minisign::sign(None, &self.secret, wasm, Some(comment), Some(&untrusted))
            .map_err(|why| SigningError::Failed { what: "sign", why: why.to_string() })?;
        let text = signed.into_string();
        // The key's two halves come out of one file, and nothing else shows that they belong together.
        let matches = Signature::parse_all(&text).is_ok_and(|all| all.iter().any(|signature| signature.is_of(&self.public, wasm)));
        if matches { Ok(text) } else { Err(SigningError::Damaged) }
    }
}

fn fitting(password: &SecretString) -> Result<String, SigningError> {
    let password = password.expose_secret();
    if password.is_empty() || password.len() > LONGEST_PASSWORD {
        return Err(SigningError::NoPassword);
    }
    Ok(password.to_owned())
}

/// What a key file says of itself before it is opened.
struct Layout {
    bytes: Zeroizing<Vec<u8>>,
    encrypted: bool,
    /// Whether its checksum is left out.
    unchecked: bool,
}

impl Layout {
    fn read(file_text: &str) -> Result<Self, SigningError> {
        let line = file_text.lines().nth(1).map(str::trim).ok_or(SigningError::Malformed)?;
        let bytes = Zeroizing::new(STANDARD.decode(line).map_err(|_| SigningError::Malformed)?);
        if line.parse::<PublicKey>().is_ok() {
            return Err(SigningError::Public);
        }
        // Signature algorithm, key derivation, checksum algorithm; salt; cost; memory; key id; key; checksum.
        let (head, rest) = bytes.split_first_chunk::<6>().ok_or(SigningError::Malformed)?;
        let (_salt, rest) = rest.split_first_chunk::<32>().ok_or(SigningError::Malformed)?;
        let (cost, rest) = rest.split_first_chunk::<8>().ok_or(SigningError::Malformed)?;
        let (memory, rest) = rest.split_first_chunk::<8>().ok_or(SigningError::Malformed)?;
        let checksum = rest.split_first_chunk::<72>().and_then(|(_, checksum)| <[u8; 32]>::try_from(checksum).ok());
        let checksum = checksum.ok_or(SigningError::Malformed)?;
        let encrypted = match head {
            b"EdScB2" => true,
            b"Ed\0\0B2" => false,
            _ => return Err(SigningError::Malformed),
        };
        if encrypted && !(COST.contains(&u64::from_le_bytes(*cost)) && MEMORY.contains(&u64::from_le_bytes(*memory))) {
            return Err(SigningError::Cost);
        }
        Ok(Self { encrypted, unchecked: checksum == [0; 32], bytes })
    }

    fn boxed(&self) -> minisign::SecretKeyBox {
        format!("untrusted comment: \n{}\n", STANDARD.encode(&self.bytes)).into()
    }
}

// By hand: what the library derives would print the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl fmt::Debug for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password(…)",
            Self::None => "None",
        })
    }
}
