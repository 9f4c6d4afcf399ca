//! The classes of OCSF 1.8.0 that Miro's events fall into, <https://schema.ocsf.io/1.8.0/classes>.

/// A class of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// An event that no class describes.
    Base,
    AccountChange,
    Authentication,
    EntityManagement,
    UserAccess,
    GroupManagement,
    WebResources,
    ApplicationLifecycle,
    ApiActivity,
}

impl Class {
    /// `class_uid`.
    pub(super) fn uid(self) -> u32 {
        self.facts().0
    }

    /// `class_name`.
    pub(super) fn name(self) -> &'static str {
        self.facts().1
    }

    /// `category_uid` and `category_name`.
    pub(super) fn category(self) -> (u32, &'static str) {
        match self.uid() / 1000 {
            3 => (3, "Identity & Access Management"),
            6 => (6, "Application Activity"),
            _ => (0, "Uncategorized"),
        }
    }

    /// The caption of an activity; `None` for 99, where the vendor's own word stands instead.
    pub(super) fn activity(self, id: u32) -> Option<&'static str> {
        match id {
            0 => Some("Unknown"),
            id => self.facts().2.iter().find(|(known, _)| *known == id).map(|(_, name)| *name),
        }
    }

    /// Whether the class itself, without any profile, says who acted.
    pub(super) fn has_actor(self) -> bool {
        !matches!(self, Self::Base | Self::WebResources | Self::ApplicationLifecycle)
    }

    /// Whether the class says where the request came from.
    pub(super) fn has_source(self) -> bool {
        !matches!(self, Self::Base | Self::ApplicationLifecycle)
    }

    fn facts(self) -> (u32, &'static str, &'static [(u32, &'static str)]) {
        match self {
            Self::Base => (0, "Base Event", &[]),
            Self::AccountChange => (
                3001,
                "Account Change",
                &[
                    (1, "Create"),
                    (2, "Enable"),
                    (3, "Password Change"),
                    (4, "Password Reset"),
                    (5, "Disable"),
                    (6, "Delete"),
                    (9, "Lock"),
                    (10, "MFA Factor Enable"),
                    (11, "MFA Factor Disable"),
                    (12, "Unlock"),
                ],
            ),
            Self::Authentication => (3002, "Authentication", &[(1, "Logon"), (2, "Logoff")]),
            Self::EntityManagement => {
                (3004, "Entity Management", &[(1, "Create"), (2, "Read"), (3, "Update"), (4, "Delete"), (8, "Enable"), (9, "Disable")])
            }
            Self::UserAccess => (3005, "User Access Management", &[(1, "Assign Privileges"), (2, "Revoke Privileges")]),
            Self::GroupManagement => (3006, "Group Management", &[(3, "Add User"), (4, "Remove User"), (5, "Delete"), (6, "Create")]),
            Self::WebResources => (
                6001,
                "Web Resources Activity",
                &[(1, "Create"), (2, "Read"), (3, "Update"), (4, "Delete"), (6, "Import"), (7, "Export"), (8, "Share")],
            ),
            Self::ApplicationLifecycle => {
                (6002, "Application Lifecycle", &[(1, "Install"), (2, "Remove"), (6, "Enable"), (7, "Disable"), (8, "Update")])
            }
            Self::ApiActivity => (6003, "API Activity", &[(1, "Create"), (2, "Read"), (3, "Update"), (4, "Delete")]),
        }
    }
}
