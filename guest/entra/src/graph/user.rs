//! An account as Graph writes it: <https://learn.microsoft.com/graph/api/resources/user>.

use serde::Deserialize;

use super::Loose;
use crate::words;

/// The most addresses of one account that are kept.
const ADDRESSES: usize = 400;
/// The longest identifier.
const ID: usize = 128;

/// An account as Graph writes it. Members are there where they were selected and may be read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(missing_docs, reason = "Graph's own members, by Graph's own names")]
pub struct User {
    pub id: Loose,
    pub display_name: Loose,
    pub user_principal_name: Loose,
    pub mail: Loose,
    pub other_mails: Loose,
    pub proxy_addresses: Loose,
    pub account_enabled: Loose,
    pub user_type: Loose,
    pub on_premises_sync_enabled: Loose,
    pub deleted_date_time: Loose,
    /// Why it is no longer in a list of changes.
    #[serde(rename = "@removed")]
    pub removed: Loose,
}

impl User {
    /// Its identifier; `None` for what cannot be one.
    pub fn id(&self) -> Option<&str> {
        self.id.text().filter(|id| id.len() <= ID && id.bytes().all(|byte| byte.is_ascii_graphic()))
    }

    /// What it is called.
    pub fn name(&self) -> Option<String> {
        self.display_name.text().and_then(words::name)
    }

    /// Its addresses, each once: what it signs in with, its mailbox, other mail, and what its mailbox also answers to.
    pub fn addresses(&self) -> Vec<String> {
        // Of a deleted account the name begins with its identifier, so that the name is free again:
        // https://learn.microsoft.com/graph/api/resources/directory
        let undeleted = |name: &str| match self.id.text().map(|id| id.replace('-', "")) {
            Some(id) if self.deleted_date_time.is_there() && name.get(..id.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(&id)) => {
                name.get(id.len()..).unwrap_or_default().to_owned()
            }
            _ => name.to_owned(),
        };
        // Others are no mail: `x500:`, `sip:`.
        let mailed = self.proxy_addresses.texts().iter().filter_map(|proxy| match proxy.split_once(':') {
            Some((kind, address)) => kind.eq_ignore_ascii_case("smtp").then(|| address.to_owned()),
            None => Some(proxy.clone()),
        });
        let known = [self.user_principal_name.text().map(undeleted), self.mail.text().map(str::to_owned)];
        let mut found: Vec<String> = Vec::new();
        for address in known.into_iter().flatten().chain(self.other_mails.texts().iter().cloned()).chain(mailed) {
            if let Some(address) = words::address(&address)
                && !found.contains(&address)
                && found.len() < ADDRESSES
            {
                found.push(address);
            }
        }
        found
    }

    /// Whether it signs in at another tenant.
    pub fn is_guest(&self) -> bool {
        let external = self.user_principal_name.text().is_some_and(|name| name.to_ascii_uppercase().contains("#EXT#"));
        external || self.user_type.text().is_some_and(|kind| kind.eq_ignore_ascii_case("guest"))
    }
}

#[cfg(test)]
mod tests {
    use super::User;

    fn user(text: &str) -> User {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn addresses_are_lower_case_each_once_and_only_those_of_mail() {
        let ann = user(
            r#"{"id": "1", "userPrincipalName": "Ann@Contoso.example", "mail": "ann@contoso.example", "otherMails": ["ann@home.example", 5, null],
                "proxyAddresses": ["SMTP:Ann@contoso.example", "smtp:a.nn@contoso.example", "x500:/o=a@b", "sip:ann@sip.example"]}"#,
        );
        assert_eq!(ann.addresses(), ["ann@contoso.example", "ann@home.example", "a.nn@contoso.example"]);
    }

    #[test]
    fn a_deleted_name_loses_the_identifier_before_it() {
        let text =
            r#"{"id": "6E7B768E-07e2-4810-8459-485f84f8f204", "userPrincipalName": "6e7b768e07e248108459485f84f8f204ann@contoso.example"}"#;
        assert_eq!(user(text).addresses(), ["6e7b768e07e248108459485f84f8f204ann@contoso.example"], "it is not deleted");
        let deleted = text.replace("{\"id\"", "{\"deletedDateTime\": \"2024-06-01T00:00:00Z\", \"id\"");
        assert_eq!(user(&deleted).addresses(), ["ann@contoso.example"]);
    }

    #[test]
    fn a_guest_is_known_by_its_type_or_its_name() {
        assert!(user(r#"{"userType": "Guest"}"#).is_guest());
        assert!(user(r#"{"userPrincipalName": "bob_home.example#ext#@contoso.example", "userType": "Member"}"#).is_guest());
        assert!(!user(r#"{"userType": "Member", "userPrincipalName": "ann@contoso.example"}"#).is_guest());
    }

    #[test]
    fn members_of_any_type_are_read_and_none_fails_it() {
        let odd =
            user(r#"{"id": {"a": 1}, "mail": ["x"], "otherMails": "y@z", "accountEnabled": "true", "proxyAddresses": {}, "userType": 3}"#);
        assert_eq!((odd.id(), odd.addresses().len(), odd.account_enabled.truth(), odd.is_guest()), (None, 0, None, false));
        assert_eq!(user(&format!(r#"{{"id": "{}"}}"#, "x".repeat(200))).id(), None);
    }
}
