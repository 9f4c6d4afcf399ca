//! Somebody in the directory, see <https://learn.microsoft.com/en-us/graph/api/resources/user>.

use serde::{Deserialize, Serialize};

/// Whose account it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserType {
    /// One of the customer's own.
    #[default]
    Member,
    /// Invited; signs in at home.
    Guest,
}

/// Somebody in the directory. The control door writes the fields as Graph does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Person {
    /// The object id: a GUID.
    pub id: String,
    /// What the person signs in with.
    pub user_principal_name: String,
    /// The primary address.
    pub mail: Option<String>,
    /// Further addresses that somebody wrote down.
    pub other_mails: Vec<String>,
    /// `SMTP:` and the primary address, `smtp:` and each further one.
    pub proxy_addresses: Vec<String>,
    /// The name. Written by people: quotes, line breaks and all.
    pub display_name: String,
    /// Whether the person gets in.
    pub account_enabled: bool,
    /// Whose account it is.
    pub user_type: UserType,
    /// Whether another directory keeps this account and overrides what is changed here.
    pub on_premises_sync_enabled: Option<bool>,
    /// The manager's object id.
    pub manager: Option<String>,
    /// Names of directory roles.
    pub roles: Vec<String>,
    /// Whether mail can be sent as this person.
    pub mailbox: bool,
    /// When the account was made, in milliseconds.
    pub created: u64,
    /// Before when no session holds any more, in milliseconds.
    pub sessions_from: u64,
}

/// The directory roles: name, `roleTemplateId`, and whether an app needs a role of its own to touch who has it, see
/// <https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/privileged-roles-permissions>.
pub(crate) const ROLES: &[(&str, &str, bool)] = &[
    ("Global Administrator", "62e90394-69f5-4237-9190-012177145e10", true),
    ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1", true),
    ("Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", false),
];

impl Person {
    /// Whether disabling this account takes more than a permission.
    pub fn is_privileged(&self) -> bool {
        ROLES.iter().any(|(name, _, privileged)| *privileged && self.roles.iter().any(|role| role == name))
    }

    /// Whether that is the person's object id or the name they sign in with.
    pub(crate) fn answers_to(&self, key: &str) -> bool {
        self.id.eq_ignore_ascii_case(key) || same(&self.user_principal_name, key)
    }
}

/// The directory takes no notice of case.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
