//! Everything miro-source knows about Miro.

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "http-source", path: "../../wit", generate_all });
}
pub mod config;
pub mod http;
pub mod length;
pub mod normalize;
pub mod oauth;
pub mod ocsf;

pub use bindings::audit::pipeline::types;
pub use bindings::exports::audit::pipeline::source;
