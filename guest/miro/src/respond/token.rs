//! Which token opens what. Both are configured and do not expire: nothing is asked for one.

use super::Config;
use crate::{
    responder::Action,
    types::{Credentials, Failure, Secrets},
};

/// The name of the API's token among the secrets.
pub(super) const ACCESS: &str = "access_token";
/// The name of SCIM's.
pub(super) const SCIM: &str = "scim_token";

pub(super) fn pick(config: &Config, secrets: &Secrets, action: Option<Action>) -> Result<Credentials, Failure> {
    let found = |name: &str| secrets.iter().find(|(key, secret)| key == name && !secret.is_empty()).map(|(_, secret)| secret.as_str());
    let named = |name: &str, why: &str| {
        found(name).map(|token| (name.to_owned(), token)).ok_or_else(|| Failure::Invalid(format!("the secret `{name}` is missing; {why}")))
    };
    let (name, token) = match action {
        Some(Action::SignOut) => named(ACCESS, "ending sessions at Miro takes the token of an app with the scope sessions:delete"),
        Some(Action::Suspend | Action::Restore) => {
            named(SCIM, "suspending and restoring at Miro takes the SCIM API token from Company settings")
        }
        Some(Action::Notify | Action::ConfirmCompromised) => Err(no_such()),
        None if config.organization.is_some() => {
            named(ACCESS, "`organization` is set, and looking up its members takes the token of an app with the scope organizations:read")
        }
        // Nothing is asked with it then: whichever there is will do.
        None => named(SCIM, "").or_else(|_| {
            named(ACCESS, "and so is `scim_token`; one of them must be there: the first ends sessions, the other suspends and restores")
        }),
    }?;
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::Invalid(format!("the secret `{name}` has a space or a line break in it; copy it again")));
    }
    Ok(Credentials { access_token: token.to_owned(), refresh_token: None, expires_at: None })
}

/// What is said to an order that Miro has nothing for.
pub(super) fn no_such() -> Failure {
    Failure::Invalid("Miro cannot do that; it can sign out, suspend and restore".to_owned())
}
