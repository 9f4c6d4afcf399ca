//! What is trusted, and the decision.

use std::{collections::BTreeMap, fmt};

use super::{
    digest::Digest,
    distrust::{Distrust, Shortfall},
    key::{KeyId, PublicKey},
    package::Package,
    signature::Signature,
};
use crate::{
    config::{BUILTINS, ComponentsConfig, DETECTORS, RESPONDERS},
    neutral::visible,
    runtime::Runtime,
};

/// How many signatures are looked at: each hashes the whole component.
const MOST_SIGNATURES: usize = 32;

/// What the operator trusts, and what is built in.
#[derive(Clone, Debug)]
pub struct Trust {
    builtins: BTreeMap<Digest, &'static str>,
    config: ComponentsConfig,
}

/// What vouches for a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// It is one that is built in, by this name, wherever it was read from.
    Builtin(&'static str),
    /// The operator pinned its digest.
    Digest(Digest),
    /// These trusted keys signed it, at least as many as are needed.
    Keys(Vec<Signer>),
}

/// A trusted key that signed a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The key.
    pub id: KeyId,
    /// Its trusted comment, as its owner wrote it.
    pub comment: String,
}

impl Trust {
    /// As the configuration says.
    pub fn new(config: &ComponentsConfig) -> Self {
        let builtins =
            BUILTINS.iter().chain(DETECTORS).chain(RESPONDERS).filter_map(|name| Some((Digest::of(Runtime::builtin(name)?), *name)));
        Self { builtins: builtins.collect(), config: config.clone() }
    }

    /// Only what every one of these keys signed; nothing built in, nothing pinned.
    pub fn signed_by_all(keys: Vec<PublicKey>) -> Self {
        let config = ComponentsConfig { signatures: keys.len(), trusted_keys: keys, digests: Vec::new() };
        Self { builtins: BTreeMap::new(), config }
    }

    /// Whether a component may run, and what vouches for it.
    pub fn judge(&self, package: &Package) -> Result<Vouched, Distrust> {
        let digest = package.digest();
        if let Some(name) = self.builtins.get(&digest) {
            return Ok(Vouched::Builtin(name));
        }
        if self.config.digests.contains(&digest) {
            return Ok(Vouched::Digest(digest));
        }
        let origin = || package.origin.clone();
        let trusted = || self.config.trusted_keys.iter().map(PublicKey::id).collect::<Vec<_>>();
        // Without keys zero signatures would be enough.
        if self.config.trusted_keys.is_empty() {
            return Err(Distrust::NoKeys { origin: origin(), digest });
        }
        let signatures = signatures(package)?;
        if signatures.is_empty() {
            return Err(Distrust::Unsigned { origin: origin(), trusted: trusted(), digest });
        }
        let found = self.weigh(&package.wasm, &signatures);
        let needed = self.config.signatures.max(1);
        if found.signers.len() >= needed {
            return Ok(Vouched::Keys(found.signers));
        }
        Err(match (found.signers.as_slice(), found.mismatched.as_slice()) {
            ([], []) => Distrust::UnknownKey { origin: origin(), found: found.unknown, trusted: trusted(), digest },
            ([], mismatched) => Distrust::Altered { origin: origin(), mismatched: mismatched.to_vec(), digest },
            (signers, _) => {
                let signers: Vec<_> = signers.iter().map(|signer| signer.id).collect();
                let missing = trusted().into_iter().filter(|id| !signers.contains(id)).collect();
                let shortfall = Shortfall { signers, needed, missing, mismatched: found.mismatched, unknown: found.unknown };
                Distrust::TooFew { origin: origin(), shortfall: Box::new(shortfall), digest }
            }
        })
    }

    /// What every signature is worth.
    fn weigh(&self, wasm: &[u8], signatures: &[Signature]) -> Found {
        let mut found = Found::default();
        // By the key itself: one key under two ids is one signer.
        let mut counted: Vec<&PublicKey> = Vec::new();
        for signature in signatures {
            let claimed: Vec<_> = self.config.trusted_keys.iter().filter(|key| key.id() == signature.id()).collect();
            if claimed.is_empty() {
                note(&mut found.unknown, signature.id());
            } else if let Some(key) = claimed.into_iter().find(|key| signature.is_of(key, wasm)) {
                if !counted.iter().any(|known| known.is_same_key(key)) {
                    counted.push(key);
                    found.signers.push(Signer { id: key.id(), comment: signature.comment().to_owned() });
                }
            } else {
                note(&mut found.mismatched, signature.id());
            }
        }
        found.mismatched.retain(|id| !found.signers.iter().any(|signer| signer.id == *id));
        found
    }
}

/// What the signatures of a component are worth, each key once.
#[derive(Default)]
struct Found {
    signers: Vec<Signer>,
    /// Of trusted keys, but not of this component.
    mismatched: Vec<KeyId>,
    unknown: Vec<KeyId>,
}

fn note(ids: &mut Vec<KeyId>, id: KeyId) {
    if !ids.contains(&id) {
        ids.push(id);
    }
}

fn signatures(package: &Package) -> Result<Vec<Signature>, Distrust> {
    let mut all = Vec::new();
    for file in &package.signatures {
        let found = Signature::parse_all(&file.text).map_err(|why| Distrust::Malformed {
            origin: package.origin.clone(),
            file: file.name.clone(),
            why,
        })?;
        all.extend(found);
        if all.len() > MOST_SIGNATURES {
            return Err(Distrust::TooMany { origin: package.origin.clone(), most: MOST_SIGNATURES });
        }
    }
    Ok(all)
}

impl fmt::Display for Vouched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin(name) => write!(f, "built in as `{name}`"),
            Self::Digest(digest) => write!(f, "pinned by its digest {digest}"),
            Self::Keys(signers) => {
                f.write_str("signed by ")?;
                for (index, Signer { id, comment }) in signers.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}key {id} ({})", visible(comment))?;
                }
                Ok(())
            }
        }
    }
}
