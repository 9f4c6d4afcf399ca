//! The one place that turns bytes into code that runs outside the sandbox.
//!
//! Why it is sound: `Component::deserialize` is unsafe because it trusts its input to be what `precompile_component` wrote,
//! and runs it. The only caller is the cache, which hands in bytes of two origins:
//!
//! 1. straight from `precompile_component` of this very engine, in this very call, or
//! 2. from a file whose seal opened under the store's key, authenticated in memory (nobody can change the bytes between
//!    the check and the use) together with the digest of the component and the engine's compatibility hash. Only this
//!    host has the key, and it writes nothing but 1.
//!
//! Beyond that wasmtime itself refuses code of another version or configuration.

use wasmtime::{Engine, component::Component};

/// Compiled code that was either made right now, or written by this host and unchanged since.
pub(super) struct Trusted<'a>(&'a [u8]);

impl<'a> Trusted<'a> {
    /// The caller vouches for one of the two origins above. Kept to the cache.
    pub(super) fn vouched(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

pub(super) fn load(engine: &Engine, code: &Trusted<'_>) -> wasmtime::Result<Component> {
    #[expect(unsafe_code, reason = "the proof is this module's documentation")]
    // SAFETY: see the module.
    unsafe {
        Component::deserialize(engine, code.0)
    }
}
