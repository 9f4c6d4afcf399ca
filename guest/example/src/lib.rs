//! A second source to learn from: Tidemark, a vendor that does not exist. `guest/README.md` walks through it.
//!
//! | module | what |
//! |---|---|
//! | [`paging`] | how Tidemark pages |
//! | [`event`] | what one of its objects is as an event |
//! | [`component`] | what the component exports, with the sending as an argument |
//! | `shell` | the exports, for WebAssembly only |

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "http-source", path: "../../wit", generate_all, additional_derives: [PartialEq], additional_derives_ignore: ["stream-error"] });
}
pub mod component;
pub mod event;
pub mod paging;
#[cfg(target_arch = "wasm32")]
mod shell;

pub use bindings::audit::pipeline::types;
pub use bindings::exports::audit::pipeline::source;
