//! The component's outer skin: exports to plain functions, with the sending handed to them. Compiled for WebAssembly only.

use crate::{
    bindings, component,
    http::send,
    people,
    responder::{self, Ability, Action, Order, Progress, Resolution, Setback, Target, Unsigned},
    source::{self, Allowance, Identity, Page, RefreshFailure, Span},
    types::{Credentials, Description, Event, Failure, Secrets},
};

struct Entra;

impl source::Guest for Entra {
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

    fn authorize_url(config: String, _redirect_uri: String, _state: String) -> Result<String, Failure> {
        component::authorize_url(&config)
    }

    fn exchange(config: String, _secrets: Secrets, _code: String, _redirect_uri: String, _now: u64) -> Result<Credentials, Failure> {
        component::exchange(&config)
    }

    fn refresh(config: String, _secrets: Secrets, _credentials: Credentials, _now: u64) -> Result<Credentials, RefreshFailure> {
        component::refresh(&config)
    }

    fn revoke(config: String, _secrets: Secrets, _credentials: Credentials) -> Result<(), Failure> {
        component::revoke(&config)
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

impl responder::Guest for Entra {
    fn describe() -> Description {
        component::describe()
    }

    fn origins(config: String) -> Result<Vec<String>, Failure> {
        component::origins(&config)
    }

    fn abilities(config: String) -> Result<Vec<Ability>, Failure> {
        component::abilities(&config)
    }

    fn assertion(config: String, certificate: Vec<u8>, nonce: String, now: u64) -> Result<Unsigned, Failure> {
        component::assertion(&config, &certificate, &nonce, now)
    }

    fn authenticate(config: String, secrets: Secrets, _for: Option<Action>, now: u64) -> Result<Credentials, Failure> {
        component::authenticate(&config, &secrets, now, send)
    }

    fn resolve(config: String, access_token: String, target: Target, state: Option<String>, now: u64) -> Result<Resolution, Failure> {
        component::resolve(&config, &access_token, &target, state.as_deref(), now, send)
    }

    fn respond(config: String, access_token: String, order: Order, state: Option<String>, now: u64) -> Result<Progress, Setback> {
        component::respond(&config, &access_token, &order, state.as_deref(), now, send)
    }
}

impl people::Guest for Entra {
    fn changed(config: String, access_token: String, checkpoint: Option<String>, now: u64) -> Result<people::Changes, Failure> {
        component::changed(&config, &access_token, checkpoint.as_deref(), now, send)
    }

    fn members(config: String, access_token: String, group: String, page: Option<String>, now: u64) -> Result<people::Membership, Failure> {
        component::members(&config, &access_token, &group, page.as_deref(), now, send)
    }
}

#[expect(unsafe_code, reason = "what wit-bindgen generates for the canonical ABI")]
mod exports {
    use super::{Entra, bindings};

    bindings::export!(Entra with_types_in bindings);
}
