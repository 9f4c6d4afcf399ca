//! What it can do, and what goes on in spite of it.

use super::Config;
use crate::responder::{Ability, Action};

/// The scope that ending sessions takes.
pub(super) const SESSIONS: &str = "sessions:delete";
/// The scope that looking up members takes.
pub(super) const MEMBERS: &str = "organizations:read";
/// What stands for a permission where a token has no scopes.
pub(super) const SCIM: &str = "SCIM API token";

pub(super) fn all(config: &Config) -> Vec<Ability> {
    let ability = |action, permissions: &[&str], reach: &str, undo| Ability {
        action,
        permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
        reach: reach.to_owned(),
        undo,
    };
    // The look-up goes before every action, and needs the other token.
    let lookup: &[&str] = if config.organization.is_some() { &[MEMBERS] } else { &[] };
    vec![
        ability(
            Action::SignOut,
            &[&[SESSIONS], lookup].concat(),
            "Ends every session at Miro on every device. Who knows the password or gets in by single sign-on signs in again, and tokens of apps go on.",
            None,
        ),
        ability(
            Action::Suspend,
            &[&[SCIM], lookup].concat(),
            "Deactivates the account at Miro: nobody signs in with it, boards stay. Guests are out of reach, and an identity provider that provisions Miro can switch it on again.",
            Some(Action::Restore),
        ),
        ability(
            Action::Restore,
            &[&[SCIM], lookup].concat(),
            "Activates the account at Miro again, which can take a licence. An identity provider that provisions Miro can switch it off again.",
            Some(Action::Suspend),
        ),
    ]
}
