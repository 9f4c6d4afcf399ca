//! What an event means to a detection, from its name.
//!
//! Only four of Miro's event names are published (<https://developers.miro.com/changelog/2023-06-13-changelog> and
//! <https://developers.miro.com/v1.0/reference/log-object>). They are listed exactly. Every other name is read word by word
//! with [`RULES`], all of which add up; a name that no rule knows gets `unmapped`. What the operator writes under
//! `traits` in the configuration replaces all of this for that name.

use std::collections::BTreeMap;

use super::words::{mentions, words};

/// The traits that the operator gives to event names, over the built-in table.
#[derive(Clone, Copy, Debug)]
pub struct Traits<'a> {
    overrides: Option<&'a BTreeMap<String, Vec<String>>>,
}

/// No meaning is known for this event name.
pub const UNMAPPED: &str = "unmapped";
/// The event had no identifier.
pub const ID_MADE: &str = "id-made";
/// The event had no readable time.
pub const TIME_GUESSED: &str = "time-guessed";

/// The published event names.
const EXACT: &[(&str, &[&str])] = &[
    ("sign_in_succeeded", &["sign-in", "interactive"]),
    ("sign_in_failed", &["sign-in", "interactive"]),
    ("sign_out_succeeded", &["sign-out"]),
    ("board_opened", &["read"]),
];

/// Words that together mean something: one of `things` and one of `verbs`, where an empty list asks for nothing.
struct Rule {
    things: &'static [&'static str],
    verbs: &'static [&'static str],
    traits: &'static [&'static str],
}

const ANY: &[&str] = &[];
const PEOPLE: &[&str] = &["user", "users", "member", "members", "account", "accounts", "guest", "guests", "collaborator"];
const CIRCLES: &[&str] =
    &["team", "teams", "group", "groups", "usergroup", "organization", "org", "board", "project", "space", "user", "member", "guest"];
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
    "company",
    "organization",
    "org",
    "logo",
    "retention",
    "classification",
    "privacy",
    "webhook",
    "siem",
    "ediscovery",
];

const RULES: &[Rule] = &[
    // Sessions, under names other than the published ones.
    Rule { things: &["sign", "log"], verbs: &["in"], traits: &["sign-in", "interactive"] },
    Rule { things: &["login", "signin"], verbs: ANY, traits: &["sign-in", "interactive"] },
    Rule { things: &["sign", "log"], verbs: &["out"], traits: &["sign-out"] },
    Rule { things: &["logout", "signout"], verbs: ANY, traits: &["sign-out"] },
    Rule { things: ANY, verbs: &["impersonated", "impersonation", "impersonate"], traits: &["impersonated"] },
    // The life of content and of accounts.
    Rule { things: ANY, verbs: &["created", "copied", "duplicated", "registered", "generated"], traits: &["created"] },
    Rule { things: ANY, verbs: &["opened", "viewed", "read", "accessed"], traits: &["read"] },
    Rule {
        things: ANY,
        verbs: &[
            "updated",
            "changed",
            "edited",
            "renamed",
            "modified",
            "moved",
            "transferred",
            "enabled",
            "disabled",
            "restored",
            "archived",
        ],
        traits: &["updated"],
    },
    Rule { things: ANY, verbs: &["deleted", "trashed", "purged"], traits: &["deleted"] },
    // Content crossing a boundary.
    Rule { things: ANY, verbs: &["shared", "published"], traits: &["shared"] },
    Rule { things: ANY, verbs: &["unshared", "unpublished"], traits: &["updated"] },
    Rule { things: ANY, verbs: &["exported", "export"], traits: &["exported"] },
    Rule { things: ANY, verbs: &["imported", "import", "uploaded"], traits: &["imported"] },
    Rule { things: ANY, verbs: &["downloaded", "download"], traits: &["downloaded"] },
    // Who belongs where.
    Rule { things: CIRCLES, verbs: &["invited", "joined", "left", "added", "removed", "accepted"], traits: &["membership"] },
    // Accounts.
    Rule { things: PEOPLE, verbs: &["created", "deleted", "updated", "invited", "registered"], traits: &["account"] },
    Rule {
        things: ANY,
        verbs: &["deactivated", "reactivated", "activated", "suspended", "provisioned", "deprovisioned", "locked", "unlocked"],
        traits: &["account", "administrative"],
    },
    Rule {
        things: &["role", "roles", "permission", "permissions", "license", "licenses", "admin", "administrator", "owner"],
        verbs: &[
            "changed",
            "updated",
            "granted",
            "revoked",
            "assigned",
            "unassigned",
            "promoted",
            "demoted",
            "added",
            "removed",
            "created",
            "deleted",
            "transferred",
        ],
        traits: &["account", "administrative"],
    },
    // What opens an account.
    Rule {
        things: &["password", "token", "tokens", "mfa", "2fa", "factor", "key", "secret", "credential", "credentials", "certificate"],
        verbs: ANY,
        traits: &["credential"],
    },
    // Integrations.
    Rule {
        things: &["app", "apps", "application", "applications", "integration", "integrations", "plugin", "addon"],
        verbs: ANY,
        traits: &["application"],
    },
    Rule { things: ANY, verbs: &["installed", "uninstalled"], traits: &["application", "administrative"] },
    // Administration.
    Rule {
        things: &["team", "teams", "group", "groups", "usergroup"],
        verbs: &["created", "deleted", "renamed", "updated"],
        traits: &["administrative"],
    },
    Rule {
        things: SETTINGS,
        verbs: &["created", "changed", "updated", "enabled", "disabled", "added", "removed", "deleted", "generated"],
        traits: &["administrative"],
    },
];

