//! Acting on an account: the sessions end (`sign-out`), nobody gets in with it (`suspend`), or it is let in again (`restore`).
//!
//! Miro has two doors for that, each with a token of its own; which one a call is handed follows from the configuration and the
//! action alone, never from how a token looks:
//!
//! | call | token | request |
//! |---|---|---|
//! | [`resolve()`] with `organization` | `access_token` | `GET /v2/orgs/{org}/members…` |
//! | [`resolve()`] without | either, unused | none: the address is the account |
//! | [`respond()`], `sign-out` | `access_token` | `POST /v2/sessions/reset_all` |
//! | [`respond()`], `suspend`, `restore` | `scim_token` | `GET /Users?filter=…`, then `PATCH /Users/{id}` |
//!
//! What always holds: at most one request a call; a call without a state has no side effect; both side effects are the same when
//! they are done twice; a state does what its order says or nothing; `uncertain` is said only of a request that has an effect; no
//! token stands in a text or a trace.
//!
//! | file | noun |
//! |---|---|
//! | `config` | what an operator may set |
//! | `ability` | what it can do |
//! | `token` | which token opens what |
//! | `account` | whom to act on |
//! | `member` | the organization's members, as Miro writes them |
//! | `step` | the state between two calls, and what comes next |
//! | `session` | `POST /v2/sessions/reset_all` |
//! | `scim` | a user of Miro's SCIM |
//! | `exchange` | a request with a token, and its answer judged |

mod ability;
mod account;
mod config;
mod exchange;
mod member;
mod scim;
mod session;
mod step;
mod token;

#[cfg(test)]
mod tests;

pub use self::config::{Config, SCHEMA};
use crate::{
    http::{Answer, Request},
    responder::{Ability, Action, Order, Progress, Resolution, Setback, Target, Unsigned},
    types::{Credentials, Description, Failure, Secret, Secrets},
};

/// The most of an answer that is read: a hundred members are a few dozen kilobytes.
const CAP: u64 = 1 << 20;

/// About this component as a responder.
pub fn describe() -> Description {
    let secret = |name: &str, purpose: &str| Secret { name: name.to_owned(), purpose: purpose.to_owned(), required: false };
    Description {
        name: "miro".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_schema: SCHEMA.to_owned(),
        secrets: vec![
            secret(
                token::ACCESS,
                "for sign-out: the token of an app that a Company Admin installed, with the scope sessions:delete, and organizations:read where `organization` is set",
            ),
            secret(
                token::SCIM,
                "for suspend and restore: the SCIM API token, from Company settings, Enterprise integrations, SCIM provisioning",
            ),
        ],
    }
}

/// The origins it must reach.
pub fn origins(config: &str) -> Result<Vec<String>, Failure> {
    Config::parse(config).map(|config| config.origins())
}

/// What it can do.
pub fn abilities(config: &str) -> Result<Vec<Ability>, Failure> {
    Config::parse(config).map(|config| ability::all(&config))
}

/// Nothing is signed for Miro.
pub fn assertion(config: &str) -> Result<Unsigned, Failure> {
    Config::parse(config)?;
    Err(Failure::Invalid("Miro takes no signed assertion; configure its tokens as secrets".to_owned()))
}

/// The configured token that belongs to the action; without one, to [`resolve()`].
pub fn authenticate(config: &str, secrets: &Secrets, action: Option<Action>) -> Result<Credentials, Failure> {
    token::pick(&Config::parse(config)?, secrets, action)
}

/// The account.
pub fn resolve(
    config: &str,
    access_token: &str,
    target: &Target,
    state: Option<&str>,
    now: u64,
    send: impl FnOnce(Request, u64) -> Answer,
) -> Result<Resolution, Failure> {
    let config = Config::parse(config)?;
    match account::plan(&config, access_token, target, state)? {
        account::Plan::Told(resolution) => Ok(resolution),
        account::Plan::Ask(request, asked) => account::answer(access_token, target, asked, send(request, CAP), now),
    }
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
    let unsent = |failure| Setback { failure, uncertain: false, trace: None };
    let config = Config::parse(config).map_err(unsent)?;
    match step::plan(&config, access_token, order, state).map_err(unsent)? {
        step::Plan::Next(step) => Ok(Progress::More(step)),
        step::Plan::Ask(request, asked) => step::answer(access_token, order, asked, send(request, CAP), now),
    }
}
