//! What it can do with a configuration, what that takes, and what it does not reach.

use crate::{
    config::Config,
    responder::{Ability, Action},
};

/// What goes on in spite of every action here: they end what Entra gave, and nothing that others gave.
pub(crate) const REST: &str = "a session that is already open in Miro, a sign-in to Miro with a password and Miro's API tokens go on";

/// Needed to find the account (<https://learn.microsoft.com/graph/api/user-list>) and the names of its administrative roles
/// (<https://learn.microsoft.com/graph/permissions-reference#rolemanagementreaddirectory>).
const FIND: [&str; 2] = ["User.Read.All", "RoleManagement.Read.Directory"];

/// What it can do. Notifying takes a mailbox to send from.
pub fn abilities(config: &Config) -> Vec<Ability> {
    let ability = |action, own: &[&str], reach: String, undo| Ability {
        action,
        permissions: own.iter().chain(&FIND).map(|&permission| permission.to_owned()).collect(),
        reach,
        undo,
    };
    let notify = config.sender.as_ref().map(|sender| {
        let reach = format!(
            "sends mail from {sender} to the account's mailbox; whoever holds the account may read it, and accepted is not yet delivered"
        );
        ability(Action::Notify, &["Mail.Send"], reach, None)
    });
    notify
        .into_iter()
        .chain([
            ability(
                Action::SignOut,
                &["User.RevokeSessions.All"],
                format!(
                    "ends the sessions and refresh tokens of all apps that sign in through Entra, within minutes; access tokens last until they \
                     expire, up to about an hour; a guest is not reached; {REST}"
                ),
                None,
            ),
            ability(
                Action::Suspend,
                &["User.EnableDisableAccount.All", "User.RevokeSessions.All"],
                format!(
                    "disables the account in Entra, so that nobody signs in with it anywhere, and ends its sessions; an account that is \
                     synchronized from Active Directory is enabled again by the next synchronization; {REST}"
                ),
                Some(Action::Restore),
            ),
            ability(
                Action::Restore,
                &["User.EnableDisableAccount.All"],
                "enables the account in Entra; sessions that were ended stay ended".to_owned(),
                None,
            ),
            ability(
                Action::ConfirmCompromised,
                &["IdentityRiskyUser.ReadWrite.All"],
                format!(
                    "sets the account's risk to high, and the tenant's own risk policies do the rest; without such a policy nothing happens; \
                     takes Entra ID P2; {REST}"
                ),
                None,
            ),
        ])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::abilities;
    use crate::{config::Config, responder::Action};

    #[test]
    fn without_a_mailbox_nobody_is_notified() {
        let config = |more: &str| Config::parse(&format!(r#"{{"tenant": "t", "client_id": "c"{more}}}"#)).unwrap();
        let actions = |config| abilities(&config).iter().map(|ability| ability.action).collect::<Vec<_>>();
        let all = [Action::Notify, Action::SignOut, Action::Suspend, Action::Restore, Action::ConfirmCompromised];
        assert_eq!(actions(config("")), all[1..]);
        assert_eq!(actions(config(r#", "sender": "soc@contoso.example""#)), all);
    }

    #[test]
    fn each_says_the_least_it_takes_and_what_goes_on_in_spite_of_it() {
        let config = Config::parse(r#"{"tenant": "t", "client_id": "c", "sender": "soc@contoso.example"}"#).unwrap();
        for ability in abilities(&config) {
            assert!(ability.permissions.iter().any(|permission| permission == "User.Read.All"));
            assert!(
                !ability
                    .permissions
                    .iter()
                    .any(|permission| permission.contains("Directory.ReadWrite") || permission == "User.ReadWrite.All")
            );
            assert_eq!(ability.undo, (ability.action == Action::Suspend).then_some(Action::Restore));
            let ends = !matches!(ability.action, Action::Notify | Action::Restore);
            assert_eq!(ability.reach.contains("Miro's API tokens go on"), ends, "{}", ability.reach);
        }
    }
}
