//! A member of the organization, as Miro writes one (<https://developers.miro.com/reference/enterprise-get-organization-members>).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::responder::{Account, Action};

/// The role of a Company Admin.
pub(super) const ADMIN: &str = "organization_internal_admin";
/// Roles that SCIM does not reach.
const OUTSIDE: [&str; 2] = ["organization_team_guest_user", "organization_external_user"];

/// What is read of a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) email: String,
    #[serde(default)]
    pub(super) active: Option<bool>,
    #[serde(default)]
    pub(super) role: Option<String>,
    #[serde(default, rename = "adminRoles")]
    admin_roles: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Page {
        data: Vec<Member>,
        cursor: Option<String>,
    },
    /// As some versions answer who was asked for by address.
    Bare(Vec<Member>),
}

/// Members and the way to the next page.
pub(super) fn page(text: &str) -> Option<(Vec<Member>, Option<String>)> {
    Some(match serde_json::from_str(text).ok()? {
        Listed::Page { data, cursor } => (data, cursor.filter(|cursor| !cursor.is_empty())),
        Listed::Bare(data) => (data, None),
    })
}

/// One member alone.
pub(super) fn one(text: &str) -> Option<Member> {
    serde_json::from_str(text).ok()
}

impl Member {
    /// Whether the member administers the organization and can do so.
    pub(super) fn is_admin(&self) -> bool {
        self.role.as_deref() == Some(ADMIN) && self.active != Some(false)
    }

    /// Whether that is the member's address.
    pub(super) fn is_at(&self, email: &str) -> bool {
        self.email.trim().to_lowercase() == email
    }

    pub(super) fn account(self, last_administrator: bool) -> Account {
        let outside = self.role.as_deref().is_some_and(|role| OUTSIDE.contains(&role));
        let reason =
            "it is a guest or comes from outside the organization, and Miro's SCIM does not reach those; remove it from its teams instead";
        let obstacles = [Action::Suspend, Action::Restore].into_iter().filter(|_| outside).map(|action| (action, reason.to_owned()));
        Account {
            roles: self.roles(),
            name: None,
            emails: vec![self.email.trim().to_lowercase()],
            enabled: self.active,
            last_administrator,
            obstacles: obstacles.collect(),
            id: self.id,
        }
    }

    /// Its administrative roles; `None` where Miro does not say what it is at all.
    fn roles(&self) -> Option<Vec<String>> {
        let role = self.role.as_deref().filter(|role| *role != "unknown")?;
        let name =
            |role: &Value| role.as_str().or_else(|| role.get("name").and_then(Value::as_str)).unwrap_or("an unnamed admin role").to_owned();
        let more = self.admin_roles.iter().flatten().map(name);
        Some((role == ADMIN).then(|| role.to_owned()).into_iter().chain(more).collect())
    }
}
