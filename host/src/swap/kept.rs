//! A component as the store keeps it, so that a restart finds what was current, and a failure what was before.

use serde::{Deserialize, Serialize};

use crate::{
    config::ComponentRef,
    trust::{Package, SignatureFile, Trust},
};

/// What stands before the bytes.
#[derive(Serialize, Deserialize)]
struct Head {
    v: u32,
    /// Whether the component came with a host, under this name.
    builtin: Option<String>,
    /// Or from this file.
    path: Option<std::path::PathBuf>,
    signatures: Vec<SignatureFile>,
}

/// Packs it: the length of the head, the head as JSON, the component.
pub(super) fn pack(package: &Package) -> Result<Vec<u8>, serde_json::Error> {
    let (builtin, path) = match &package.origin {
        ComponentRef::Builtin(name) => (Some(name.clone()), None),
        ComponentRef::Path(path) => (None, Some(path.clone())),
    };
    let head = serde_json::to_vec(&Head { v: 1, builtin, path, signatures: package.signatures.clone() })?;
    let length = u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes();
    Ok([length.as_slice(), &head, &package.wasm].concat())
}

/// Unpacks it; `None` where a newer host packed it.
pub(super) fn unpack(bytes: &[u8]) -> Option<Package> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (head, wasm) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let head: Head = serde_json::from_slice(head).ok()?;
    let origin = match (head.builtin, head.path) {
        (Some(name), None) => ComponentRef::Builtin(name),
        (None, Some(path)) => ComponentRef::Path(path),
        _ => return None,
    };
    (head.v == 1).then(|| Package { wasm: wasm.to_vec(), signatures: head.signatures, origin })
}

/// Whether it may still run: what vouched for it then may be gone from the configuration by now. One that was built into an
/// earlier host may: the store's seal says that a host put it there.
pub(super) fn may_run(package: &Package, trust: &Trust) -> Result<String, String> {
    match (trust.judge(package), &package.origin) {
        (Ok(vouched), _) => Ok(vouched.to_string()),
        (Err(_), ComponentRef::Builtin(name)) => Ok(format!("built in as `{name}` of an earlier host")),
        (Err(why), ComponentRef::Path(_)) => Err(why.to_string()),
    }
}