impl<'a> Traits<'a> {
    /// The built-in table and, over it, what the operator says.
    #[must_use]
    pub const fn new(overrides: &'a BTreeMap<String, Vec<String>>) -> Self {
        Self { overrides: Some(overrides) }
    }

    /// The built-in table alone.
    #[must_use]
    pub const fn built_in() -> Self {
        Self { overrides: None }
    }

    /// What the event name `action` means.
    #[must_use]
    pub fn of(&self, action: &str) -> Vec<String> {
        if let Some(told) = self.overrides.and_then(|overrides| overrides.get(action)) {
            return told.clone();
        }
        if let Some((_, known)) = EXACT.iter().find(|(name, _)| *name == action) {
            return known.iter().map(|&name| name.to_owned()).collect();
        }
        let words = words(action);
        let mut found: Vec<String> = Vec::new();
        for rule in RULES.iter().filter(|rule| mentions(&words, rule.things) && mentions(&words, rule.verbs)) {
            for &name in rule.traits {
                if !found.iter().any(|known| known == name) {
                    found.push(name.to_owned());
                }
            }
        }
        if found.is_empty() {
            found.push(UNMAPPED.to_owned());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_the_table_says() {
        for (action, expected) in [
            ("sign_in_succeeded", &["sign-in", "interactive"][..]),
            ("sign_in_failed", &["sign-in", "interactive"]),
            ("sign_out_succeeded", &["sign-out"]),
            ("board_opened", &["read"]),
            ("board_created", &["created"]),
            ("board_exported", &["exported"]),
            ("board_shared", &["shared"]),
            ("user_invited", &["membership", "account"]),
            ("user_deactivated", &["account", "administrative"]),
            ("team_member_added", &["membership"]),
            ("team_deleted", &["deleted", "administrative"]),
            ("app_installed", &["application", "administrative"]),
            ("user_role_changed", &["updated", "account", "administrative"]),
            ("scim_token_generated", &["created", "credential", "administrative"]),
            ("sso_settings_updated", &["updated", "administrative"]),
            ("unheard_of", &["unmapped"]),
            ("", &["unmapped"]),
        ] {
            assert_eq!(Traits::built_in().of(action), expected, "{action}");
        }
    }

    #[test]
    fn the_operator_replaces_the_table() {
        let told = BTreeMap::from([("board_opened".to_owned(), vec!["downloaded".to_owned()]), ("noise".to_owned(), Vec::new())]);
        assert_eq!(Traits::new(&told).of("board_opened"), ["downloaded"]);
        assert_eq!(Traits::new(&told).of("noise"), [""; 0]);
        assert_eq!(Traits::new(&told).of("board_created"), ["created"]);
    }
}
