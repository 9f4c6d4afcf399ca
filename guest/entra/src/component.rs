//! What the component exports, as plain functions: every argument a value, and the one request of a call handed to `send`.

use crate::{
    ability, collect,
    config::{Config, SCHEMA},
    directory,
    http::Request,
    normalize, ocsf,
    people::{Changes, Membership},
    resolve, respond,
    responder::{Ability, Order, Progress, Resolution, Setback, Target, Unsigned},
    source::{Allowance, Identity, Page, RefreshFailure, Span},
    token,
    types::{Credentials, Description, Event, Failure, Secret, Secrets},
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

/// How Graph meters the reading of sign-ins.
pub fn metering(config: &str) -> Result<Allowance, Failure> {
    Config::parse(config)?;
    Ok(Allowance { events: collect::LIMIT, cost: 1, budget: collect::BUDGET, unit: "requests".to_owned() })
}

/// Whether sign-ins may be read.
pub fn check(config: &str, access_token: &str, send: impl FnOnce(Request, u64) -> Answer) -> Result<Identity, Failure> {
    collect::check(&Config::parse(config)?, access_token, send)
}

/// An app by itself has nobody who authorizes it.
pub fn authorize_url(config: &str) -> Result<String, Failure> {
    Config::parse(config).and_then(|_| Err(nobody("authorize")))
}

/// The same.
pub fn exchange(config: &str) -> Result<Credentials, Failure> {
    Config::parse(config).and_then(|_| Err(nobody("exchange a code")))
}

/// A token of an app comes without a second one.
pub fn refresh(config: &str) -> Result<Credentials, RefreshFailure> {
    Config::parse(config).map_err(RefreshFailure::Unsent)?;
    Err(RefreshFailure::Rejected(nobody("refresh a token")))
}

/// Entra has no way to end the token of an app before its hour.
pub fn revoke(config: &str) -> Result<(), Failure> {
    Config::parse(config).and_then(|_| Err(nobody("revoke a token")))
}

fn nobody(tried: &str) -> Failure {
    Failure::Invalid(format!(
        "cannot {tried}: the app signs in to Entra by itself, so that its token comes from the responder that the source names; name one"
    ))
}

/// The first checkpoint of a span.
pub fn begin(config: &str, span: Span, now: u64) -> Result<String, Failure> {
    collect::begin(&Config::parse(config)?, span, now)
}

/// The next page of a span.
pub fn collect(
    config: &str,
    access_token: &str,
    checkpoint: &str,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Page, Failure> {
    collect::collect(&Config::parse(config)?, access_token, checkpoint, now, send)
}

/// Stored records to events again.
pub fn normalize(config: &str, records: &[String]) -> Vec<Result<Event, String>> {
    match Config::parse(config) {
        Ok(_) => normalize::records(records),
        Err(failure) => records.iter().map(|_| Err(wrong(&failure))).collect(),
    }
}

/// Stored records to OCSF.
pub fn ocsf(config: &str, records: &[String]) -> Vec<Result<String, String>> {
    match Config::parse(config) {
        Ok(_) => ocsf::records(records),
        Err(failure) => records.iter().map(|_| Err(wrong(&failure))).collect(),
    }
}

fn wrong(failure: &Failure) -> String {
    format!("the configuration is wrong: {failure}")
}
