//! Which components may run: those built in, those whose digest the operator pinned, those that enough trusted keys signed.
//!
//! What goes in: the bytes of a component with the signatures found beside it ([`Package`], read once), and what the
//! operator trusts ([`Trust`], from `[components]`). What comes out: what vouches for it ([`Vouched`]), or why nothing
//! does ([`Distrust`], in words for people, with what to do). What always holds:
//!
//! - [`Trust::judge`] only decides: no file, no clock, no state. The same bytes, signatures and trust give the same answer,
//!   so that what was stored is judged again at every load.
//! - It judges the very bytes that are compiled, before anything is compiled or looked up in the compiled cache: code in
//!   the cache is no way around it, and neither is a file that changes while it is read.
//! - Without keys nothing loads but what is built in and what is pinned. A key counts once, however often it signed and
//!   under however many ids.
//! - Signatures of unknown keys, and those that do not match, never count; they harm nobody either, as long as enough others
//!   do.
//! - Keys, signatures and their files are those of [minisign](https://jedisct1.github.io/minisign/), both ways.
//!
//! | file | noun |
//! |---|---|
//! | `digest` | SHA-256 of a component, as it is pinned |
//! | `key` | a public key and its id |
//! | `signature` | a signature, and the text that holds one or several |
//! | `package` | a component as it was read: bytes, signatures, origin |
//! | `judge` | what is trusted, and the decision |
//! | `distrust` | why nothing vouches for a component |
//! | `signing` | a secret key, and signing with it |

mod digest;
mod distrust;
mod judge;
mod key;
mod package;
mod signature;
mod signing;
#[cfg(test)]
mod tests;

pub use digest::{Digest, DigestError};
pub use distrust::{Distrust, Shortfall};
pub use judge::{Signer, Trust, Vouched};
pub use key::{KeyError, KeyId, PublicKey};
pub use package::{LARGEST, Package, ReadError, SignatureFile};
pub use signature::{Malformed, Signature};
pub use signing::{NewKey, Protection, SigningError, SigningKey};

use crate::config::ComponentRef;

/// A component that may run, and why.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The component.
    pub package: Package,
    /// What vouches for it.
    pub vouched: Vouched,
}

/// Why a component was not admitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It cannot be read.
    #[error(transparent)]
    Unread(#[from] ReadError),
    /// Nothing vouches for it.
    #[error(transparent)]
    Distrusted(#[from] Distrust),
}

/// Reads a component and makes sure that it may run. Blocks: up to 32 MiB are read and hashed.
pub fn admit(trust: &Trust, reference: &ComponentRef) -> Result<Admitted, Refused> {
    let package = Package::open(reference)?;
    let vouched = trust.judge(&package)?;
    tracing::debug!(component = %package.origin, "trusted: {vouched}");
    Ok(Admitted { package, vouched })
}
