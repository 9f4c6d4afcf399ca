//! What must hold whatever comes from outside. Each law takes bytes, makes of them what an outsider might send, hands that to
//! the real code and asserts what is promised; any bytes are welcome. `tests/fuzz` draws the bytes; the tests of this crate
//! run every law over the corpora kept there.
//!
//! | law | outsider | code |
//! |---|---|---|
//! | [`page()`] | Miro's audit log | `guest-miro`: `collect`, `normalize`, `ocsf` |
//! | [`token()`] | Miro's OAuth | `guest-miro`: `exchange`, `refresh`, `check`, `revoke` |
//! | [`checkpoint()`] | a stored checkpoint, a configuration | `guest-miro`: `begin`, `collect` |
//! | `returned` | a component | `miro-source`: the check of a page, the store |

mod answers;
mod checkpoint;
mod contract;
mod page;
#[cfg(feature = "host")]
mod returned;
mod secret;
mod token;

#[cfg(feature = "host")]
pub use returned::returned;
pub use {checkpoint::checkpoint, page::page, token::token};

/// 2026-01-01T00:10:00Z, where time stands still in every law of the guest.
const NOW: u64 = 1_767_226_200_000;
