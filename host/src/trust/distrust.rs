//! Why nothing vouches for a component, in words for people: what was found, and what to do.

use std::fmt;

use super::{digest::Digest, key::KeyId, signature::Malformed};
use crate::config::ComponentRef;

/// Why a component may not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// No key is trusted, so only a digest could vouch for it.
    #[error(
        "component {origin} is refused: it is neither built in nor pinned, and the configuration trusts no key; \
         name its maker's public key in `trusted_keys` of [components], or {}",
        pin(digest)
    )]
    NoKeys {
        /// The component.
        origin: ComponentRef,
        /// What to pin.
        digest: Digest,
    },
    /// It has no signature.
    #[error(
        "component {origin} is refused: it is not signed, there is no {origin}.minisig and no {origin}.*.minisig; \
         have it signed with a trusted key ({}): `miro-source components sign {origin} --key FILE`; or {}",
        all(trusted),
        pin(digest)
    )]
    Unsigned {
        /// The component.
        origin: ComponentRef,
        /// Whose signatures would count.
        trusted: Vec<KeyId>,
        /// What to pin.
        digest: Digest,
    },
    /// Only keys signed it that the configuration does not name.
    #[error(
        "component {origin} is refused: it is signed by {} {}, which the configuration does not trust (it trusts {}); \
         if you trust that key, add it to `trusted_keys` of [components]; or {}",
        keys(found),
        all(found),
        all(trusted),
        pin(digest)
    )]
    UnknownKey {
        /// The component.
        origin: ComponentRef,
        /// Whose signatures were found.
        found: Vec<KeyId>,
        /// Whose would count.
        trusted: Vec<KeyId>,
        /// What to pin.
        digest: Digest,
    },
    /// A trusted key's signature is not of these bytes and this comment.
    #[error(
        "component {origin} is refused: the signature of {} {} does not match it: the component or the signature's comment was \
         changed since, or the signature belongs to another version; get both again from whoever signed it (this file is {digest})",
        keys(mismatched),
        all(mismatched)
    )]
    Altered {
        /// The component.
        origin: ComponentRef,
        /// Whose signatures do not match.
        mismatched: Vec<KeyId>,
        /// What was found.
        digest: Digest,
    },
    /// Some trusted keys signed it, but not enough.
    #[error("component {origin} is refused: {shortfall}; or {}", pin(digest))]
    TooFew {
        /// The component.
        origin: ComponentRef,
        /// Who signed it, and who did not.
        shortfall: Box<Shortfall>,
        /// What to pin.
        digest: Digest,
    },
    /// A file of signatures is none.
    #[error("component {origin} is refused: {file}: {why}; get that file again from whoever signed the component, or remove it")]
    Malformed {
        /// The component.
        origin: ComponentRef,
        /// The file.
        file: String,
        /// Where and what.
        why: Malformed,
    },
    /// More signatures than are looked at.
    #[error("component {origin} is refused: more than {most} signatures stand beside it; remove those that are not needed")]
    TooMany {
        /// The component.
        origin: ComponentRef,
        /// The bound.
        most: usize,
    },
}

/// Who signed a component that needs more signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// Trusted keys that did.
    pub signers: Vec<KeyId>,
    /// How many must.
    pub needed: usize,
    /// Trusted keys that did not.
    pub missing: Vec<KeyId>,
    /// Those among them whose signatures do not match.
    pub mismatched: Vec<KeyId>,
    /// Keys that signed it and are not trusted.
    pub unknown: Vec<KeyId>,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { signers, needed, missing, mismatched, unknown } = self;
        write!(f, "{} of the {needed} signatures that are needed: signed by {}", signers.len(), all(signers))?;
        f.write_str(&more(mismatched, "not matching, so changed since or of another version"))?;
        f.write_str(&more(unknown, "not trusted"))?;
        write!(f, "; have it signed by {} of {}", needed.saturating_sub(signers.len()), all(missing))
    }
}

/// For copy and paste.
fn pin(digest: &Digest) -> String {
    format!("if you trust exactly this file, write digests = [\"{digest}\"] below [components]")
}

fn keys(ids: &[KeyId]) -> &'static str {
    if ids.len() == 1 { "key" } else { "keys" }
}

fn all(ids: &[KeyId]) -> String {
    ids.iter().map(KeyId::to_string).collect::<Vec<_>>().join(", ")
}

fn more(ids: &[KeyId], what: &str) -> String {
    if ids.is_empty() { String::new() } else { format!(" ({what}: {})", all(ids)) }
}
