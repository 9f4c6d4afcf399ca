//! A source whose vendor counts: step `n` of a source brings event `n`. Which of its versions this is stands in
//! [`VERSION`], which a test overwrites in the built component, so that one build gives as many versions as are wanted.
//!
//! | version | what is different |
//! |---|---|
//! | `plain`, `other`, `third` | nothing but the name |
//! | `louder` | the action is written in capitals: another normalization |
//! | `asking` | it asks with another parameter as well |
//! | `newer` | its checkpoints have schema 2; it reads both |
//! | `fragile` | like `newer`, and traps at its third step |
//! | `spinning` | like `newer`, and never ends its third step |
//! | `stumbling` | traps where the vendor answers anything but what it answered before |
//! | `mute` | traps in `describe` |
//! | `deaf` | reads no checkpoint that it did not write |
//! | `greedy` | wants to reach an origin more |

#[cfg(target_arch = "wasm32")]
#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "http-source", path: "../../wit", generate_all });
}
#[cfg(target_arch = "wasm32")]
mod shell;

/// Which version this is, padded with `_`.
pub static VERSION: [u8; 32] = *b"version:plain___________________";

/// The name of the version.
pub fn version() -> &'static str {
    // Not known when this is compiled: it may be overwritten in the component.
    let bytes: &'static [u8; 32] = std::hint::black_box(&VERSION);
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.trim_start_matches("version:").trim_end_matches('_')
}
