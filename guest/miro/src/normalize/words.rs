//! The words of an event name: what it was done to, what was done, and how it ended.

use crate::types::Outcome;

/// The words of an event name, in order: `board_opened` is `board`, `opened`.
pub(crate) fn words(action: &str) -> Vec<&str> {
    action.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// Whether one of `words` is in `list`, whatever its case, or `list` is empty.
pub(crate) fn mentions(words: &[&str], list: &[&str]) -> bool {
    list.is_empty() || words.iter().any(|word| list.iter().any(|wanted| wanted.eq_ignore_ascii_case(word)))
}

/// Words for a thing, and the kind they name, in Miro's singular.
const KINDS: &[(&str, &[&str])] = &[
    ("board", &["board", "boards"]),
    ("team", &["team", "teams"]),
    ("user", &["user", "users", "member", "members", "guest", "guests"]),
    ("account", &["account", "accounts"]),
    ("app", &["app", "apps", "application", "applications", "integration", "plugin"]),
    ("group", &["group", "groups", "usergroup"]),
    ("project", &["project", "projects", "space", "spaces"]),
    ("file", &["file", "files", "attachment", "document"]),
    ("template", &["template", "templates"]),
    ("comment", &["comment", "comments"]),
    ("organization", &["organization", "organizations", "company", "org"]),
    ("domain", &["domain", "domains"]),
    ("role", &["role", "roles"]),
    ("license", &["license", "licenses"]),
    ("token", &["token", "tokens"]),
    ("setting", &["setting", "settings", "policy", "policies", "sso", "saml", "scim", "allowlist"]),
];

/// What kind of thing an event is about: the first word of its name that is a thing. Miro's `object` does not say.
pub(crate) fn kind(words: &[&str]) -> Option<&'static str> {
    words.iter().find_map(|word| KINDS.iter().find(|(_, names)| mentions(&[word], names))).map(|(kind, _)| *kind)
}

/// Last words that say that it worked.
const SUCCEEDED: &[&str] = &["succeeded", "successful", "success", "completed"];
/// Last words that say that it did not.
const FAILED: &[&str] = &["failed", "failure", "denied", "rejected", "refused"];
/// Verbs in the past tense: an audit log says what was done, so these say that it worked.
const DONE: &[&str] = &[
    "accepted",
    "accessed",
    "activated",
    "added",
    "approved",
    "archived",
    "assigned",
    "changed",
    "copied",
    "created",
    "deactivated",
    "deleted",
    "demoted",
    "deprovisioned",
    "disabled",
    "downloaded",
    "duplicated",
    "edited",
    "enabled",
    "exported",
    "generated",
    "granted",
    "imported",
    "installed",
    "invited",
    "joined",
    "left",
    "locked",
    "modified",
    "moved",
    "opened",
    "promoted",
    "provisioned",
    "published",
    "reactivated",
    "registered",
    "removed",
    "renamed",
    "reset",
    "restored",
    "revoked",
    "rotated",
    "shared",
    "suspended",
    "transferred",
    "trashed",
    "unassigned",
    "uninstalled",
    "unlocked",
    "unpublished",
    "unshared",
    "updated",
    "uploaded",
    "viewed",
];

/// How the action ended: a word such as `succeeded` or `failed` anywhere decides; else a past-tense verb is a success; else nobody says.
pub(crate) fn outcome(words: &[&str]) -> Outcome {
    if mentions(words, FAILED) {
        Outcome::Failure
    } else if mentions(words, SUCCEEDED) || mentions(words, DONE) {
        Outcome::Success
    } else {
        Outcome::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_how_it_ended() {
        for (action, expected) in [
            ("sign_in_succeeded", Outcome::Success),
            ("sign_in_failed", Outcome::Failure),
            ("sign_out_succeeded", Outcome::Success),
            ("board_opened", Outcome::Success),
            ("user_created_failed", Outcome::Failure),
            ("something_else", Outcome::Unknown),
            ("", Outcome::Unknown),
        ] {
            assert_eq!(outcome(&words(action)), expected, "{action}");
        }
    }

    #[test]
    fn the_name_says_what_it_was_done_to() {
        for (action, expected) in [
            ("board_opened", Some("board")),
            ("team_member_added", Some("team")),
            ("USERS-invited", Some("user")),
            ("sign_in_failed", None),
            ("boarding", None),
        ] {
            assert_eq!(kind(&words(action)), expected, "{action}");
        }
    }
}
