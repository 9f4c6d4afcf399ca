//! What can be done in Miro, and what it means.

/// A verb of the audit log with its traits, by the vocabulary of `wit/types.wit`.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: &'static str,
    pub(crate) traits: &'static [&'static str],
}

macro_rules! actions {
    ($($constant:ident $name:literal $traits:expr;)*) => {
        $(pub(crate) static $constant: Action = Action { name: $name, traits: &$traits };)*
    };
}

actions! {
    SIGN_IN "sign_in_succeeded" ["sign-in", "interactive"];
    SIGN_IN_FAILED "sign_in_failed" ["sign-in", "interactive"];
    SIGN_OUT "sign_out_succeeded" ["sign-out"];
    PASSWORD_CHANGED "password_changed" ["credential", "updated"];

    BOARD_OPENED "board_opened" ["read"];
    BOARD_CREATED "board_created" ["created"];
    BOARD_UPDATED "board_updated" ["updated"];
    BOARD_DELETED "board_deleted" ["deleted"];
    BOARD_EXPORTED "board_exported" ["exported"];
    BOARD_SHARED "board_shared" ["shared"];
    BOARD_LINK_MADE "board_public_link_created" ["shared", "created"];
    FILE_DOWNLOADED "board_file_downloaded" ["downloaded"];
    FILE_UPLOADED "board_file_uploaded" ["imported"];

    USER_INVITED "user_invited" ["account", "membership"];
    USER_CREATED "user_created" ["account", "created"];
    USER_DEACTIVATED "user_deactivated" ["account", "administrative"];
    USER_DELETED "user_deleted" ["account", "deleted", "administrative"];
    ROLE_CHANGED "user_role_changed" ["account", "updated", "administrative"];
    MEMBER_ADDED "team_member_added" ["membership", "administrative"];
    MEMBER_REMOVED "team_member_removed" ["membership", "administrative"];
    TEAM_CREATED "team_created" ["created", "administrative"];
    TEAM_UPDATED "team_settings_updated" ["updated", "administrative"];
    SSO_UPDATED "sso_settings_updated" ["updated", "administrative"];
    SHARING_UPDATED "sharing_policy_updated" ["updated", "administrative"];
    DOMAIN_ADDED "domain_added" ["created", "administrative"];
    TOKEN_GENERATED "api_token_generated" ["credential", "created", "administrative"];
    APP_INSTALLED "app_installed" ["application", "administrative"];
}
