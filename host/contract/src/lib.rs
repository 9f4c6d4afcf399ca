//! The host's side of the `audit:pipeline` contract, generated from `wit/`.
//!
//! A crate of its own, because expanding it costs a minute: editing the host must not pay that again.
//! Every value can be written as JSON and read back, so that a host can keep what a component answered and compare.

/// Generated from `wit/`, which documents it.
#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "http-source",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        },
    });
}

/// Generated from `wit/`, which documents it; its types are those of the other.
#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod judging {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "pure-detector",
        exports: { default: async },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
        with: { "audit:pipeline/types": crate::types },
    });
}

/// Generated from `wit/`, which documents it; its types are those of the others.
#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod acting {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "http-responder",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "audit:pipeline/types": crate::types,
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        },
    });
}

/// Generated from `wit/`, which documents it; its types are those of the others.
#[expect(missing_docs, reason = "generated from wit/, which documents it")]
mod listing {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "http-directory",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "audit:pipeline/types": crate::types,
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        },
    });
}

pub use acting::{HttpResponder, HttpResponderIndices, HttpResponderPre, exports::audit::pipeline::responder};
pub use generated::{HttpSource, HttpSourceIndices, HttpSourcePre, audit::pipeline::types, exports::audit::pipeline::source};
pub use judging::{PureDetector, PureDetectorIndices, PureDetectorPre, exports::audit::pipeline::detector};
pub use listing::{HttpDirectory, HttpDirectoryIndices, HttpDirectoryPre, exports::audit::pipeline::directory};
