//! Any source as a command: one run polls until it has caught up, writes every event once to standard output, and keeps
//! what must survive in a folder. Composed with a source it asks for nothing but WASI, so that a stock runtime runs it.
//!
//! | module | what |
//! |---|---|
//! | [`run`] | one run, from the environment to the exit code |
//! | [`settings`] | what the environment says |
//! | [`state`] | the checkpoint, and how a page is committed |
//! | [`seen`] | the ids that were written already |
//! | [`custody`] | the tokens, and the journal of their refresh |
//! | [`lease`] | one run at a time |
//! | [`edges`] | files, clock, console and source, as traits |
//! | `shell` | the same over WASI, for WebAssembly only |
//!
//! What always holds:
//!
//! 1. **No event is lost.** A page's events are written and flushed before their ids are stored, the ids before the
//!    checkpoint that covers them; each step is synced before the next begins. A crash between two of them brings the page
//!    again: events of that one page may then be written twice, never not at all.
//! 2. **Otherwise every event is written once**, late ones and repeated pages included: its id is known.
//! 3. **A pair of tokens is never risked.** The intent to refresh is on disk before the vendor is asked, the new pair
//!    before it is used, and a pair whose answer was lost is sent again only until the vendor grants or refuses it.
//!
//! The tests stop a run between any two steps, with and without loss of what was not synced.

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "source-command", path: "../../wit", generate_all, additional_derives: [PartialEq], additional_derives_ignore: ["stream-error"] });
}
pub mod custody;
pub mod edges;
pub mod exit;
pub mod lease;
pub mod neutral;
pub mod run;
pub mod seen;
pub mod settings;
#[cfg(target_arch = "wasm32")]
mod shell;
pub mod state;
#[cfg(test)]
mod tests;

pub use bindings::audit::pipeline::{source, types};
