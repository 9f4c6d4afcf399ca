//! A second detector to learn from: administration at night. `guest/README.md` walks through it; `night.js` is the same in
//! JavaScript.
//!
//! | module | what |
//! |---|---|
//! | [`night`] | what it judges by, and what it finds |
//! | `shell` | the exports, for WebAssembly only |

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "pure-detector", path: "../../wit", generate_all, additional_derives: [PartialEq] });
}
pub mod night;
#[cfg(target_arch = "wasm32")]
mod shell;

pub use bindings::audit::pipeline::types;
pub use bindings::exports::audit::pipeline::detector;

#[cfg(test)]
mod tests;
