//! Everything miro-source knows about Microsoft Entra ID: plain functions over values, with a thin shell that sends.
//!
//! | module | what |
//! |---|---|
//! | [`component`] | what the component exports, with the sending as an argument |
//! | [`config`] | what an operator may set |
//! | [`token`] | the assertion that the host signs, and the token that it is worth |
//! | [`ability`] | what it can do, what that takes and what it does not reach |
//! | [`resolve`] | the one account that is meant, and its roles |
//! | [`respond`] | the steps of an order |
//! | [`directory`] | who is new, changed, disabled or gone, and who belongs to a group |
//! | [`collect`] | the sign-ins to one application, window by window, late ones included |
//! | [`normalize`], [`ocsf`] | one sign-in to an event, and to OCSF |
//! | [`graph`] | one request to Microsoft Graph, and what its answer says |
//! | [`words`] | foreign words made fit to print |
//! | `shell` | the exports, for WebAssembly only |
//!
//! Nothing here reads a clock, draws a random number, or remembers: `now` and all state are arguments. What always holds:
//! at most one request a call, at most one side effect a call, and none in the first call of an order; decisions are made on
//! statuses and codes, never on texts; no text holds a secret, nor any free text that the far side wrote.

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "http-source-directory-responder", path: "../../wit", generate_all, additional_derives: [PartialEq], additional_derives_ignore: ["stream-error"] });
}
pub mod ability;
pub mod collect;
pub mod component;
pub mod config;
pub mod directory;
pub mod graph;
pub mod normalize;
pub mod ocsf;
pub mod resolve;
pub mod respond;
#[cfg(target_arch = "wasm32")]
mod shell;
pub mod token;
pub mod words;

pub use guest_http as http;

pub use bindings::audit::pipeline::types;
pub use bindings::exports::audit::pipeline::{directory as people, responder, source};

#[cfg(test)]
mod tests;
