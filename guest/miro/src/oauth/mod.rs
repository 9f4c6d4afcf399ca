//! OAuth 2.0 as Miro does it. For each operation one function makes the request and one judges its answer; neither sends.
//!
//! | operation | request | answer |
//! |---|---|---|
//! | [`authorize_url()`] | none: a person's browser goes there | a redirect with a code |
//! | [`exchange`], [`exchange_answer`] | `POST /v1/oauth/token`, form | credentials |
//! | [`refresh`], [`refresh_answer`] | `POST /v1/oauth/token`, form | a new pair; **the old pair is dead** |
//! | [`check()`], [`check_answer`] | `GET /v1/oauth-token` | organization, user, scopes |
//! | [`revoke()`], [`revoke_answer`] | `POST /v2/oauth/revoke`, JSON | 204 |
//!
//! What always holds: no secret stands in an address or in a text for people. Miro's own words are passed on without the
//! secrets that were sent and without anything else that looks like one. A token without `expires_in` does not expire.

pub(crate) mod answer;
mod authorize;
mod check;
mod revoke;
mod token;

#[cfg(test)]
mod tests;

pub use self::{
    authorize::authorize_url,
    check::{SCOPE, check, check_answer},
    revoke::{revoke, revoke_answer},
    token::{exchange, exchange_answer, refresh, refresh_answer},
};
use crate::{
    config::Config,
    types::{Failure, Secrets},
};

/// The name of the app's secret among the secrets.
pub const CLIENT_SECRET: &str = "client_secret";

fn client_id(config: &Config) -> Result<&str, Failure> {
    config.client_id.as_deref().filter(|id| !id.is_empty()).ok_or_else(|| {
        Failure::Invalid(
            "`client_id` is missing in the configuration; copy it from App Credentials in the app's settings at Miro".to_owned(),
        )
    })
}

fn client_secret(secrets: &Secrets) -> Result<&str, Failure> {
    let found = secrets.iter().find(|(name, secret)| name == CLIENT_SECRET && !secret.is_empty());
    found.map(|(_, secret)| secret.as_str()).ok_or_else(|| {
        Failure::Invalid(format!("the secret `{CLIENT_SECRET}` is missing; copy it from App Credentials in the app's settings at Miro"))
    })
}
