//! What the component exports, as plain functions: every argument a value, and the one request of a call handed to `send`.

use crate::{
    ability,
    config::{Config, SCHEMA},
    directory,
    http::Request,
    people::{Changes, Membership},
    resolve, respond,
    responder::{Ability, Order, Progress, Resolution, Setback, Target, Unsigned},
    token,
    types::{Credentials, Description, Failure, Secret, Secrets},
};

pub use crate::http::Answer;

/// The most of a token's answer that is read, in bytes. A token has some thousand.
const SMALL: u64 = 1 << 20;

/// About this component.
pub fn describe() -> Description {
    let secret = |name: &str, purpose: &str| Secret { name: name.to_owned(), purpose: purpose.to_owned(), required: false };
    Description {
        name: "entra".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_schema: SCHEMA.to_owned(),
        secrets: vec![
            secret(
                token::CLIENT_SECRET,
                "the value of a client secret, under Certificates & secrets of the app registration; not needed with a certificate or a workload identity",
            ),
            secret(token::ASSERTION, "what proves who asks in place of a secret: signed by the host, or the token of a workload identity"),
        ],
    }
}

/// The origins it must reach.
pub fn origins(config: &str) -> Result<Vec<String>, Failure> {
    Config::parse(config).map(|config| config.origins())
}

/// What it can do.
pub fn abilities(config: &str) -> Result<Vec<Ability>, Failure> {
    Config::parse(config).map(|config| ability::abilities(&config))
}

/// What the host signs.
pub fn assertion(config: &str, certificate: &[u8], nonce: &str, now: u64) -> Result<Unsigned, Failure> {
    token::assertion(&Config::parse(config)?, certificate, nonce, now)
}

/// Obtains a token: one for every action, and for reading.
pub fn authenticate(config: &str, secrets: &Secrets, now: u64, send: impl FnOnce(Request, u64) -> Answer) -> Result<Credentials, Failure> {
    let request = token::request(&Config::parse(config)?, secrets, now)?;
    token::token(secrets, send(request, SMALL), now)
}

/// Finds the account.
pub fn resolve(
    config: &str,
    access_token: &str,
    target: &Target,
    state: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Resolution, Failure> {
    resolve::resolve(&Config::parse(config)?, access_token, target, state, now, send)
}

/// The next step of an order.
pub fn respond(
    config: &str,
    access_token: &str,
    order: &Order,
    state: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Progress, Setback> {
    let config = Config::parse(config).map_err(|failure| Setback { failure, uncertain: false, trace: None })?;
    respond::respond(&config, access_token, order, state, now, send)
}

/// Who is new or changed.
pub fn changed(
    config: &str,
    access_token: &str,
    checkpoint: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Changes, Failure> {
    directory::changed(&Config::parse(config)?, access_token, checkpoint, now, send)
}

/// Who belongs to a group.
pub fn members(
    config: &str,
    access_token: &str,
    group: &str,
    page: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Membership, Failure> {
    directory::members(&Config::parse(config)?, access_token, group, page, now, send)
}
