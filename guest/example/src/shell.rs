//! The component's outer skin: exports to plain functions. Compiled for WebAssembly only.

use guest_http::send;

use crate::{
    bindings, component,
    source::{Allowance, Guest, Identity, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure, Secrets},
};

struct Tidemark;

impl Guest for Tidemark {
    fn describe() -> Description {
        component::describe()
    }

    fn metering(config: String) -> Result<Allowance, Failure> {
        component::metering(&config)
    }

    fn origins(config: String) -> Result<Vec<String>, Failure> {
        component::origins(&config)
    }

    fn check(config: String, access_token: String) -> Result<Identity, Failure> {
        component::check(&config, &access_token, send)
    }

    fn authorize_url(_: String, _: String, _: String) -> Result<String, Failure> {
        Err(component::no_oauth())
    }

    fn exchange(_: String, _: Secrets, _: String, _: String, _: u64) -> Result<Credentials, Failure> {
        Err(component::no_oauth())
    }

    fn refresh(_: String, _: Secrets, _: Credentials, _: u64) -> Result<Credentials, RefreshFailure> {
        Err(component::no_refresh())
    }

    fn revoke(_: String, _: Secrets, _: Credentials) -> Result<(), Failure> {
        Err(component::no_oauth())
    }

    fn begin(config: String, span: Span, _: u64) -> Result<String, Failure> {
        component::begin(&config, span)
    }

    fn collect(config: String, access_token: String, checkpoint: String, now: u64) -> Result<Page, Failure> {
        component::collect(&config, &access_token, &checkpoint, now, send)
    }

    fn normalize(config: String, records: Vec<String>) -> Vec<Result<Event, String>> {
        component::normalize(&config, &records)
    }

    fn ocsf(config: String, records: Vec<String>) -> Vec<Result<String, String>> {
        component::ocsf(&config, &records)
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Tidemark, bindings};

    bindings::export!(Tidemark with_types_in bindings);
}
