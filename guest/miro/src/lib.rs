//! Everything miro-source knows about Miro: plain functions over values, with a thin shell that sends.
//!
//! | module | what |
//! |---|---|
//! | [`component`] | what the component exports, with the sending as an argument |
//! | [`config`] | what an operator may set |
//! | [`collect`] | a span of time, page by page, late events included |
//! | [`normalize`], [`ocsf`] | one of Miro's objects to an event, and to OCSF |
//! | [`oauth`] | tokens |
//! | [`respond`] | acting on an account: the other thing it exports |
//! | [`http`] | a request and its answer as values, and the sending |
//! | `shell` | the exports, for WebAssembly only |
//!
//! Nothing here reads a clock, draws a random number, or remembers: `now` and all state are arguments.

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "http-source-responder", path: "../../wit", generate_all, additional_derives: [PartialEq], additional_derives_ignore: ["stream-error"] });
}
pub mod collect;
pub mod component;
pub mod config;
pub mod normalize;
pub mod oauth;
pub mod ocsf;
pub mod respond;
#[cfg(target_arch = "wasm32")]
mod shell;

pub use guest_http as http;
pub use guest_source::{instant, length};

pub use bindings::audit::pipeline::types;
pub use bindings::exports::audit::pipeline::{responder, source};
