//! Who may run, and who may not: on values, on files, and on what minisign itself wrote.

mod decisions;
mod files;
mod hostile;
mod minisign;
mod signing;

use super::{Digest, Distrust, Package, Protection, PublicKey, SignatureFile, SigningKey, Trust, Vouched};
use crate::config::{ComponentRef, ComponentsConfig};

/// Bytes that are no component; nobody looks.
const WASM: &[u8] = b"\0asm and so on";

/// A new key without password.
fn key() -> SigningKey {
    let made = SigningKey::generate(&Protection::None).unwrap();
    SigningKey::open(&made.file_text, &Protection::None).unwrap()
}

/// Trust in some keys, of which so many must sign.
fn trust(keys: &[&SigningKey], signatures: usize) -> Trust {
    let trusted_keys = keys.iter().map(|key| key.public().clone()).collect();
    Trust::new(&ComponentsConfig { trusted_keys, signatures, ..ComponentsConfig::default() })
}

fn package(wasm: &[u8], signatures: &[&str]) -> Package {
    let file = |(index, text): (usize, &&str)| SignatureFile { name: format!("test.wasm.{index}.minisig"), text: (*text).to_owned() };
    let signatures = signatures.iter().enumerate().map(file).collect();
    Package { wasm: wasm.to_vec(), signatures, origin: ComponentRef::Path("test.wasm".into()) }
}

/// The ids of the keys that vouch.
fn signers(vouched: &Vouched) -> Vec<String> {
    match vouched {
        Vouched::Keys(signers) => signers.iter().map(|signer| signer.id.to_string()).collect(),
        other => panic!("not by keys: {other}"),
    }
}
