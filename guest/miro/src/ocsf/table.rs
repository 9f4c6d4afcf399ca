//! Which class and activity an event name stands for: the first row that fits. Only four of Miro's names are published, so
//! the rows speak of words. What fits no row is [`OTHER`] of whatever class has room for what the event says.

use super::class::Class;
use crate::normalize::words::{mentions, words};

/// `activity_id` of what the class has no number for.
pub(super) const OTHER: u32 = 99;

/// One of `things` and one of `verbs` in the name; an empty list asks for nothing.
struct Row {
    things: &'static [&'static str],
    verbs: &'static [&'static str],
    class: Class,
    activity: u32,
}

const fn row(things: &'static [&'static str], verbs: &'static [&'static str], class: Class, activity: u32) -> Row {
    Row { things, verbs, class, activity }
}

const ANY: &[&str] = &[];
const SETTINGS: &[&str] = &[
    "setting",
    "settings",
    "policy",
    "policies",
    "sso",
    "saml",
    "scim",
    "domain",
    "domains",
    "allowlist",
    "whitelist",
    "logo",
    "retention",
    "classification",
    "privacy",
    "webhook",
    "siem",
    "ediscovery",
];
/// After the people, so that `organization_user_deactivated` is about the user.
const ORGANIZATION: &[&str] = &["company", "organization", "org"];
const TOKENS: &[&str] = &["token", "tokens", "key", "secret", "certificate", "credential", "credentials"];
const CONTENT: &[&str] = &[
    "board",
    "boards",
    "project",
    "projects",
    "space",
    "spaces",
    "template",
    "templates",
    "file",
    "files",
    "comment",
    "comments",
    "document",
    "attachment",
];
const CIRCLES: &[&str] = &["team", "teams", "group", "groups", "usergroup"];
const RIGHTS: &[&str] = &["role", "roles", "permission", "permissions", "license", "licenses", "admin", "administrator", "owner"];
const PEOPLE: &[&str] = &["user", "users", "member", "members", "account", "accounts", "guest", "guests", "collaborator"];
const FACTORS: &[&str] = &["mfa", "2fa", "factor"];
const APPS: &[&str] = &["app", "apps", "application", "applications", "integration", "integrations", "plugin", "addon"];

const TABLE: &[Row] = &[
    row(&["sign", "log"], &["in"], Class::Authentication, 1),
    row(&["login", "signin"], ANY, Class::Authentication, 1),
    row(&["sign", "log"], &["out"], Class::Authentication, 2),
    row(&["logout", "signout"], ANY, Class::Authentication, 2),
    row(TOKENS, &["created", "generated", "added", "issued"], Class::ApiActivity, 1),
    row(TOKENS, &["updated", "rotated", "changed", "regenerated"], Class::ApiActivity, 3),
    row(TOKENS, &["deleted", "revoked", "removed"], Class::ApiActivity, 4),
    row(SETTINGS, &["created", "added"], Class::EntityManagement, 1),
    row(SETTINGS, &["changed", "updated", "edited", "renamed", "modified"], Class::EntityManagement, 3),
    row(SETTINGS, &["deleted", "removed"], Class::EntityManagement, 4),
    row(SETTINGS, &["enabled", "activated"], Class::EntityManagement, 8),
    row(SETTINGS, &["disabled", "deactivated"], Class::EntityManagement, 9),
    row(CONTENT, &["created", "copied", "duplicated"], Class::WebResources, 1),
    row(CONTENT, &["opened", "viewed", "read", "accessed"], Class::WebResources, 2),
    row(
        CONTENT,
        &["updated", "changed", "edited", "renamed", "modified", "moved", "restored", "archived", "transferred", "unshared", "unpublished"],
        Class::WebResources,
        3,
    ),
    row(CONTENT, &["deleted", "trashed", "purged"], Class::WebResources, 4),
    row(CONTENT, &["imported", "uploaded"], Class::WebResources, 6),
    row(CONTENT, &["exported", "downloaded"], Class::WebResources, 7),
    row(CONTENT, &["shared", "published"], Class::WebResources, 8),
    row(RIGHTS, &["granted", "assigned", "added", "promoted", "changed", "updated"], Class::UserAccess, 1),
    row(RIGHTS, &["revoked", "unassigned", "removed", "demoted"], Class::UserAccess, 2),
    row(CIRCLES, &["added", "joined", "accepted"], Class::GroupManagement, 3),
    row(CIRCLES, &["removed", "left"], Class::GroupManagement, 4),
    row(CIRCLES, &["deleted"], Class::GroupManagement, 5),
    row(CIRCLES, &["created"], Class::GroupManagement, 6),
    row(CIRCLES, &["invited"], Class::GroupManagement, OTHER),
    row(CIRCLES, &["changed", "updated", "edited", "renamed", "modified"], Class::EntityManagement, 3),
    row(FACTORS, &["enabled", "added"], Class::AccountChange, 10),
    row(FACTORS, &["disabled", "removed"], Class::AccountChange, 11),
    row(&["password"], &["changed", "updated"], Class::AccountChange, 3),
    row(&["password"], &["reset"], Class::AccountChange, 4),
    row(PEOPLE, &["created", "registered", "provisioned"], Class::AccountChange, 1),
    row(PEOPLE, &["reactivated", "activated", "enabled", "restored"], Class::AccountChange, 2),
    row(PEOPLE, &["deactivated", "suspended", "disabled", "deprovisioned"], Class::AccountChange, 5),
    row(PEOPLE, &["deleted", "removed"], Class::AccountChange, 6),
    row(PEOPLE, &["locked"], Class::AccountChange, 9),
    row(PEOPLE, &["unlocked"], Class::AccountChange, 12),
    row(PEOPLE, &["invited"], Class::AccountChange, OTHER),
    row(ORGANIZATION, &["created"], Class::EntityManagement, 1),
    row(ORGANIZATION, &["changed", "updated", "edited", "renamed", "modified"], Class::EntityManagement, 3),
    row(ORGANIZATION, &["deleted"], Class::EntityManagement, 4),
    row(APPS, &["installed", "added"], Class::ApplicationLifecycle, 1),
    row(APPS, &["uninstalled", "removed", "deleted"], Class::ApplicationLifecycle, 2),
    row(APPS, &["enabled", "activated"], Class::ApplicationLifecycle, 6),
    row(APPS, &["disabled", "deactivated"], Class::ApplicationLifecycle, 7),
    row(APPS, &["updated", "changed"], Class::ApplicationLifecycle, 8),
];

/// The class and activity of an event name; `None` where no row fits.
pub(super) fn find(action: &str) -> Option<(Class, u32)> {
    let words = words(action);
    TABLE.iter().find(|row| mentions(&words, row.things) && mentions(&words, row.verbs)).map(|row| (row.class, row.activity))
}

/// Every activity that the table can choose.
#[cfg(test)]
pub(super) fn chosen() -> impl Iterator<Item = (Class, u32)> {
    TABLE.iter().map(|row| (row.class, row.activity))
}
