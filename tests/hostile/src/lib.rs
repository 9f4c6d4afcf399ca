//! A component that attacks its host, as its `config` says; see [`Plan`](plan::Plan). Never built into anything: the tests
//! of the sandbox build it and load it by its path.
//!
//! | module | what |
//! |---|---|
//! | [`plan`] | the attack, and when it begins |
//! | [`behave`] | what a component answers that does nothing wrong |
//! | [`hoard`] | taking the host's processor, memory and resources |
//! | [`overfill`] | answers that are too large, too many, or not what the contract says |
//! | `request`, `shell` | reaching for the network; the exports. For WebAssembly only |
//!
//! What cannot be said in Rust lies beside it as text, in `wat/`.

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "http-source", path: "../../wit", generate_all });
}
pub mod behave;
pub mod hoard;
pub mod overfill;
pub mod plan;
#[cfg(target_arch = "wasm32")]
mod request;
#[cfg(target_arch = "wasm32")]
mod shell;

pub use bindings::audit::pipeline::types;
pub use bindings::exports::audit::pipeline::source;
