//! The component's outer skin: exports to plain functions, with the sending handed to them. Compiled for WebAssembly only.

use crate::{
    bindings, component,
    http::send,
    respond,
    responder::{self, Ability, Action, Order, Progress, Resolution, Setback, Target, Unsigned},
    source::{self, Allowance, Identity, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure, Secrets},
};

struct Miro;

impl source::Guest for Miro {
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

impl responder::Guest for Miro {
    fn describe() -> Description {
        respond::describe()
    }

    fn origins(config: String) -> Result<Vec<String>, Failure> {
        respond::origins(&config)
    }

    fn abilities(config: String) -> Result<Vec<Ability>, Failure> {
        respond::abilities(&config)
    }

    fn assertion(config: String, _certificate: Vec<u8>, _nonce: String, _now: u64) -> Result<Unsigned, Failure> {
        respond::assertion(&config)
    }

    fn authenticate(config: String, secrets: Secrets, action: Option<Action>, _now: u64) -> Result<Credentials, Failure> {
        respond::authenticate(&config, &secrets, action)
    }

    fn resolve(config: String, access_token: String, target: Target, state: Option<String>, now: u64) -> Result<Resolution, Failure> {
        respond::resolve(&config, &access_token, &target, state.as_deref(), now, send)
    }

    fn respond(config: String, access_token: String, order: Order, state: Option<String>, now: u64) -> Result<Progress, Setback> {
        respond::respond(&config, &access_token, &order, state.as_deref(), now, send)
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Miro, bindings};

    bindings::export!(Miro with_types_in bindings);
}
