//! One user, written out: what is not selected is not there, and some of it never is unless it is selected.

use serde_json::{Map, Value, json};

use crate::directory::Person;

/// What can be selected.
pub(super) const PROPERTIES: &[&str] = &[
    "id",
    "displayName",
    "mail",
    "userPrincipalName",
    "givenName",
    "surname",
    "jobTitle",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "businessPhones",
    "accountEnabled",
    "userType",
    "onPremisesSyncEnabled",
    "otherMails",
    "proxyAddresses",
    "createdDateTime",
    "deletedDateTime",
    "signInSessionsValidFromDateTime",
];

/// What comes where nothing is selected.
const USUAL: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// The user with what is selected.
pub(super) fn written(person: &Person, select: Option<&[String]>) -> Map<String, Value> {
    written_at(person, select, None)
}

/// The same of somebody in the bin.
pub(super) fn written_at(person: &Person, select: Option<&[String]>, deleted: Option<u64>) -> Map<String, Value> {
    let value = |name: &str| match name {
        "id" => json!(person.id),
        "displayName" => json!(person.display_name),
        "mail" => json!(person.mail),
        "userPrincipalName" => json!(person.user_principal_name),
        "businessPhones" => json!([]),
        "accountEnabled" => json!(person.account_enabled),
        "userType" => json!(person.user_type),
        "onPremisesSyncEnabled" => json!(person.on_premises_sync_enabled),
        "otherMails" => json!(person.other_mails),
        "proxyAddresses" => json!(person.proxy_addresses),
        "createdDateTime" => json!(time(person.created)),
        "deletedDateTime" => json!(deleted.map(time)),
        "signInSessionsValidFromDateTime" => json!(time(person.sessions_from.max(person.created))),
        _ => Value::Null,
    };
    let all = |name: &str| (name.to_owned(), value(name));
    match select {
        Some(select) => select.iter().map(|name| all(name)).collect(),
        None => USUAL.iter().map(|name| all(name)).collect(),
    }
}

pub(super) fn time(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
