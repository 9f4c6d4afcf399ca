//! Judges audit events: anomaly detections and activity policies, as plain functions over values.

#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod bindings {
    wit_bindgen::generate!({ world: "pure-detector", path: "../../wit", generate_all, additional_derives: [PartialEq] });
}
#[cfg(target_arch = "wasm32")]
mod shell;

pub use bindings::audit::pipeline::types;
pub use bindings::exports::audit::pipeline::detector;
