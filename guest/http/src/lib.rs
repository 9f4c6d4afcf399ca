//! One request and its answer, for every component that reaches its vendor over HTTP.
//!
//! A component's logic makes a [`Request`] and judges what came back, a [`Response`] or a [`TransportError`]; both are
//! values, so it is tested natively. In between stands `send`, which knows `wasi:http` and nothing of any vendor.
//!
//! What always holds: of a body no more is held than the cap; and [`TransportError::Unsent`] means that the request surely
//! never reached the vendor, whatever the host reports.
//!
//! | module | what |
//! |---|---|
//! | `exchange` | a request and its answer as values |
//! | [`form`] | parameters, percent-encoded |
//! | `fault` | what an error of `wasi:http` says about the request |
//! | `send` | the sending, for WebAssembly only |

#[cfg(any(test, target_arch = "wasm32"))]
mod bindings {
    wit_bindgen::generate!({
        inline: "package guest:http; world sender { import wasi:http/outgoing-handler@0.2.12; }",
        path: "../../wit",
        generate_all,
    });
}
mod exchange;
#[cfg(any(test, target_arch = "wasm32"))]
mod fault;
pub mod form;
#[cfg(target_arch = "wasm32")]
mod send;

pub use exchange::{Answer, Body, Method, Request, Response, TransportError};
#[cfg(target_arch = "wasm32")]
pub use send::send;
