//! Who may: application permissions, see <https://learn.microsoft.com/en-us/graph/permissions-reference>.

use std::collections::BTreeSet;

use super::refusal::Refusal;

/// Reading users.
pub(super) const READ: &[&str] = &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
/// Reading groups.
pub(super) const GROUPS: &[&str] = &["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"];
/// Seeing of a role more than that it is one.
pub(super) const ROLES: &[&str] = &["RoleManagement.Read.Directory", "Directory.Read.All", "Directory.ReadWrite.All"];
/// Revoking sessions, <https://learn.microsoft.com/en-us/graph/api/user-revokesigninsessions>.
pub(super) const REVOKE: &[&str] = &["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
/// Enabling and disabling, alone; the least one takes reading too, <https://learn.microsoft.com/en-us/graph/api/user-update>.
pub(super) const WRITE: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];

/// Whether one of them was granted.
pub(super) fn any(granted: &BTreeSet<String>, any: &[&str]) -> Result<(), Refusal> {
    if any.iter().any(|name| granted.contains(*name)) { Ok(()) } else { Err(Refusal::DENIED) }
}

/// Whether the app may enable and disable accounts.
pub(super) fn account(granted: &BTreeSet<String>) -> Result<(), Refusal> {
    any(granted, WRITE).or_else(|_| any(granted, &["User.EnableDisableAccount.All"]).and_then(|()| any(granted, READ)))
}
