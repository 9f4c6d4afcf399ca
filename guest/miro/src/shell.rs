//! The component's outer skin: exports to plain functions, with the sending handed to them. Compiled for WebAssembly only.

use crate::{
    bindings, component,
    http::send,
    source::{Allowance, Guest, Identity, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure, Secrets},
};

struct Miro;

impl Guest for Miro {
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

    fn authorize_url(config: String, redirect_uri: String, state: String) -> Result<String, Failure> {
        component::authorize_url(&config, &redirect_uri, &state)
    }

    fn exchange(config: String, secrets: Secrets, code: String, redirect_uri: String, now: u64) -> Result<Credentials, Failure> {
        component::exchange(&config, &secrets, &code, &redirect_uri, now, send)
    }

    fn refresh(config: String, secrets: Secrets, credentials: Credentials, now: u64) -> Result<Credentials, RefreshFailure> {
        component::refresh(&config, &secrets, &credentials, now, send)
    }

    fn revoke(config: String, secrets: Secrets, credentials: Credentials) -> Result<(), Failure> {
        component::revoke(&config, &secrets, &credentials, send)
    }

    fn begin(config: String, span: Span, now: u64) -> Result<String, Failure> {
        component::begin(&config, span, now)
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
    use super::{Miro, bindings};

    bindings::export!(Miro with_types_in bindings);
}
