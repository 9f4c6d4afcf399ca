//! The component's outer skin: exports to plain functions, with the sending handed to them. Compiled for WebAssembly only.

use crate::{
    bindings, component,
    http::send,
    people,
    responder::{self, Ability, Action, Order, Progress, Resolution, Setback, Target, Unsigned},
    types::{Credentials, Description, Failure, Secrets},
};

struct Entra;

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
